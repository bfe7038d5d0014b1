/** Time and ids, handed in so that tests own them. */

export interface Clock {
  /** Epoch milliseconds of the wall clock, for times that are stored, shown or sent. It jumps when the machine's clock is set. */
  now(): number;
  /** Milliseconds since some moment of this process, for waits, rates and caches. It never jumps and never goes back. */
  monotonicMs(): number;
  /** Calls back once after `ms` of monotonic time; the returned function cancels. */
  after(ms: number, callback: () => void): () => void;
}

export interface Ids {
  /** A new, unguessable, unique id. */
  next(): string;
}
