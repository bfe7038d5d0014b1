/** When a read may be sent once more, and after which pause. */

/** The most that a single call is sent. */
const attempts = 3;
const firstPauseMs = 100;

export interface RetryBudget {
  /** A call came: ten of them earn one repeat. */
  earn(): void;
  /** Returns true if a repeat may be made; it is then spent. */
  spend(): boolean;
}

/** Bounds repeats to a tenth of the calls, and ten in a row, so that repeats do not keep an overloaded vendor overloaded. */
export const createRetryBudget = (most = 10, earnedByCall = 0.1): RetryBudget => {
  let left = most;
  return {
    earn: () => {
      left = Math.min(most, left + earnedByCall);
    },
    spend: () => {
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
};

interface FailedAttempt {
  /** How many attempts were made, this one among them. */
  made: number;
  leftMs: number;
  retryAfterSeconds: number | null;
}

/**
 * Returns the pause before attempt `made + 1`, in ms: the vendor's Retry-After, else twice as long each time, jittered between a half and the
 * whole. Null where the call may not be sent again or could not be answered within `leftMs`.
 */
export const pauseBefore = ({ made, leftMs, retryAfterSeconds }: FailedAttempt, random = Math.random): number | null => {
  if (made >= attempts) return null;
  const backOffMs = firstPauseMs * 2 ** (made - 1) * (0.5 + random() / 2);
  const pauseMs = Math.max(backOffMs, (retryAfterSeconds ?? 0) * 1000);
  return pauseMs < leftMs ? pauseMs : null;
};

/** `Retry-After` in seconds, whether it is given as a number or as a date; at most an hour. */
export const readRetryAfter = (value: string | string[] | undefined, nowMs: number): number | undefined => {
  const text = (Array.isArray(value) ? value[0] : value)?.trim() ?? '';
  const isDate = /^[A-Z][a-z]{2,8},? /.test(text);
  const seconds = isDate ? Math.ceil((Date.parse(text) - nowMs) / 1000) : /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), 3600) : undefined;
};
