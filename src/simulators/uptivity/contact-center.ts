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

/** Records a call, audio and screen, and makes it the agent's active one. */
const record = ({ random, switches }: ContactCenterOptions, agent: SimulatedAgent, call: SimulatedCall): void => {
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

const hold = ({ switches }: ContactCenterOptions, agent: SimulatedAgent): void => {
  if (!agent.ActiveCall) return;
  agent.ActiveCall.CallState = switches.heldCallState;
  agent.InactiveCalls.push(agent.ActiveCall);
  agent.ActiveCall = null;
};

const takeCall = (options: ContactCenterOptions, agent: SimulatedAgent, direction: 'I' | 'O'): SimulatedCall => {
  const { clock, random, switches } = options;
  hold(options, agent);
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
  record(options, agent, call);
  return call;
};

const resume = (options: ContactCenterOptions, agent: SimulatedAgent): void => {
  const call = agent.InactiveCalls.pop();
  hold(options, agent);
  if (!call) return;
  call.CallState = 'OnCall';
  agent.ActiveCall = call;
};

const pickUp = (options: ContactCenterOptions, from: SimulatedAgent, to: SimulatedAgent): void => {
  const call = from.InactiveCalls.pop();
  if (!call) return;
  hold(options, to);
  call.Metadata.deviceid = to.DeviceId;
  record(options, to, call);
  options.onCallEnd(from);
};

const hangUp = ({ onCallEnd }: ContactCenterOptions, agent: SimulatedAgent): void => {
  if (!agent.ActiveCall) return;
  agent.ActiveCall = null;
  onCallEnd(agent);
};

export const createContactCenter = (options: ContactCenterOptions): ContactCenter => ({
  takeCall: (agent, direction = options.random.chance(0.7) ? 'I' : 'O') => takeCall(options, agent, direction),
  hold: (agent) => hold(options, agent),
  resume: (agent) => resume(options, agent),
  pickUp: (from, to) => pickUp(options, from, to),
  hangUp: (agent) => hangUp(options, agent),
});
