import { type Instant, instant, type Recording, type RecordingState } from '../kit/index.ts';
import type { WireAgent, WireCall } from './wire.ts';

type ObservedRecording = Partial<Omit<Recording, 'source'>> & { externalId: string; state: RecordingState };

/** Only `Recording` is documented; the others are what a recorder would say. */
const recordingStates = new Map<string, RecordingState>(
  Object.entries({
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
  }),
);

/** UNKNOWN for an unknown word, which is then in `vendorState`. */
export const recordingState = (word: string | null): RecordingState =>
  recordingStates.get(word?.toLowerCase().replace(/[^a-z]/g, '') ?? '') ?? 'UNKNOWN';

/** A recording without an identifier gets one made of its position; when the vendor's comes, the made one is its former id. */
const identity = (identifier: string | null, made: string, index: number) => {
  const standIn = index === 0 ? made : `${made}:${index}`;
  return identifier === null ? { externalId: standIn } : { externalId: identifier, vendorId: identifier, formerId: standIn };
};

/** The known recordings of an agent when new ones are shown. */
export interface RecordingContext {
  /** When the call began; null where the vendor does not say. */
  startOf: (call: WireCall) => Instant | null;
  /** Returns true if the call had been shown before. */
  isKnownCall: (call: string) => boolean;
  /** True if the agent had been shown before. */
  isKnownAgent: boolean;
  isKnownRecording: (recording: string) => boolean;
  /** Ids made up here of screen recordings without a call that still run. */
  standIns: readonly string[];
  asOfMs: number;
}

/**
 * The vendor does not report when a recording began. One that runs when its call is first seen has run from the call's start, as far as anybody can
 * know; one that turns up later has begun by then. Known fields stay.
 */
const firstSeen = (
  recording: { externalId: string; formerId?: string; state: RecordingState; isDuplicate: boolean },
  call: WireCall,
  { startOf, isKnownCall, isKnownRecording, asOfMs }: RecordingContext,
): { startedAt?: Instant | null } => {
  const { externalId, formerId = externalId, state } = recording;
  if (state === 'STOPPED' || isKnownRecording(externalId) || isKnownRecording(formerId)) return {};
  if (isKnownCall(call.CallInstance)) return { startedAt: instant(asOfMs) };
  return recording.isDuplicate ? {} : { startedAt: startOf(call) };
};

const ofCall = (agent: string, call: WireCall, context: RecordingContext): ObservedRecording[] => [
  ...call.Recordings.map((recording, index) => {
    const shown = {
      ...(recording.RecordingIdentifier === null
        ? identity(null, `audio:${call.CallInstance}:${agent}`, index)
        : { externalId: recording.RecordingIdentifier, vendorId: recording.RecordingIdentifier }),
      kind: 'AUDIO' as const,
      state: recordingState(recording.RecordingState),
      vendorState: recording.RecordingState,
      isDuplicate: recording.IsDuplicate,
      agent,
      call: call.CallInstance,
    };
    return { ...shown, ...firstSeen(shown, call, context) };
  }),
  ...call.ScreenRecordings.map((screen, index) => {
    const shown = {
      // Each agent's screen is another one, so a call that two agents are in has two.
      ...identity(screen.identifier, `screen:${call.CallInstance}:${agent}`, index),
      kind: 'SCREEN' as const,
      state: recordingState(screen.RecordingState),
      vendorState: screen.RecordingState,
      isDuplicate: false,
      agent,
      call: call.CallInstance,
    };
    return { ...shown, ...firstSeen(shown, call, context) };
  }),
];

/**
 * Screen recordings without a call. An agent has one after the other and only the identifier distinguishes them, so the
 * stand-in of one that is still running goes on, and a new one is named for when it was first seen.
 */
const desktopOnly = (
  agent: string,
  sessions: WireAgent['DesktopOnlySessions'],
  { standIns, isKnownAgent, isKnownRecording, asOfMs }: RecordingContext,
): ObservedRecording[] => {
  const free = [...standIns];
  return sessions.map(({ identifier, RecordingState }, index) => {
    const running = free.shift();
    // A session is listed while it lasts, so one that says nothing is taken to be recording.
    const state = RecordingState === null ? 'RECORDING' : recordingState(RecordingState);
    const begins = isKnownAgent && state !== 'STOPPED' && running === undefined && !(identifier !== null && isKnownRecording(identifier));
    return {
      ...(identifier === null
        ? identity(null, running ?? `desktop:${agent}:${asOfMs}`, running === undefined ? index : 0)
        : { externalId: identifier, vendorId: identifier, ...(running === undefined ? {} : { formerId: running }) }),
      kind: 'SCREEN',
      state,
      ...(begins ? { startedAt: instant(asOfMs) } : {}),
      vendorState: RecordingState,
      isDuplicate: false,
      agent,
      call: null,
    };
  });
};

/**
 * Every recording the vendor shows at an agent, and those of them that are screen recordings without a call.
 */
export const recordingsOf = (
  { agent, calls, sessions }: { agent: string; calls: readonly WireCall[]; sessions: WireAgent['DesktopOnlySessions'] },
  context: RecordingContext,
): { all: readonly ObservedRecording[]; desktop: readonly ObservedRecording[] } => {
  const desktop = desktopOnly(agent, sessions, context);
  return { all: [...calls.flatMap((call) => ofCall(agent, call, context)), ...desktop], desktop };
};
