import 'reflect-metadata';
import type { Control } from '../domain/create-domain.ts';
import type * as entities from '../domain/model/entities.ts';
import type { EntityType, LiveEvent } from '../domain/model/entities.ts';
import type { MediaFormat } from '../domain/model/enums.ts';
import { hasScope, type Principal, reaches } from '../domain/model/principal.ts';
import type { LiveState } from '../domain/observe/live-state.ts';
import type { Clock, Ids } from '../domain/ports/clock.ts';
import type { Log } from '../domain/ports/log.ts';
import type { Store } from '../domain/ports/store.ts';
import type { VendorSource } from '../domain/ports/vendor.ts';
import type { VendorReads } from '../domain/read/vendor-reads.ts';
import type { ContextOptions } from './execution.ts';
import { createLoaders, type Loaders } from './loaders.ts';
import { RecordingSource } from './source.ts';
import { createView, type View } from './view.ts';

/** A signed, short-lived link to the audio of a recording. */
export interface MediaLink {
  url: string;
  expiresAt: string;
  contentType: string;
  fileName: string;
  byteLength: number | null;
}

/** What the resolvers call; made once by `main.ts`. */
export interface GraphServices {
  sources: ReadonlyMap<string, VendorSource>;
  store: Store;
  liveState: LiveState;
  reads: VendorReads;
  control: Control;
  clock: Clock;
  ids: Ids;
  log: Log;
  /** The largest `first` that a list takes. */
  largestPage: number;
  /** Writes the audit row and signs the link; throws MEDIA_UNAVAILABLE and FORBIDDEN. */
  linkMedia(recording: entities.Recording, format: MediaFormat, principal: Principal, correlationId: string): Promise<MediaLink>;
  /** Committed events behind `after` (from now on when null), of these entities, until `signal` aborts. */
  eventFeed(entityTypes: readonly EntityType[], after: number | null, signal: AbortSignal): AsyncIterable<LiveEvent | null>;
  /** Counts the keys that a loader gathered into one read. */
  measureBatch?(loader: string, size: number): void;
  /** Up to where the in-memory view has taken in the event log. */
  position(): number;
}

export interface GraphContext {
  principal: Principal;
  /** Stands in every Problem and log line of the request. */
  correlationId: string;
  services: GraphServices;
  /** The sources within the caller's reach. */
  sources: ReadonlyMap<string, VendorSource>;
  loaders: Loaders;
  /** When the execution began, in epoch ms; absent for a stream. */
  sinceMs: number | undefined;
  /** What the caller may see of entities. */
  show: View;
}

/** One context an execution; for a stream one for all its events, whose loaders keep nothing. */
export const createGraphContext = (services: GraphServices) => {
  const recordingSources = new Map([...services.sources].map(([name, source]) => [name, new RecordingSource(source)]));
  const [whole, masked] = [createView(recordingSources, false), createView(recordingSources, true)];
  return (principal: Principal, { correlationId, streaming }: ContextOptions): GraphContext => {
    const sources =
      principal.sources === null ? services.sources : new Map([...services.sources].filter(([name]) => reaches(principal, name)));
    const show = hasScope(principal, 'pii:read') ? whole : masked;
    const sinceMs = streaming ? undefined : services.clock.now();
    const loaders = createLoaders(services, sources, show, { cache: !streaming, sinceMs });
    return {
      principal,
      services,
      sources,
      show,
      loaders,
      sinceMs,
      correlationId,
    };
  };
};
