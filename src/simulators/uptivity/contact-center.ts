import type { Clock } from '../../domain/ports/clock.ts';
import type { Random } from '../kit/random.ts';
import { newCall, type SimulatedAgent, type SimulatedCall } from './agent.ts';
import { recorderTime } from './recorder-time.ts';
import type { UptivitySwitches } from './switches.ts';

/** The actions of agents in a contact centre, by hand in tests and by chance in the demo. */
export interface ContactCenter {
  /** Takes a call; what the agent was in goes on hold. Audio and screen recordings start with it. */
  takeCall(agent: SimulatedAgent, direction?: 'I' | 'O'): SimulatedCall;
  /** Holds or parks the active call. */
  hold(agent: SimulatedAgent): void;
  /** Takes the call that was held last up again. */
  resume(agent: SimulatedAgent): void;
  /** Lets go of a call on hold, which the other agent picks up: the same call, recorded anew at its new place. */
  pickUp(from: SimulatedAgent, to: SimulatedAgent): void;
  /** Ends the active call. */
  hangUp(agent: SimulatedAgent): void;
}

interface ContactCenterOptions {
  clock: Clock;
  random: Random;
  switches: UptivitySwitches;
  /** Called when a call of an agent has ended. */
  onCallEnd: (agent: SimulatedAgent) => void;
}

export const createContactCenter = ({ clock, random, switches, onCallEnd }: ContactCenterOptions): ContactCenter => {
  const record = (agent: SimulatedAgent, call: SimulatedCall) => {
    call.Recordings = [
      { RecordingIdentifier: random.guid(), IsDuplicate: false, RecordingState: 'Recording', CallInstance: call.CallInstance },
    ];
    call.ScreenRecordings = [
      {
        RelatedCallInstance: call.CallInstance,
        ScreenRecordingidentifier: switches.screenIdentifier === 'atStart' ? random.guid() : '',
        RecordingState: 'Recording',
      },
    ];
    call.CallState = 'OnCall';
    agent.ActiveCall = call;
  };
  const hold: ContactCenter['hold'] = (agent) => {
    if (!agent.ActiveCall) return;
    agent.ActiveCall.CallState = switches.heldCallState;
    agent.InactiveCalls.push(agent.ActiveCall);
    agent.ActiveCall = null;
  };
  return {
    hold,
    takeCall: (agent, direction = random.chance(0.7) ? 'I' : 'O') => {
      hold(agent);
      const customer = `2125550${String(100 + random.below(100))}`;
      const call = newCall(agent, {
        callInstance: `${random.hex(8)}-${random.hex(8)}-${random.hex(8)}@10.100.6.20`,
        direction,
        ani: direction === 'I' ? customer : agent.AgentPhone,
        dnis: direction === 'I' ? '4000' : customer,
        gate: random.pick(['12', '14', '21']),
        skillGroup: random.pick(['40', '41']),
        startTime: recorderTime(clock.now(), switches.timeZone, switches.dateOrder),
      });
      record(agent, call);
      return call;
    },
    resume: (agent) => {
      const call = agent.InactiveCalls.pop();
      hold(agent);
      if (!call) return;
      call.CallState = 'OnCall';
      agent.ActiveCall = call;
    },
    pickUp: (from, to) => {
      const call = from.InactiveCalls.pop();
      if (!call) return;
      hold(to);
      call.Metadata.deviceid = to.DeviceId;
      record(to, call);
      onCallEnd(from);
    },
    hangUp: (agent) => {
      if (!agent.ActiveCall) return;
      agent.ActiveCall = null;
      onCallEnd(agent);
    },
  };
};
