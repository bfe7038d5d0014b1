import type { Instant, Recording, RecordingState } from '../kit/index.ts';
import type { WireAgent, WireCall } from './wire.ts';

type ObservedRecording = Partial<Omit<Recording, 'source'>> & { externalId: string; state: RecordingState };

/** Only `Recording` is documented; the others are what a recorder would say. */
const recordingStates: Readonly<Record<string, RecordingState>> = {
  recording: 'RECORDING',
  started: 'RECORDING',
  active: 'RECORDING',
  starting: 'STARTING',
  pending: 'STARTING',
  paused: 'PAUSED',
  suspended: 'PAUSED',
  stopping: 'STOPPING',
  stopped: 'STOPPED',
  notrecording: 'STOPPED',
  idle: 'STOPPED',
  inactive: 'STOPPED',
  ended: 'STOPPED',
  complete: 'STOPPED',
  completed: 'STOPPED',
  finished: 'STOPPED',
};

/** UNKNOWN for a word that is not known, which then stands in `vendorState`. */
export const recordingState = (word: string | null): RecordingState =>
  recordingStates[word?.toLowerCase().replace(/[^a-z]/g, '') ?? ''] ?? 'UNKNOWN';

/** A recording without an identifier gets one made of where it stands; when the vendor's comes, the made one is its former id. */
const identity = (identifier: string | null, made: string, place: number) => {
  const standIn = place === 0 ? made : `${made}:${place}`;
  return identifier === null ? { externalId: standIn } : { externalId: identifier, formerId: standIn };
};

const ofCall = (agent: string, call: WireCall, startedAt: Instant | null): ObservedRecording[] => [
  ...call.Recordings.map((recording, place) => ({
    ...(recording.RecordingIdentifier === null
      ? identity(null, `audio:${call.CallInstance}:${agent}`, place)
      : { externalId: recording.RecordingIdentifier }),
    kind: 'AUDIO' as const,
    state: recordingState(recording.RecordingState),
    vendorState: recording.RecordingState,
    isDuplicate: recording.IsDuplicate,
    agent,
    call: call.CallInstance,
    // A recording follows its call from the start; a duplicate begins whenever it is asked for, which the vendor does not tell.
    ...(recording.IsDuplicate ? {} : { startedAt }),
  })),
  ...call.ScreenRecordings.map((screen, place) => ({
    // Each agent's screen is another one, so a call that two agents are in has two.
    ...identity(screen.identifier, `screen:${call.CallInstance}:${agent}`, place),
    kind: 'SCREEN' as const,
    state: recordingState(screen.RecordingState),
    vendorState: screen.RecordingState,
    isDuplicate: false,
    agent,
    call: call.CallInstance,
  })),
];

/**
 * Screen recordings without a call. An agent has one after the other and nothing tells them apart but the identifier, so the
 * stand-in of one that is still running goes on, and a new one is named for when it was first seen.
 */
const desktopOnly = (agent: WireAgent, standIns: readonly string[], asOfMs: number): ObservedRecording[] => {
  const free = [...standIns];
  return agent.DesktopOnlySessions.map(({ identifier, RecordingState }, place) => {
    const running = free.shift();
    return {
      ...(identifier === null
        ? identity(null, running ?? `desktop:${agent.AgentId}:${asOfMs}`, running === undefined ? place : 0)
        : running === undefined
          ? { externalId: identifier }
          : { externalId: identifier, formerId: running }),
      kind: 'SCREEN',
      // A session is listed while it lasts, so one that says nothing is taken to be recording.
      state: RecordingState === null ? 'RECORDING' : recordingState(RecordingState),
      vendorState: RecordingState,
      isDuplicate: false,
      agent: agent.AgentId,
      call: null,
    };
  });
};

/**
 * Every recording the vendor shows at an agent, and those of them that are screen recordings without a call. `standIns` are the
 * ids made up here of such recordings that still run.
 */
export const recordingsOf = (
  agent: WireAgent,
  startOf: (call: WireCall) => Instant | null,
  standIns: readonly string[],
  asOfMs: number,
): { all: readonly ObservedRecording[]; desktop: readonly ObservedRecording[] } => {
  const calls = [...(agent.ActiveCall ? [agent.ActiveCall] : []), ...agent.InactiveCalls];
  const desktop = desktopOnly(agent, standIns, asOfMs);
  return { all: [...calls.flatMap((call) => ofCall(agent.AgentId, call, startOf(call))), ...desktop], desktop };
};
