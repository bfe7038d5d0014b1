import { pipeline, Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const decoders = new Map<string, () => Transform>(
  Object.entries({
    gzip: createGunzip,
    'x-gzip': createGunzip,
    deflate: createInflate,
    br: createBrotliDecompress,
    zstd: createZstdDecompress,
  }),
);

class TooLong extends Error {}
export const tooLong = (error: unknown): boolean => error instanceof TooLong;

/** Passes chunks on until they are more than `limit` bytes. */
async function* bounded(body: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > limit) throw new TooLong();
    yield chunk;
  }
}

/** The body as it was before its content-encoding, which a vendor may use unasked. Throws beyond `maxBytes` of either form. */
export const decompressed = (body: Readable, headers: Headers, maxBytes: number | null): AsyncIterable<Uint8Array> => {
  const decoder = decoders.get(String(headers['content-encoding'] ?? '').toLowerCase());
  if (!decoder) return body;
  const plain = decoder();
  pipeline(maxBytes === null ? body : Readable.from(bounded(body, maxBytes)), plain, () => undefined);
  return plain;
};
