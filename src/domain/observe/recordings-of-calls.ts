import type { Recording, SourceKey } from '../model/entities.ts';
import { mapKey } from '../model/ids.ts';
import { SourceMap } from '../source-map.ts';

/** The recordings of calls that are going on, as they were read from the store; a call is forgotten when one of them changes. */
interface RecordingsOfCalls {
  of(call: SourceKey): readonly Recording[] | null;
  keep(call: SourceKey, recordings: readonly Recording[]): void;
  forget(call: SourceKey): void;
  /** Forgets the call that the changed recording is of now, and those that it was kept with under this id or its former one. */
  forgetChanged(recording: Recording): void;
}

export const createRecordingsOfCalls = (): RecordingsOfCalls => {
  const byCall = new SourceMap<readonly Recording[]>();
  /** The call with which a recording is kept. */
  const callOf = new Map<string, SourceKey>();

  const forget = (call: SourceKey): void => {
    for (const recording of byCall.get(call) ?? []) callOf.delete(mapKey(recording));
    byCall.delete(call);
  };
  return {
    of: (call) => byCall.get(call) ?? null,
    keep: ({ source, externalId }, recordings) => {
      const call = { source, externalId };
      forget(call);
      byCall.set(call, recordings);
      for (const recording of recordings) callOf.set(mapKey(recording), call);
    },
    forget,
    forgetChanged: ({ source, externalId, formerId, call }) => {
      for (const id of [externalId, formerId]) {
        const keptWith = id === null ? undefined : callOf.get(mapKey({ source, externalId: id }));
        if (keptWith) forget(keptWith);
      }
      if (call !== null) forget({ source, externalId: call });
    },
  };
};
