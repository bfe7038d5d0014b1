import { type Observer, pollLoop, type VendorContext } from '../kit/index.ts';
import { type LiveReport, liveReportOf, type Snapshot } from './live.ts';
import type { ApiSettings } from './settings.ts';

interface ObserverOptions {
  source: string;
  settings: ApiSettings;
  snapshot(signal: AbortSignal): Promise<Snapshot>;
  reconcile(signal: AbortSignal): Promise<void>;
}

const observationsOf = ({ others, agentSnapshots }: LiveReport) => [
  ...others,
  ...agentSnapshots.flatMap(({ observations }) => observations),
];

/** Agents and live calls every `pollSeconds`, records every `reconcileSeconds`; neither waits for the other. */
export const createObserver = ({ source, settings, snapshot, reconcile }: ObserverOptions, context: VendorContext): Observer => {
  const poll = async (signal: AbortSignal): Promise<void> => {
    const asOfMs = context.clock.now();
    const report = liveReportOf(await snapshot(signal));
    await context.observe({ observations: observationsOf(report), asOfMs, complete: true, contact: true });
  };
  return {
    run: async (signal) => {
      await Promise.all([
        pollLoop({ source, title: 'reading agents and live calls', everyMs: settings.pollSeconds * 1000, work: poll }, context, signal),
        pollLoop(
          { source, title: 'reconciling call records', everyMs: settings.reconcileSeconds * 1000, work: reconcile },
          context,
          signal,
        ),
      ]);
    },
  };
};
