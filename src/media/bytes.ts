/** Streams of bytes, each made of another: they hold a chunk at a time, and end the one before them when they are themselves ended. */
import { type Bytes, bytesFrom } from '../lib/bytes.ts';

/** Throws what `broken` makes where the stream is longer or shorter than it was said to be. */
export const ofLength = (body: Bytes, length: number, broken: () => Error): Bytes => {
  const iterator = body[Symbol.asyncIterator]();
  const end = () => iterator.return?.();
  let count = 0;
  return bytesFrom(async () => {
    const step = await iterator.next();
    if (!step.done) count += step.value.length;
    if (step.done ? count === length : count <= length) return step;
    await end();
    throw broken();
  }, end);
};

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

/** Writes `bytes` over those from `start` on. */
export async function* overwritten(body: Bytes, start: number, bytes: Uint8Array): Bytes {
  let at = 0;
  for await (const chunk of body) {
    const first = at;
    at += chunk.length;
    if (first >= start + bytes.length || at <= start) {
      yield chunk;
      continue;
    }
    const copy = Uint8Array.from(chunk);
    for (let index = Math.max(first, start); index < Math.min(at, start + bytes.length); index += 1)
      copy[index - first] = bytes[index - start]!;
    yield copy;
  }
}
