import { createStore, type ExternalStore } from '../external-store.ts';
import type { LiveStore } from './live-store.ts';

export interface CallSample {
  atMs: number;
  onCall: number;
}

/** How many agents were on a call, as the streams showed it since the page was opened. Oldest first, an hour at most. */
export interface CallSamples {
  samples: ExternalStore<readonly CallSample[]>;
  stop(): void;
}

export const hourMs = 3_600_000;
const everyMs = 15_000;
const talking: ReadonlySet<string> = new Set(['ON_CALL', 'ON_HOLD']);

/** Talking now: on a call or holding one. */
export const countOnCall = (live: LiveStore): number => {
  let count = 0;
  for (const { agent } of live.views.get().values()) if (talking.has(agent.status)) count += 1;
  return count;
};

/** Looks every quarter of a minute while `isLive` says that what is shown is true. */
export const sampleCalls = (live: LiveStore, isLive: () => boolean): CallSamples => {
  const samples = createStore<readonly CallSample[]>([]);
  const look = (): void => {
    if (!isLive() || live.views.get().size === 0) return;
    const atMs = Date.now();
    samples.set([...samples.get().filter((sample) => sample.atMs > atMs - hourMs), { atMs, onCall: countOnCall(live) }]);
  };
  const timer = setInterval(look, everyMs);
  return { samples, stop: () => clearInterval(timer) };
};
