import { ExpectedError, type ProblemCode, type VendorCommand } from '../kit/index.ts';
import { recordingState } from './recordings.ts';
import type { UptivitySource } from './source.ts';
import type { WireAgent, WireCommand } from './wire.ts';

interface Reason {
  code: ProblemCode;
  why: string;
}

const isLive = (recording: { RecordingState: string | null }) => recordingState(recording.RecordingState) !== 'STOPPED';
const callsOf = (agent: WireAgent) => [...(agent.ActiveCall ? [agent.ActiveCall] : []), ...agent.InactiveCalls];

const notInCall = (agent: WireAgent): Reason | null =>
  agent.ActiveCall
    ? null
    : {
        code: 'NOT_IN_CALL',
        why:
          agent.InactiveCalls.length > 0
            ? 'the agent has only held or parked calls; retry when the agent resumes one'
            : 'the agent is not on a call; retry during a call',
      };

const noAudio = (agent: WireAgent, duplicate: boolean): Reason | null => {
  const calls = duplicate ? callsOf(agent) : agent.ActiveCall ? [agent.ActiveCall] : [];
  return calls.some((call) => call.Recordings.some((recording) => recording.IsDuplicate === duplicate && isLive(recording)))
    ? null
    : { code: 'NOT_RECORDING', why: `the agent's call has no ${duplicate ? 'duplicate recording' : 'recording'} that is running` };
};

const noScreen = (agent: WireAgent): Reason | null =>
  [...callsOf(agent).flatMap((call) => call.ScreenRecordings), ...agent.DesktopOnlySessions].some(isLive)
    ? null
    : { code: 'NOT_RECORDING', why: "no recording of the agent's screen is running" };

const noSuchCall = (agent: WireAgent, wanted: string | undefined): Reason | null =>
  wanted === undefined ||
  callsOf(agent).some(
    (call) => call.CallInstance === wanted || call.Metadata.some(({ key, value }) => key.toLowerCase() === 'callid' && value === wanted),
  )
    ? null
    : { code: 'NOT_IN_CALL', why: 'the agent is not on the given call' };

/** With a call named, that call counts; without one, the active call does. */
const notInThatCall = (agent: WireAgent, call: string | undefined): Reason | null =>
  call === undefined ? notInCall(agent) : noSuchCall(agent, call);

/** Codes for what each command may lack, most specific first. */
const reasons: Readonly<Partial<Record<VendorCommand['operation'], (agent: WireAgent, command: VendorCommand) => Reason | null>>> = {
  START_RECORDING: (agent) => notInCall(agent),
  STOP_RECORDING: (agent) => notInCall(agent) ?? noAudio(agent, false),
  UPDATE_RECORDING: (agent) => notInCall(agent) ?? noAudio(agent, false),
  START_DUPLICATE_RECORDING: (agent, { call }) => notInThatCall(agent, call) ?? (call === undefined ? noAudio(agent, false) : null),
  STOP_DUPLICATE_RECORDING: (agent, { call }) => notInThatCall(agent, call) ?? noAudio(agent, true),
  UPDATE_SCREEN_RECORDING: noScreen,
  STOP_SCREEN_RECORDING: noScreen,
  START_BLACKOUT: (agent) => notInCall(agent),
  STOP_BLACKOUT: (agent) => notInCall(agent) ?? { code: 'NOT_BLACKED_OUT', why: 'the agent has no blackout there' },
};

/**
 * The vendor's 404 means a missing parameter, an agent that its tracker does not hold (yet), or nothing to act on. Which of them
 * it was, as far as live state shows.
 */
export const explainNotFound = async (
  { settings, client }: UptivitySource,
  { command, address }: { command: VendorCommand; address: Pick<WireCommand, 'AgentIdentifier' | 'Value'> },
  signal: AbortSignal,
): Promise<ExpectedError> => {
  const problem = ({ code, why }: Reason, more: { retryable: boolean; cause?: unknown }) =>
    new ExpectedError(code, `${settings.name}: ${command.operation} was answered with 404: ${why}.`, { ...more, vendorCode: '404' });
  let agent: WireAgent | null;
  try {
    agent = await client.agent(address.AgentIdentifier, address.Value, signal);
  } catch (cause) {
    // The command itself has an answer, a no; how the look failed must not pass for how the command did.
    const why = 'the reason is unknown, because the agent could not be read; retry';
    return problem({ code: 'VENDOR_REJECTED', why }, { retryable: true, cause });
  }
  if (agent === null) {
    const why = "the vendor's agent list does not contain this agent, or not yet; retry after the agent has signed in or answered a call";
    return problem({ code: 'NOT_FOUND', why }, { retryable: true });
  }
  const reason = reasons[command.operation]?.(agent, command);
  return reason
    ? problem(reason, { retryable: reason.code === 'NOT_IN_CALL' })
    : problem({ code: 'VENDOR_REJECTED', why: 'the vendor knows the agent; the reason is unknown' }, { retryable: false });
};
