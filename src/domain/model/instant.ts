import type { Instant } from './entities.ts';

/** The instant of an epoch time in milliseconds. */
export const instant = (epochMilliseconds: number): Instant => new Date(epochMilliseconds).toISOString();

/** Epoch milliseconds of an instant; digits past the third are dropped. */
export const epochMs = (value: Instant): number => Date.parse(value);

/** Null stays null. */
export const epochMsOrNull = (value: Instant | null | undefined): number | null => (value == null ? null : epochMs(value));

/** More than the clocks of several servers differ by. */
export const clocksApartMs = 5000;

/** Returns true if it lies further ahead than the clocks of several servers differ: such a thing cannot have happened yet. */
export const isFutureDated = (at: Instant | null | undefined, nowMs: number): at is Instant =>
  at != null && epochMs(at) - nowMs > clocksApartMs;
