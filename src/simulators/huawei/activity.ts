/** A working day that plays by itself: agents who are signed in take calls, hold, transfer, wrap up and take breaks. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { Random } from '../kit/random.ts';
import { agentStates, type ContactCenter } from './contact-center.ts';
import type { GatewaySessions } from './sessions.ts';

interface ActivityOptions {
  contactCenter: ContactCenter;
  sessions: GatewaySessions;
  clock: Clock;
  random: Random;
}

interface Activity extends ActivityOptions {
  /** Cancels the next step of each agent. */
  pending: Map<string, () => void>;
}

const next = ({ clock, pending }: Activity, workNo: string, step: { ms: number; work(): void }): void => {
  pending.set(workNo, clock.after(step.ms, step.work));
};

const seconds = ({ random }: Activity, from: number, to: number): number => 1000 * (from + random.next() * (to - from));

const waitForCall = (activity: Activity, workNo: string): void =>
  next(activity, workNo, { ms: seconds(activity, 3, 12), work: () => chooseStep(activity, workNo) });

const backToWork = (activity: Activity, workNo: string, eventType: string): void => {
  activity.contactCenter.setState(workNo, agentStates.idle);
  activity.sessions.emit(workNo, eventType, null);
  waitForCall(activity, workNo);
};

const takeBreak = (activity: Activity, workNo: string): void => {
  activity.contactCenter.setState(workNo, agentStates.rest);
  activity.sessions.emit(workNo, 'AgentState_SetRest_Success', { reason: '200' });
  const work = () => backToWork(activity, workNo, 'AgentState_CancelRest_Success');
  next(activity, workNo, { ms: seconds(activity, 8, 15), work });
};

const takeCall = (activity: Activity, workNo: string): void => {
  const { contactCenter, random } = activity;
  const isOutbound = random.chance(0.25);
  const customer = `8888${String(random.below(10_000)).padStart(4, '0')}`;
  const call = contactCenter.ring(workNo, isOutbound ? { caller: '310300', called: customer, feature: '7' } : { caller: customer });
  const work = () => {
    contactCenter.talk(workNo, call.callId);
    converse(activity, workNo, { callId: call.callId, turns: 3 });
  };
  next(activity, workNo, { ms: seconds(activity, 1, 3), work });
};

const chooseStep = (activity: Activity, workNo: string): void => {
  const { contactCenter, sessions, random } = activity;
  const [call] = contactCenter.callsOf(workNo);
  if (!sessions.has(workNo) || contactCenter.stateOf(workNo) === agentStates.busy) waitForCall(activity, workNo);
  else if (call) converse(activity, workNo, { callId: call.callId, turns: 1 });
  else if (random.chance(0.1)) takeBreak(activity, workNo);
  else takeCall(activity, workNo);
};

interface Conversation {
  callId: string;
  /** How often it may still be held, handed on or just go on. */
  turns: number;
}

const converse = (activity: Activity, workNo: string, conversation: Conversation): void =>
  next(activity, workNo, { ms: seconds(activity, 5, 12), work: () => takeTurn(activity, workNo, conversation) });

const takeTurn = (activity: Activity, workNo: string, { callId, turns }: Conversation): void => {
  const { contactCenter, random } = activity;
  const call = contactCenter.callsOf(workNo).find((one) => one.callId === callId);
  if (!call) waitForCall(activity, workNo);
  else if (call.held) {
    contactCenter.retrieve(workNo, callId);
    converse(activity, workNo, { callId, turns: turns - 1 });
  } else goOn(activity, workNo, { callId, turns, luck: random.next() });
};

const goOn = (activity: Activity, workNo: string, { callId, turns, luck }: Conversation & { luck: number }): void => {
  const { contactCenter, sessions, pending } = activity;
  const colleague = sessions.signedIn().find((other) => other !== workNo && contactCenter.stateOf(other) === agentStates.idle);
  if (turns > 0 && luck < 0.25) {
    contactCenter.hold(workNo, callId);
    converse(activity, workNo, { callId, turns });
  } else if (turns > 0 && luck < 0.35 && colleague !== undefined) {
    contactCenter.transfer(workNo, colleague, callId);
    pending.get(colleague)?.();
    converse(activity, colleague, { callId, turns: turns - 1 });
    waitForCall(activity, workNo);
  } else if (turns > 0 && luck < 0.8) {
    converse(activity, workNo, { callId, turns: turns - 1 });
  } else {
    contactCenter.release(workNo, callId, 'wrapUp');
    const work = () => backToWork(activity, workNo, 'AgentState_CancelWork_Success');
    next(activity, workNo, { ms: seconds(activity, 2, 5), work });
  }
};

/** Starts the day; the returned function ends it. */
export const startActivity = (options: ActivityOptions): (() => void) => {
  const activity: Activity = { ...options, pending: new Map() };
  for (const workNo of options.contactCenter.agents.keys()) waitForCall(activity, workNo);
  return () => {
    for (const cancel of activity.pending.values()) cancel();
  };
};
