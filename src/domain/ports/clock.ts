/** Time and ids, handed in so that tests own them. */

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Calls back once after `ms`; the returned function cancels. */
  after(ms: number, callback: () => void): () => void;
}

export interface Ids {
  /** A new, unguessable, unique id. */
  next(): string;
}
