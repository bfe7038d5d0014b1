/** The kinds of recordings that an EMULATED blackout stops, and what of them has to run again after it. Pure. */
import type { Agent, Blackout, Recording } from '../model/entities.ts';
import { type ControlOperation, outOfCallStatuses, type RecordingKind } from '../model/enums.ts';
import type { VendorCommand, VendorSource } from '../ports/vendor.ts';

/** The commands that stop and start each kind of recording that can be stopped. A duplicate is stopped and not started again. */
export const kinds = [
  { kind: 'AUDIO', isDuplicate: false, stop: 'STOP_RECORDING', start: 'START_RECORDING' },
  { kind: 'AUDIO', isDuplicate: true, stop: 'STOP_DUPLICATE_RECORDING', start: null },
  { kind: 'SCREEN', isDuplicate: false, stop: 'STOP_SCREEN_RECORDING', start: 'START_SCREEN_RECORDING' },
] as const;

type Kind = (typeof kinds)[number];

export const stoppingOperations: readonly ControlOperation[] = kinds.map(({ stop }) => stop);
export const startingOperations: readonly ControlOperation[] = kinds.flatMap(({ start }) => start ?? []);

export const isOf =
  ({ kind, isDuplicate }: Kind) =>
  (recording: Recording): boolean =>
    recording.kind === kind && recording.isDuplicate === isDuplicate;

/** Returns true if the source has a command that stops the recording; no source has one for video. */
export const isStoppable =
  (source: VendorSource | undefined) =>
  (recording: Recording): boolean =>
    kinds.some((one) => source?.control?.[one.stop] !== undefined && isOf(one)(recording));

/** A command that starts a recording again. */
export interface Resumption {
  kind: RecordingKind;
  operation: ControlOperation;
  command: Omit<VendorCommand, 'operation'>;
}

interface AgentNow {
  agent: Agent;
  /** Of the agent's recordings, those that are taken to run. */
  running: readonly Recording[];
  isCallGoingOn(call: string): boolean;
}

/** Returns true if the recording's call still is where the agent is; without it, starting again would ring a phone to record nothing. */
const goesOn = ({ call, kind }: Recording, { agent, isCallGoingOn }: AgentNow): boolean => {
  const knownCalls = [agent.activeCall, ...agent.inactiveCalls].filter((one) => one !== null);
  if (knownCalls.length > 0) return call === null || knownCalls.includes(call);
  if (outOfCallStatuses.includes(agent.status)) return kind === 'SCREEN' && call === null && agent.status !== 'OFFLINE';
  return call === null || isCallGoingOn(call);
};

/** Returns what has to be started again: of each kind of which nothing runs, the newest interrupted recording whose call goes on. */
export const resumptionsOf = (
  source: VendorSource,
  blackout: Blackout,
  interrupted: readonly Recording[],
  now: AgentNow,
): readonly Resumption[] =>
  kinds.flatMap((kind): Resumption[] => {
    const { start } = kind;
    if (start === null || !source.control?.[start] || now.running.some(isOf(kind))) return [];
    const candidates = interrupted.filter(isOf(kind)).filter((recording) => goesOn(recording, now));
    const recording = candidates.findLast(({ call }) => call !== null && call === now.agent.activeCall) ?? candidates.at(-1);
    if (!recording) return [];
    const fileName = recording.fileName ?? blackout.interrupted.find((one) => one.recording === recording.externalId)?.fileName;
    const how = fileName ? { mode: 'APPEND' as const, fileName } : { mode: 'OVERWRITE' as const };
    return [{ kind: kind.kind, operation: start, command: { agent: now.agent, ...how } }];
  });
