/**
 * Cuts what callers ask for into slices, one in a turn of the event loop, so that what is urgent comes between. A slice goes on for as long as
 * each next bit begins within a few milliseconds; what waits for a slice is taken up bit by bit, from each caller in rotation.
 */
export interface Slices {
  /** True if the slice has lasted long enough: further work should wait for the next. */
  isOver(): boolean;
  /** Resolves when what was made ready before, by this caller or another, has been done as far as it goes by itself. */
  next(caller: string): Promise<void>;
}

const sliceMs = 5;

export const createSlices = (monotonicMs: () => number): Slices => {
  /** By caller, whoever is next first. */
  const waiting = new Map<string, (() => void)[]>();
  /** Null where nothing was begun in this turn of the event loop. */
  let beganMs: number | null = null;
  let isTaking = false;

  /** Notes when the slice began, and begins the next one in the next turn of the event loop. */
  const begin = () => {
    beganMs = monotonicMs();
    setImmediate(() => {
      beganMs = null;
      if (waiting.size > 0) take();
    });
  };

  const isOver = () => {
    if (beganMs === null) begin();
    return monotonicMs() - beganMs! >= sliceMs;
  };

  /** Takes up one that waits, and when that is done as far as it goes by itself, which microtasks are, the next one. */
  const take = () => {
    const [next] = waiting;
    isTaking = next !== undefined && !isOver();
    if (!isTaking) return;
    const [caller, queue] = next!;
    const resume = queue.shift()!;
    waiting.delete(caller);
    if (queue.length > 0) waiting.set(caller, queue);
    resume();
    queueMicrotask(() => process.nextTick(take));
  };

  const next = (caller: string) =>
    new Promise<void>((resolve) => {
      const queue = waiting.get(caller);
      if (queue === undefined) waiting.set(caller, [resolve]);
      else queue.push(resolve);
      if (isTaking || isOver()) return;
      isTaking = true;
      queueMicrotask(() => process.nextTick(take));
    });

  return { isOver, next };
};
