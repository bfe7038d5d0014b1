/** Streams of bytes. An iterator by hand costs each chunk one promise, or none; a generator costs it several. */

export type Bytes = AsyncIterable<Uint8Array>;
type ByteIterator = AsyncIterator<Uint8Array, undefined, undefined>;

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

interface ReadAhead {
  head: Uint8Array;
  /** Gives everything, from the first byte. */
  whole: Bytes;
  /** True where `head` is all there is. */
  isWhole: boolean;
}

const readInto = (head: Uint8Array, iterator: AsyncIterator<Uint8Array>, isWhole: boolean): ReadAhead => {
  let ahead = head.length > 0 ? head : null;
  const next: ByteIterator['next'] = () => {
    if (ahead === null) return isWhole ? Promise.resolve({ done: true, value: undefined }) : (iterator as ByteIterator).next();
    const value = ahead;
    ahead = null;
    return Promise.resolve({ done: false, value });
  };
  return { head, whole: bytesFrom(next, () => iterator.return?.()), isWhole };
};

/** Reads ahead until `enough` says so or the stream is over. */
export const readAhead = async (body: Bytes, enough: (head: Uint8Array) => boolean): Promise<ReadAhead> => {
  const iterator = body[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  for (;;) {
    if (enough(head)) return readInto(head, iterator, false);
    const next = await iterator.next();
    if (next.done) return readInto(head, iterator, true);
    head = head.length === 0 ? next.value : joined(head, next.value);
  }
};

/** Reads ahead until `bytes` of the stream are there, or it is over. */
export const holdBack = async (body: Bytes, bytes: number): Promise<ReadAhead> => {
  const iterator = body[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length < bytes) {
    const next = await iterator.next();
    if (next.done) return readInto(chunks.length === 1 ? chunks[0]! : new Uint8Array(Buffer.concat(chunks)), iterator, true);
    chunks.push(next.value);
    length += next.value.length;
  }
  return readInto(chunks.length === 1 ? chunks[0]! : new Uint8Array(Buffer.concat(chunks)), iterator, false);
};
