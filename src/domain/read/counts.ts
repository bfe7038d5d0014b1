/** Counts of one caller, one after another: each may take the database for a while, and what others want comes between. */
import { pause } from '../pause.ts';
import type { ReadContext } from './context.ts';
import { maxCounted } from './pages.ts';

const maxRestMs = 50;

/** Runs `count` when the caller's counts before it are done, and rests for about as long as it took. */
export const countInTurn = (
  { clock, vendorReads, principal }: Pick<ReadContext, 'clock' | 'vendorReads' | 'principal'>,
  count: (max: number) => Promise<number | null>,
): Promise<number | null> =>
  vendorReads.callersCounts.run(principal.name, async () => {
    const beganMs = clock.monotonicMs();
    const counted = await count(maxCounted);
    await new Promise<void>((resolve) => setImmediate(resolve));
    const tookMs = clock.monotonicMs() - beganMs;
    if (tookMs >= 1) await pause(clock, Math.min(tookMs, maxRestMs));
    return counted;
  })!;
