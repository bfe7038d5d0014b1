import { type Clock, createTurns, pause, type VendorState } from '../kit/index.ts';

/** The vendor takes 20 requests a second of each action: 5 at once and 15 a second stay below it in any second. */
const burst = 5;
const intervalMs = 67;
/** A reservation further ahead than this was made by a server whose clock is wrong. */
const maxAheadMs = 60_000;

/**
 * Waits until one action may be requested again. The next free moment is kept in the source's state, so that all servers
 * draw from one queue; reservations of this server are made one after another.
 */
export const createRateLimiter = (clock: Clock, state: VendorState) => {
  const turns = createTurns();

  const reserve = async (action: string): Promise<number> => {
    const now = clock.now();
    const next = await state.update(`rate:${action}`, (stored) => {
      const reserved = typeof stored === 'number' && stored <= now + maxAheadMs ? stored : now;
      return Math.max(reserved, now) + intervalMs;
    });
    return Math.max(0, next - burst * intervalMs - now);
  };

  return async (action: string, signal?: AbortSignal): Promise<void> => {
    const waitMs = await turns.run(action, () => reserve(action));
    if (waitMs > 0) await pause(clock, waitMs, signal);
  };
};
