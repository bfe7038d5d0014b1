/** A start leaves a heap behind that grew for what is garbage now, and V8 shrinks it only under load. */
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The share of its time that the loop may be at work and still count as at rest. */
const restfulShare = 0.25;

interface CollectOptions {
  type: 'major';
  /** `last-resort` also gives the room for new objects back to the system; it grows again with the next load. */
  flavor: 'last-resort';
}

const collect = (): void => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as (options: CollectOptions) => void;
  setFlagsFromString('--no-expose-gc');
  gc({ type: 'major', flavor: 'last-resort' });
};

/** Collects garbage once, a tenth of a second's work, as soon as the loop had little to do for `lookEveryMs`. */
export const collectAtRest = (lookEveryMs = 500): void => {
  let last = performance.eventLoopUtilization();
  const look = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    if (utilization > restfulShare) return;
    clearInterval(look);
    collect();
  }, lookEveryMs).unref();
};
