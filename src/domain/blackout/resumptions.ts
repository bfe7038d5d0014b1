/** The recordings that a blackout interrupted, and those of them that have to be started again. */
import type { Agent, Blackout, Recording } from '../model/entities.ts';
import { outOfCallStatuses, type RecordingKind } from '../model/enums.ts';
import type { StoreOperations } from '../ports/store.ts';
import type { VendorCommand, VendorSource } from '../ports/vendor.ts';
import { namesRecording } from './exposures.ts';
import { isOf, isStoppable, kinds } from './recording-kinds.ts';

/** The recordings that a blackout interrupted, in the order in which it did; those whose final id is known by now under that. */
export const interruptedRecordings = async (operations: StoreOperations, blackout: Blackout): Promise<readonly Recording[]> => {
  const keys = blackout.interrupted.map(({ recording }) => ({ source: blackout.source, externalId: recording }));
  const rows = keys.length === 0 ? [] : await operations.unlocked.recordings.byKeys(keys);
  return rows.filter((row) => row !== null);
};

/** Returns what is interrupted now and not noted yet. Leaves out what cannot be stopped: nothing has to continue it. */
export const newlyInterrupted = (source: VendorSource, { interrupted }: Blackout, live: readonly Recording[]): Blackout['interrupted'] =>
  live
    .filter((one) => !one.isDuplicate && isStoppable(source)(one) && !interrupted.some(({ recording }) => namesRecording(recording, one)))
    .map(({ externalId, fileName }) => ({ recording: externalId, fileName }));

/** A command that starts a recording again. */
export interface Resumption {
  kind: RecordingKind;
  command: VendorCommand;
}

/** The agent as it is now, and what the blackout interrupted. */
interface Interruption {
  interrupted: readonly Recording[];
  agent: Agent;
  /** Of the agent's recordings, those that are taken to run. */
  running: readonly Recording[];
  isCallGoingOn(call: string): boolean;
}

/** Returns true if the recording's call still is where the agent is; without it, starting again would ring a phone to record nothing. */
const goesOn = ({ call, kind }: Recording, { agent, isCallGoingOn }: Interruption): boolean => {
  const knownCalls = [agent.activeCall, ...agent.inactiveCalls].filter((one) => one !== null);
  if (knownCalls.length > 0) return call === null || knownCalls.includes(call);
  if (outOfCallStatuses.includes(agent.status)) return kind === 'SCREEN' && call === null && agent.status !== 'OFFLINE';
  return call === null || isCallGoingOn(call);
};

/** Returns what has to be started again: of each kind of which nothing runs, the newest interrupted recording whose call goes on. */
export const resumptionsOf = (source: VendorSource, blackout: Blackout, interruption: Interruption): readonly Resumption[] =>
  kinds.flatMap((kind): Resumption[] => {
    const { start } = kind;
    const { agent, running, interrupted } = interruption;
    if (start === null || !source.control?.[start] || running.some(isOf(kind))) return [];
    const candidates = interrupted.filter(isOf(kind)).filter((recording) => goesOn(recording, interruption));
    const recording = candidates.findLast(({ call }) => call !== null && call === agent.activeCall) ?? candidates.at(-1);
    if (!recording) return [];
    const fileName = recording.fileName ?? blackout.interrupted.find((one) => one.recording === recording.externalId)?.fileName;
    const how = fileName ? { mode: 'APPEND' as const, fileName } : { mode: 'OVERWRITE' as const };
    return [{ kind: kind.kind, command: { operation: start, agent, ...how } }];
  });
