import { randomBytes } from 'node:crypto';
import type { ObservationBatch } from '../domain/model/observation.ts';
import type { LiveState } from '../domain/observe/live-state.ts';
import type { Clock, Ids } from '../domain/ports/clock.ts';
import type { Store } from '../domain/ports/store.ts';
import type { VendorSource } from '../domain/ports/vendor.ts';

interface MediaOptions {
  sources: ReadonlyMap<string, VendorSource>;
  store: Store;
  liveState: Pick<LiveState, 'recording'>;
  clock: Clock;
  ids: Ids;
  settings: { linkSeconds: number; signingKey?: string | undefined; previousSigningKey?: string | undefined };
  /** Without a trailing slash. */
  publicUrl(): string;
  observe(source: string, batch: ObservationBatch): Promise<void>;
}

/** The context of links, and of what opens the audio that they name. */
export interface MediaContext extends MediaOptions {
  /** Links are sealed with it, and read with any of `keys`. */
  signingKey: string;
  keys: readonly string[];
}

/** Without a key in the settings, links are good until the server ends. */
export const createMediaContext = (options: MediaOptions): MediaContext => {
  const { signingKey = randomBytes(32).toString('hex'), previousSigningKey } = options.settings;
  return { ...options, signingKey, keys: previousSigningKey === undefined ? [signingKey] : [signingKey, previousSigningKey] };
};
