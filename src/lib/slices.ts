/**
 * Cuts what callers ask for into slices, with some turns of the event loop between them, so that what is urgent comes between. A slice goes on for as
 * long as each next bit begins within a few milliseconds; what waits for a slice is taken up bit by bit, from each caller in rotation. A caller whose
 * bit lasted long while there are others rests for as long as it lasted: what another does in many turns then waits for that bit once, not in each
 * of its turns.
 */
export interface Slices {
  /** True if the slice has lasted long enough: further work should wait for the next. */
  isOver(): boolean;
  /** Begins a bit of the caller's. Returns false where the slice has lasted long enough or the caller rests: the bit then has to wait. */
  begin(caller: string): boolean;
  /** Resolves when what was made ready before, by this caller or another, has been done as far as it goes by itself, and the caller does not rest. */
  next(caller: string): Promise<void>;
}

interface SlicesClock {
  monotonicMs(): number;
  after(ms: number, callback: () => void): () => void;
}

const sliceMs = 5;
/**
 * Turns of the event loop from the end of a whole slice to the next one. Node accepts one connection in a turn: were each turn as long as a slice, a
 * caller who opens hundreds in a second would keep the others' from being accepted for seconds.
 */
export const turnsBetween = 8;
/** Work that cannot be cut, such as the validation of a document, may last longer. */
const longBitMs = 10;
/** How long a caller counts as another that is there. */
const thereMs = 1000;

const afterTurns = (turns: number, callback: () => void): void => {
  setImmediate(() => (turns > 1 ? afterTurns(turns - 1, callback) : callback()));
};

export const createSlices = ({ monotonicMs, after }: SlicesClock): Slices => {
  /** By caller, whoever is next first. */
  const waiting = new Map<string, (() => void)[]>();
  const resting = new Set<string>();
  /** The last two names that waited, and when. */
  let askers: readonly { caller: string; atMs: number }[] = [];
  /** Null where nothing was begun in this turn of the event loop. */
  let beganMs: number | null = null;
  let isTaking = false;

  const isOver = () => {
    if (beganMs === null) {
      beganMs = monotonicMs();
      const begin = () => {
        beganMs = null;
        take();
      };
      setImmediate(() => (isOver() ? afterTurns(turnsBetween - 1, begin) : begin()));
    }
    return monotonicMs() - beganMs >= sliceMs;
  };

  const noteAsker = (caller: string) => {
    askers = [{ caller, atMs: monotonicMs() }, ...askers.filter((asker) => asker.caller !== caller)].slice(0, 2);
  };
  const isAlone = (caller: string) => !askers.some((asker) => asker.caller !== caller && monotonicMs() - asker.atMs < thereMs);

  /** Calls back when what runs now is done as far as it goes by itself, which microtasks are. */
  const afterBit = (callback: () => void) => queueMicrotask(() => process.nextTick(callback));

  /** Has the caller rest after the bit that begins now, if it lasts long. */
  const measure = (caller: string) => {
    const startedMs = monotonicMs();
    afterBit(() => {
      const tookMs = monotonicMs() - startedMs;
      if (tookMs < longBitMs || resting.has(caller) || isAlone(caller)) return;
      resting.add(caller);
      after(tookMs, () => {
        resting.delete(caller);
        take();
      });
    });
  };

  const firstAwake = (): [string, (() => void)[]] | null => {
    for (const entry of waiting) if (!resting.has(entry[0])) return entry;
    return null;
  };

  /** Takes up one that waits, and when that is done, the next one. */
  const take = () => {
    if (isTaking) return;
    const next = firstAwake();
    if (next === null || isOver()) return;
    const [caller, queue] = next;
    const resume = queue.shift()!;
    waiting.delete(caller);
    if (queue.length > 0) waiting.set(caller, queue);
    isTaking = true;
    measure(caller);
    resume();
    afterBit(() => {
      isTaking = false;
      take();
    });
  };

  const next = (caller: string) =>
    new Promise<void>((resolve) => {
      noteAsker(caller);
      const queue = waiting.get(caller);
      if (queue === undefined) waiting.set(caller, [resolve]);
      else queue.push(resolve);
      if (isTaking || isOver()) return;
      isTaking = true;
      afterBit(() => {
        isTaking = false;
        take();
      });
    });

  const begin = (caller: string) => {
    noteAsker(caller);
    if (isOver() || resting.has(caller)) return false;
    measure(caller);
    return true;
  };

  return { isOver, begin, next };
};
