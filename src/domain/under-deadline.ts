import { ExpectedError } from './model/errors.ts';
import type { Clock } from './ports/clock.ts';

interface Deadline {
  ms: number;
  /** Names the call in the error. */
  subject: string;
}

/** Runs a vendor call under a deadline of our own; past it, VENDOR_TIMEOUT is thrown and the call's signal aborts. */
export const underDeadline = async <T>(clock: Clock, { ms, subject }: Deadline, call: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const controller = new AbortController();
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(ms, () => {
      reject(new ExpectedError('VENDOR_TIMEOUT', `${subject} was not answered within ${ms / 1000} s.`));
      controller.abort();
    });
  });
  try {
    return await Promise.race([call(controller.signal), late]);
  } finally {
    cancel();
  }
};

/** Returns true if the vendor may have acted although it did not say yes. */
export const leavesDoubt = (error: unknown): boolean =>
  error instanceof ExpectedError && !error.notSent && (error.code === 'VENDOR_TIMEOUT' || error.code === 'VENDOR_UNAVAILABLE');
