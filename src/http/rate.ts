import { LRUCache } from 'lru-cache';
import type { Clock } from '../domain/ports/clock.ts';
import { HttpError } from './http-error.ts';

export interface RateLimit {
  /** Seconds to wait; 0 where the request may go on, which it then has paid for. */
  take(caller: string): number;
}

/**
 * Makes a token bucket a caller, which holds two seconds' worth. rate-limiter-flexible counts in fixed windows of the machine's own clock, in
 * which a caller that sends at the allowed rate is refused after a burst, and a test would have to wait.
 */
export const createRateLimit = (perSecond: number, clock: Clock, capacity = 10_000): RateLimit => {
  const buckets = new LRUCache<string, { tokens: number; atMs: number }>({ max: capacity });
  const full = perSecond * 2;
  return {
    take: (caller) => {
      const now = clock.monotonicMs();
      const bucket = buckets.get(caller) ?? { tokens: full, atMs: now };
      bucket.tokens = Math.min(full, bucket.tokens + ((now - bucket.atMs) / 1000) * perSecond);
      bucket.atMs = now;
      buckets.set(caller, bucket);
      if (bucket.tokens < 1) return (1 - bucket.tokens) / perSecond;
      bucket.tokens -= 1;
      return 0;
    },
  };
};

/** Throws 429 with `Retry-After`. */
export const requireRate = (rate: RateLimit, caller: string): void => {
  const seconds = rate.take(caller);
  if (seconds > 0) {
    throw new HttpError(429, 'RATE_LIMITED', 'Too many requests; slow down.', { 'retry-after': String(Math.ceil(seconds)) });
  }
};
