import { ExpectedError } from '../../domain/model/errors.ts';
import type { Observation } from '../../domain/model/observation.ts';
import { pause } from '../../domain/pause.ts';
import type { Observer } from '../../domain/ports/vendor.ts';
import type { VendorContext } from '../../domain/ports/vendor-context.ts';

const usualMaxPauseMs = 30_000;

/**
 * Doubles with each failure in a row up to `maxPauseMs`, and is never shorter than `everyMs`; the upper half is left to chance, so that sources do
 * not return in step.
 */
export const backOffMs = (everyMs: number, failures: number, chance: number, maxPauseMs = usualMaxPauseMs): number => {
  const ceiling = Math.min(maxPauseMs, everyMs * 2 ** Math.min(failures, 20));
  return Math.max(everyMs, ceiling * (failures === 0 ? 1 : 0.5 + chance / 2));
};

export interface PollLoop {
  source: string;
  /** Names the work in log lines, such as `polling`. */
  title?: string;
  everyMs: number;
  work(signal: AbortSignal): Promise<void>;
  /** The longest pause while it fails; 30 s where it is absent. */
  maxPauseMs?: number | undefined;
  /** 0 to 1, not reached. */
  random?: () => number;
}

/** Runs `work` every `everyMs`, one at a time, until `signal` aborts. Failures are logged once in a row and lengthen the pause. */
export const pollLoop = async (
  { source, title = 'polling', everyMs, work, maxPauseMs, random = Math.random }: PollLoop,
  { clock, log }: Pick<VendorContext, 'clock' | 'log'>,
  signal: AbortSignal,
): Promise<void> => {
  let failures = 0;
  while (!signal.aborted) {
    const beganMs = clock.monotonicMs();
    try {
      await work(signal);
      if (failures > 0) log.info(`${title} works again`, { source, failures });
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      if (failures === 1) {
        const expected = error instanceof ExpectedError;
        log[expected ? 'warn' : 'error'](`${title} fails`, { source, error: expected ? error.message : error });
      }
    }
    const spentMs = clock.monotonicMs() - beganMs;
    const dueMs =
      failures > 0 ? backOffMs(everyMs, failures, random(), maxPauseMs) : Math.min(everyMs, Math.max(everyMs - spentMs, everyMs / 2));
    await pause(clock, dueMs, signal);
  }
};

export interface Poll {
  /** May be a getter: it is not read where nothing has changed. */
  observations: readonly Observation[];
  /** True where they show every agent of the source; the default. */
  complete?: boolean;
  /** The `digest` of the answers they are made of. Absent where the same bytes may mean another thing later. */
  digest?: string | null;
}

export interface PollingObserverOptions<P extends Poll> extends Omit<PollLoop, 'work'> {
  read(signal: AbortSignal): Promise<P>;
}

export interface PollingObserver<P extends Poll> extends Observer {
  /** Reads and reports at once, as each poll does. */
  poll(signal: AbortSignal): Promise<P>;
}

/** Reads every `everyMs` and reports all of it, or that nothing has changed where the answer has the bytes of the one before. */
export const pollingObserver = <P extends Poll>(
  { read, ...loop }: PollingObserverOptions<P>,
  context: Pick<VendorContext, 'clock' | 'log' | 'observe'>,
): PollingObserver<P> => {
  let lastDigest: string | null = null;
  const poll = async (signal: AbortSignal): Promise<P> => {
    const asOfMs = context.clock.now();
    const answer = await read(signal);
    const { complete = true, digest = null } = answer;
    const unchanged = complete && digest !== null && digest === lastDigest;
    if (complete) lastDigest = digest;
    let observations: readonly Observation[] | undefined;
    try {
      await context.observe({
        get observations() {
          observations ??= answer.observations;
          return observations;
        },
        asOfMs,
        complete,
        contact: true,
        unchanged,
      });
    } catch (error) {
      lastDigest = null;
      throw error;
    }
    return answer;
  };
  const work = async (signal: AbortSignal): Promise<void> => void (await poll(signal));
  return { poll, run: (signal) => pollLoop({ ...loop, work }, context, signal) };
};
