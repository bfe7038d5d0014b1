import { LRUCache } from 'lru-cache';
import type { Clock } from '../domain/ports/clock.ts';
import { HttpError } from './http-error.ts';

interface RateLimit {
  /** Seconds to wait; 0 where the request may go on, which has then paid `cost` tokens, of which one costs 1 when absent. */
  take(caller: string, cost?: number): number;
}

/**
 * Makes a token bucket a caller, which holds two seconds' worth. rate-limiter-flexible counts in fixed windows of the machine's own clock, in
 * which a caller that sends at the allowed rate is refused after a burst, and a test would have to wait.
 */
export const createRateLimit = (perSecond: number, clock: Clock, capacity = 10_000): RateLimit => {
  const buckets = new LRUCache<string, { tokens: number; atMs: number }>({ max: capacity });
  const full = perSecond * 2;
  return {
    take: (caller, cost = 1) => {
      const now = clock.monotonicMs();
      const bucket = buckets.get(caller) ?? { tokens: full, atMs: now };
      bucket.tokens = Math.min(full, bucket.tokens + ((now - bucket.atMs) / 1000) * perSecond);
      bucket.atMs = now;
      buckets.set(caller, bucket);
      // A request that costs more than a bucket holds takes a full one.
      const price = Math.min(cost, full);
      if (bucket.tokens < price) return (price - bucket.tokens) / perSecond;
      bucket.tokens -= price;
      return 0;
    },
  };
};

/** Throws 429 with `Retry-After`. */
export const requireRate = (rate: RateLimit, caller: string, cost = 1): void => {
  const seconds = cost > 0 ? rate.take(caller, cost) : 0;
  if (seconds > 0) {
    throw new HttpError(429, 'RATE_LIMITED', 'Too many requests; slow down.', { 'retry-after': String(Math.ceil(seconds)) });
  }
};
