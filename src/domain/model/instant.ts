import type { Instant } from './entities.ts';

/** The instant of an epoch time in milliseconds. */
export const instant = (epochMilliseconds: number): Instant => new Date(epochMilliseconds).toISOString();

/** Epoch milliseconds of an instant; digits past the third are dropped. */
export const epochMs = (value: Instant): number => Date.parse(value);

/** Null stays null. */
export const epochMsOrNull = (value: Instant | null | undefined): number | null => (value == null ? null : epochMs(value));
