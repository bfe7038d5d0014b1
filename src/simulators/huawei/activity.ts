/** A working day that plays by itself: agents who are signed in take calls, hold, transfer, wrap up and take breaks. */
import type { Clock } from '../../domain/ports/clock.ts';
import { createRandom } from '../kit/random.ts';
import { agentStates } from './contact-center.ts';
import type { HuaweiSimulator } from './server.ts';

/** Starts the day; the returned function ends it. */
export const startActivity = ({ contactCenter, sessions }: HuaweiSimulator, clock: Clock, seed: number): (() => void) => {
  const { next: chance } = createRandom(seed);
  const seconds = (from: number, to: number) => 1000 * (from + chance() * (to - from));
  const pending = new Map<string, () => void>();
  const next = (workNo: string, ms: number, step: () => void) => {
    pending.set(workNo, clock.after(ms, step));
  };

  const idle = (workNo: string) => next(workNo, seconds(3, 12), () => choose(workNo));

  const choose = (workNo: string) => {
    if (!sessions.has(workNo) || contactCenter.stateOf(workNo) === agentStates.busy) return idle(workNo);
    if (contactCenter.callsOf(workNo).length > 0) return converse(workNo, contactCenter.callsOf(workNo)[0]!.callId, 1);
    if (chance() < 0.1) {
      contactCenter.setState(workNo, agentStates.rest);
      sessions.emit(workNo, 'AgentState_SetRest_Success', { reason: '200' });
      return next(workNo, seconds(8, 15), () => backToWork(workNo, 'AgentState_CancelRest_Success'));
    }
    const outbound = chance() < 0.25;
    const customer = `8888${String(Math.floor(chance() * 10_000)).padStart(4, '0')}`;
    const call = contactCenter.ring(workNo, outbound ? { caller: '310300', called: customer, feature: '7' } : { caller: customer });
    next(workNo, seconds(1, 3), () => {
      contactCenter.talk(workNo, call.callId);
      converse(workNo, call.callId, 3);
    });
  };

  const backToWork = (workNo: string, eventType: string) => {
    contactCenter.setState(workNo, agentStates.idle);
    sessions.emit(workNo, eventType, null);
    idle(workNo);
  };

  const converse = (workNo: string, callId: string, turns: number) =>
    next(workNo, seconds(5, 12), () => {
      const call = contactCenter.callsOf(workNo).find((one) => one.callId === callId);
      if (!call) return idle(workNo);
      if (call.held) {
        contactCenter.retrieve(workNo, callId);
        return converse(workNo, callId, turns - 1);
      }
      const luck = chance();
      const colleague = sessions.signedIn().find((other) => other !== workNo && contactCenter.stateOf(other) === agentStates.idle);
      if (turns > 0 && luck < 0.25) {
        contactCenter.hold(workNo, callId);
        return converse(workNo, callId, turns);
      }
      if (turns > 0 && luck < 0.35 && colleague !== undefined) {
        contactCenter.transfer(workNo, colleague, callId);
        pending.get(colleague)?.();
        converse(colleague, callId, turns - 1);
        return idle(workNo);
      }
      if (turns > 0 && luck < 0.8) return converse(workNo, callId, turns - 1);
      contactCenter.release(workNo, callId, 'wrapUp');
      next(workNo, seconds(2, 5), () => backToWork(workNo, 'AgentState_CancelWork_Success'));
    });

  for (const workNo of contactCenter.agents.keys()) idle(workNo);
  return () => {
    for (const cancel of pending.values()) cancel();
  };
};
