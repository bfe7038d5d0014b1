/** Streams of bytes. An iterator by hand costs each chunk one promise, or none; a generator costs it several. */

export type Bytes = AsyncIterable<Uint8Array>;
export type ByteIterator = AsyncIterator<Uint8Array, undefined, undefined>;

/** `next` gives a chunk a call; `end` is called where the reader leaves early. */
export const bytesFrom = (next: ByteIterator['next'], end: (() => Promise<unknown> | undefined) | undefined): Bytes => {
  const iterator: ByteIterator = {
    next,
    return: async () => {
      await end?.();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
};

const joined = (left: Uint8Array, right: Uint8Array): Uint8Array => {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
};

/** Reads ahead until `enough` says so or the stream is over; `whole` then gives everything. */
export const readAhead = async (body: Bytes, enough: (head: Uint8Array) => boolean): Promise<{ head: Uint8Array; whole: Bytes }> => {
  const iterator = body[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  let over = false;
  while (!over && !enough(head)) {
    const next = await iterator.next();
    if (next.done) over = true;
    else head = head.length === 0 ? next.value : joined(head, next.value);
  }
  let ahead = head.length > 0 ? head : null;
  const next: ByteIterator['next'] = () => {
    if (ahead === null) return over ? Promise.resolve({ done: true, value: undefined }) : iterator.next();
    const value = ahead;
    ahead = null;
    return Promise.resolve({ done: false, value });
  };
  return { head, whole: bytesFrom(next, () => iterator.return?.()) };
};
