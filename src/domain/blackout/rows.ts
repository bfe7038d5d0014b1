/** Reads of a blackout's rows that several steps share. */

import type { Blackout, ControlCommand, Recording, SourceKey } from '../model/entities.ts';
import { mapKey } from '../model/ids.ts';
import type { StoreOperations } from '../ports/store.ts';

export const openBlackoutsOf = async (operations: StoreOperations, agent: SourceKey): Promise<readonly Blackout[]> =>
  (await operations.blackouts.open([agent.source])).filter(
    (row) => mapKey({ source: row.source, externalId: row.agent }) === mapKey(agent),
  );

/** The start or stop commands of a blackout that are not completed, oldest first. */
export const openCommandsOf = async (
  operations: StoreOperations,
  blackout: string,
  operation: 'START_BLACKOUT' | 'STOP_BLACKOUT',
): Promise<readonly ControlCommand[]> => {
  const [rows = []] = await operations.commands.ofBlackouts([blackout]);
  return rows.filter((row) => row.operation === operation && row.completedAt === null);
};

/** The recordings that a blackout interrupted, in the order in which it did; those whose final id is known by now under that. */
export const interruptedRecordings = async (operations: StoreOperations, blackout: Blackout): Promise<readonly Recording[]> => {
  const keys = blackout.interrupted.map(({ recording }) => ({ source: blackout.source, externalId: recording }));
  const rows = keys.length === 0 ? [] : await operations.recordings.byKeys(keys);
  return rows.filter((row) => row !== null);
};

/** Whether a row's note names this recording, by its present id or its former one. */
export const namesRecording = (noted: string, recording: Recording): boolean =>
  noted === recording.externalId || (recording.formerId !== null && noted === recording.formerId);

/** Recordings that are not noted yet, added in order. */
export const withInterrupted = (blackout: Blackout, live: readonly Recording[]): Blackout['interrupted'] => {
  const more = live.filter((one) => !one.isDuplicate && !blackout.interrupted.some(({ recording }) => namesRecording(recording, one)));
  return more.length === 0
    ? blackout.interrupted
    : [...blackout.interrupted, ...more.map((one) => ({ recording: one.externalId, fileName: one.fileName }))];
};
