import { randomBytes } from 'node:crypto';
import type { ObservationBatch } from '../../domain/model/observation.ts';
import type { LiveState } from '../../domain/observe/live-state.ts';
import type { Clock, Ids } from '../../domain/ports/clock.ts';
import type { Log } from '../../domain/ports/log.ts';
import type { Store } from '../../domain/ports/store.ts';
import type { VendorSource } from '../../domain/ports/vendor.ts';
import type { Slices } from '../../lib/slices.ts';
import { createSlots } from '../slots.ts';
import { createRecords } from './records.ts';

export interface MediaDependencies {
  sources: ReadonlyMap<string, VendorSource>;
  store: Store;
  liveState: Pick<LiveState, 'recording'>;
  clock: Clock;
  ids: Ids;
  slices: Slices;
  log: Log;
  settings: { linkSeconds: number; signingKey?: string | undefined; previousSigningKey?: string | undefined };
  /** Without a trailing slash. */
  publicUrl(): string;
  observe(source: string, batch: ObservationBatch): Promise<void>;
}

/** The context of links and of the route that serves them. */
export interface MediaContext extends MediaDependencies {
  /** Links are sealed with it, and read with any of `keys`. */
  signingKey: string;
  keys: readonly string[];
  records: ReturnType<typeof createRecords>;
  occupy: ReturnType<typeof createSlots>;
}

export const createMediaContext = (dependencies: MediaDependencies): MediaContext => {
  const { signingKey = randomBytes(32).toString('hex'), previousSigningKey } = dependencies.settings;
  const keys = previousSigningKey === undefined ? [signingKey] : [signingKey, previousSigningKey];
  return { ...dependencies, signingKey, keys, records: createRecords(dependencies), occupy: createSlots() };
};
