/** Streams of bytes: each of these holds a chunk at a time, and ends the stream before it when it is itself ended. */

export type Bytes = AsyncIterable<Uint8Array>;

/** Reads ahead until `enough` says so or the stream is over; `whole` then gives everything. */
export const readAhead = async (body: Bytes, enough: (head: Uint8Array) => boolean): Promise<{ head: Uint8Array; whole: Bytes }> => {
  const iterator = body[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  let over = false;
  while (!over && !enough(head)) {
    const next = await iterator.next();
    if (next.done) over = true;
    else head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  const whole = async function* () {
    try {
      if (head.length > 0) yield head;
      head = new Uint8Array(0);
      while (!over) {
        const next = await iterator.next();
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  };
  return { head, whole: whole() };
};

/** Throws what `broken` makes where the stream is longer or shorter than it was said to be. */
export async function* ofLength(body: Bytes, length: number, broken: () => Error): Bytes {
  let seen = 0;
  for await (const chunk of body) {
    seen += chunk.length;
    if (seen > length) throw broken();
    yield chunk;
  }
  if (seen < length) throw broken();
}

/** The bytes from `start` to `end`, inclusive; what follows is not waited for. */
export async function* part(body: Bytes, start: number, end: number): Bytes {
  let at = 0;
  for await (const chunk of body) {
    const from = Math.max(0, start - at);
    const to = Math.min(chunk.length, end + 1 - at);
    at += chunk.length;
    if (from < to) yield chunk.subarray(from, to);
    if (at > end) return;
  }
}

/** Changes only the bytes from `start` on that belong to the `length` next ones; the others pass. */
export async function* withinRegion(body: Bytes, start: number, length: number, change: (chunk: Uint8Array) => Uint8Array): Bytes {
  let at = 0;
  for await (const chunk of body) {
    const from = Math.min(chunk.length, Math.max(0, start - at));
    const to = Math.min(chunk.length, Math.max(0, start + length - at));
    at += chunk.length;
    if (from > 0) yield chunk.subarray(0, from);
    if (from < to) yield change(chunk.subarray(from, to));
    if (to < chunk.length && to >= from) yield chunk.subarray(Math.max(from, to));
  }
}

/** `head`, and then every chunk as `change` makes it. */
export async function* changed(head: Uint8Array, body: Bytes, change: (chunk: Uint8Array) => Uint8Array): Bytes {
  yield head;
  for await (const chunk of body) yield change(chunk);
}
