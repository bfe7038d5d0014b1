import { type AgentSnapshot, ExpectedError, type Observer, observationsOf, pause, type VendorContext } from '../kit/index.ts';

const longestPauseMs = 30_000;

/** Doubles with each failure in a row up to 30 s; the upper half is left to chance, so that sources do not return in step. */
export const backOffMs = (pollMs: number, failures: number, chance: number): number => {
  const ceiling = Math.min(longestPauseMs, pollMs * 2 ** Math.min(failures, 20));
  return ceiling * (0.5 + chance / 2);
};

export interface PollOptions {
  source: string;
  pollMs: number;
  readAll: (signal: AbortSignal) => Promise<readonly AgentSnapshot[]>;
  /** 0 to 1, not reached. */
  random?: () => number;
}

/** Reads every agent each `pollMs`, one read at a time, and reports all of it; what changed is for `observe` to tell. */
export const createPollObserver = (
  { source, pollMs, readAll, random = Math.random }: PollOptions,
  { clock, log, observe }: Pick<VendorContext, 'clock' | 'log' | 'observe'>,
): Observer => ({
  run: async (signal) => {
    let failures = 0;
    while (!signal.aborted) {
      const asOfMs = clock.now();
      try {
        const agentSnapshots = await readAll(signal);
        await observe({ observations: observationsOf(agentSnapshots), asOfMs, complete: true, heard: true });
        if (failures > 0) log.info('polling works again', { source, failures });
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        if (failures === 1) {
          const expected = error instanceof ExpectedError;
          log[expected ? 'warn' : 'error']('polling fails', { source, error: expected ? error.message : error });
        }
      }
      const spentMs = clock.now() - asOfMs;
      await pause(clock, failures > 0 ? backOffMs(pollMs, failures, random()) : Math.max(pollMs - spentMs, pollMs / 2), signal);
    }
  },
});
