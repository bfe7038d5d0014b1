import { createStore, type ExternalStore } from '../external-store.ts';
import type { LiveStore } from './live-store.ts';
import type { AgentView } from './live-types.ts';

export interface CallSample {
  atMs: number;
  /** Ids of the agents on a call, so that a filter can be applied later. */
  agents: readonly string[];
}

/** Which agents were on a call, as the streams reported it since the page was opened. Oldest first, an hour at most. */
export interface CallSamples {
  samples: ExternalStore<readonly CallSample[]>;
  stop(): void;
}

export const hourMs = 3_600_000;
const everyMs = 15_000;

/** On call means one thing on this page: the status of that name. */
export const agentsOnCall = (views: ReadonlyMap<string, AgentView>): string[] =>
  [...views.values()].filter(({ agent }) => agent.status === 'ON_CALL').map(({ agent }) => agent.id);

/** A snapshot comes as many events: what its first ones say is not the whole truth. */
const snapshotSettlesMs = 1_500;

/** Takes a sample every 15 seconds, and a first one soon after there are agents, while `isLive` says that what is shown is true. */
export const sampleCalls = (live: LiveStore, isLive: () => boolean, now: () => number): CallSamples => {
  const samples = createStore<readonly CallSample[]>([]);
  const sample = (): void => {
    const views = live.views.get();
    if (!isLive() || views.size === 0) return;
    const atMs = now();
    samples.set([...samples.get().filter((one) => one.atMs > atMs - hourMs), { atMs, agents: agentsOnCall(views) }]);
  };
  let first: ReturnType<typeof setTimeout> | undefined;
  const stopWaiting = live.views.subscribe(() => {
    if (live.views.get().size > 0) first ??= setTimeout(sample, snapshotSettlesMs);
  });
  const timer = setInterval(sample, everyMs);
  return {
    samples,
    stop: () => {
      stopWaiting();
      clearTimeout(first);
      clearInterval(timer);
    },
  };
};
