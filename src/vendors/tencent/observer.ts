import { ExpectedError, type Observer, pause, type VendorContext } from '../kit/index.ts';
import { type Seen, type Snapshot, seenIn } from './presence.ts';
import type { ApiSettings } from './settings.ts';

export interface ObserverOptions {
  source: string;
  settings: ApiSettings;
  snapshot(signal: AbortSignal): Promise<Snapshot>;
  reconcile(signal: AbortSignal): Promise<void>;
}

const longestBackOffMs = 60_000;

/** Runs `work` every `everyMs` until `signal` aborts; failures in a row stretch the wait, up to a minute. */
const repeat = async (
  everyMs: number,
  work: (signal: AbortSignal) => Promise<void>,
  onFailure: (error: unknown) => void,
  context: VendorContext,
  signal: AbortSignal,
): Promise<void> => {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await work(signal);
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      onFailure(error);
    }
    const backOffMs =
      failures === 0 ? everyMs : Math.max(Math.min(everyMs, longestBackOffMs), Math.min(1000 * 2 ** failures, longestBackOffMs));
    await pause(context.clock, backOffMs, signal);
  }
};

const observationsOf = (seen: Seen) => [...seen.others, ...seen.agentSnapshots.flatMap(({ observations }) => observations)];

/** Agents and live calls every `pollSeconds`, records every `reconcileSeconds`; neither waits for the other. */
export const createObserver = ({ source, settings, snapshot, reconcile }: ObserverOptions, context: VendorContext): Observer => {
  const failed = (what: string) => (error: unknown) => {
    if (error instanceof ExpectedError) context.log.warn(`${what} failed and will be tried again`, { source, reason: error.message });
    else context.log.error(`${what} failed and will be tried again`, { source, error });
  };
  const poll = async (signal: AbortSignal): Promise<void> => {
    const asOfMs = context.clock.now();
    const seen = seenIn(await snapshot(signal));
    await context.observe({ observations: observationsOf(seen), asOfMs, complete: true, heard: true });
  };
  return {
    run: async (signal) => {
      await Promise.all([
        repeat(settings.pollSeconds * 1000, poll, failed('reading agents and live calls'), context, signal),
        repeat(settings.reconcileSeconds * 1000, reconcile, failed('reconciling call records'), context, signal),
      ]);
    },
  };
};
