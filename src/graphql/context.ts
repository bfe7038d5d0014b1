import 'reflect-metadata';
import type { BlackoutContext } from '../domain/blackout/context.ts';
import type * as entities from '../domain/model/entities.ts';
import { hasScope, type Principal, reaches } from '../domain/model/principal.ts';
import type { Log } from '../domain/ports/log.ts';
import type { VendorSource } from '../domain/ports/vendor.ts';
import type { ReadServices } from '../domain/read/context.ts';
import type { Slices } from '../lib/slices.ts';
import type { MediaContext } from '../media/context.ts';
import type { Call } from './call.ts';
import type { WithAllowance } from './error-allowance.ts';
import type { ContextOptions } from './execute-operation.ts';
import type { LoadContext } from './loader.ts';
import { loadCall, loadRecordingsOfCall } from './loaders.ts';
import type { Recording } from './recording.ts';
import { abandoned } from './room.ts';
import { RecordingSource } from './source.ts';
import { createView } from './view.ts';

/** The server's services for resolvers; made once by `main.ts`. */
export interface GraphServices {
  sources: ReadonlyMap<string, VendorSource>;
  read: ReadServices;
  control: BlackoutContext;
  /** Runs a command, for which an orderly stop waits. */
  asCommand<T>(correlationId: string, work: () => Promise<T>): Promise<T>;
  log: Log;
  /** The largest `first` that a list takes. */
  maxPageSize: number;
  media: MediaContext;
  /** Counts the keys that a loader gathered into one read. */
  measureBatch?(loader: string, size: number): void;
  /** When a source changed to the status that it has, in milliseconds. */
  healthSinceMs(source: string): number;
}

export interface GraphContext extends LoadContext, WithAllowance {
  principal: Principal;
  /** Stands in every Problem and log line of the request. */
  correlationId: string;
  services: GraphServices;
  /** As `loadCall` and `loadRecordingsOfCall` of loaders.ts, which the type classes cannot import: it imports them. */
  loadCall(key: entities.SourceKey): Promise<Call | null> | Call | null;
  loadRecordingsOfCall(call: entities.SourceKey): Promise<readonly Recording[]> | readonly Recording[];
}

/** The slices of a query, which ends at the next one once nobody waits for its answer. */
const slicesUntil = (slices: Slices, isAbandoned: () => boolean): Slices => ({
  ...slices,
  next: async (caller) => {
    await slices.next(caller);
    if (isAbandoned()) throw abandoned;
  },
});

/** Makes one context an execution; for a stream one for all its events, whose loaders keep nothing. The execution adds the allowance of errors. */
export const createGraphContext = (services: GraphServices) => {
  const recordingSources = new Map(
    [...services.sources].map(([name, source]) => [name, new RecordingSource(source, () => services.healthSinceMs(name))]),
  );
  const [whole, masked] = [createView(recordingSources, false), createView(recordingSources, true)];
  return (principal: Principal, { correlationId, streaming, isAbandoned }: ContextOptions): Omit<GraphContext, 'errors'> => {
    const sources =
      principal.sources === null ? services.sources : new Map([...services.sources].filter(([name]) => reaches(principal, name)));
    const sinceMs = streaming ? undefined : services.read.clock.now();
    const noteOutOfReach = (source: string) => {
      if (services.sources.has(source)) services.control.noteRefused(principal, { lacks: 'reach', what: ['read'], source, correlationId });
    };
    const slices = isAbandoned === undefined ? services.read.slices : slicesUntil(services.read.slices, isAbandoned);
    const read = { ...services.read, principal, sources, slices, noteOutOfReach, sinceMs, maxPageSize: services.maxPageSize };
    const show = hasScope(principal, 'pii:read') ? whole : masked;
    const loaders = { made: new Map(), shown: { slice: null, rows: 0 }, cache: !streaming, measureBatch: services.measureBatch };
    const context: LoadContext = { read, show, loaders };
    return {
      ...context,
      principal,
      correlationId,
      services,
      loadCall: (key) => loadCall(context, key),
      loadRecordingsOfCall: (call) => loadRecordingsOfCall(context, call),
    };
  };
};
