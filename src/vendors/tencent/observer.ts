import { type Observer, pollLoop } from '../kit/index.ts';
import { type LiveReport, liveReportOf, type Snapshot } from './live.ts';
import type { PullingSource } from './source.ts';

interface Reads {
  snapshot(signal: AbortSignal): Promise<Snapshot>;
  reconcile(signal: AbortSignal): Promise<void>;
}

const observationsOf = ({ others, agentSnapshots }: LiveReport) => [
  ...others,
  ...agentSnapshots.flatMap(({ observations }) => observations),
];

/** Agents and live calls every `pollSeconds`, records every `reconcileSeconds`; neither waits for the other. */
export const createObserver = ({ settings, context }: PullingSource, { snapshot, reconcile }: Reads): Observer => {
  const { name: source, api } = settings;
  const poll = async (signal: AbortSignal): Promise<void> => {
    const asOfMs = context.clock.now();
    const report = liveReportOf(await snapshot(signal));
    await context.observe({ observations: observationsOf(report), asOfMs, complete: true, contact: true });
  };
  return {
    run: async (signal) => {
      await Promise.all([
        pollLoop({ source, title: 'reading agents and live calls', everyMs: api.pollSeconds * 1000, work: poll }, context, signal),
        pollLoop({ source, title: 'reconciling call records', everyMs: api.reconcileSeconds * 1000, work: reconcile }, context, signal),
      ]);
    },
  };
};
