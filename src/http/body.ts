import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip } from 'node:zlib';
import { isDeeperThan, isJsonDeeperThan } from '../lib/json-depth.ts';
import { wellFormed } from '../lib/well-formed-json.ts';
import { HttpError } from './http-error.ts';

/** The whole body; 413 as soon as it is known to be longer than `limit` bytes. */
export const readBody = (request: IncomingMessage, limit: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    // The connection is closed with the answer, since the rest of the body is left unread.
    const tooLong = () => new HttpError(413, 'BODY_LIMIT', `The body is longer than ${limit} bytes.`, { connection: 'close' });
    const breakOff = () => reject(new HttpError(400, 'BAD_REQUEST', 'The connection broke before the whole body had come.'));
    if (Number(request.headers['content-length'] ?? 0) > limit) return reject(tooLong());
    if (request.destroyed) return breakOff();
    const chunks: Buffer[] = [];
    let length = 0;
    const take = (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length <= limit) return;
      request.off('data', take).pause();
      reject(tooLong());
    };
    request.on('data', take);
    request.once('error', breakOff);
    request.once('close', breakOff);
    request.once('end', () => {
      request.off('close', breakOff);
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    });
  });

const tooDeep = (levels: number) =>
  new HttpError(400, 'JSON_DEPTH_LIMIT', `The JSON is nested more than ${levels} levels deep; the limit is limits.jsonDepth.`);

/** Throws 400 for a value of JSON that is nested more than `levels` deep. */
export const requireDepth = (value: unknown, levels: number): void => {
  if (isDeeperThan(value, levels)) throw tooDeep(levels);
};

/** As `requireDepth`, of JSON that is not parsed yet. */
export const requireJsonDepth = (json: Uint8Array, levels: number): void => {
  if (isJsonDeeperThan(json, levels)) throw tooDeep(levels);
};

const byteOrderMark = '\uFEFF';

const decoders = { gzip: promisify(gunzip), 'x-gzip': promisify(gunzip), br: promisify(brotliDecompress) } as const;
const isDecodable = (encoding: string): encoding is keyof typeof decoders => Object.hasOwn(decoders, encoding);

/** Undoes one content coding; the limit holds for what comes out of it as well. */
const decoded = async (bytes: Buffer, encoding: string, limit: number): Promise<Buffer> => {
  if (encoding === 'identity' || !isDecodable(encoding)) return bytes;
  try {
    return await decoders[encoding](bytes, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new HttpError(413, 'BODY_LIMIT', `The body is longer than ${limit} bytes once it is decompressed.`);
    }
    throw new HttpError(400, 'BAD_REQUEST', `The body is not ${encoding}, as its content-encoding says.`);
  }
};

/** Reads the body as JSON, with well-formed text; 415 for another type or coding, 400 for what is no JSON or nested too deeply. */
export const readJsonBody = async (
  request: IncomingMessage,
  limits: { bodyBytes: number; jsonDepth: number },
  /** Waited for with the number of bytes, decompressed, before they are looked at; may throw. */
  onSize: (bytes: number) => Promise<void> | void = () => undefined,
): Promise<unknown> => {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && !isDecodable(encoding)) {
    throw new HttpError(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send the body as it is, or with content-encoding gzip or br.', {
      'accept-encoding': 'gzip, br, identity',
      connection: 'close',
    });
  }
  const type = request.headers['content-type'] ?? '';
  const bytes = await decoded(await readBody(request, limits.bodyBytes), encoding, limits.bodyBytes);
  await onSize(bytes.length);
  const charset = /;\s*charset=\s*([^;]*)/i.exec(type)?.[1]?.replaceAll('"', '').trim();
  if (!/^\s*application\/json\s*(;|$)/i.test(type) || (charset !== undefined && !/^utf-?8$/i.test(charset))) {
    throw new HttpError(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send the body as application/json in UTF-8.', {
      accept: 'application/json',
    });
  }
  requireJsonDepth(bytes, limits.jsonDepth);
  let value: unknown;
  try {
    if (!isUtf8(bytes)) throw new Error('not UTF-8');
    const text = bytes.toString('utf8');
    value = JSON.parse(text.startsWith(byteOrderMark) ? text.slice(1) : text);
  } catch {
    throw new HttpError(400, 'BAD_REQUEST', 'The body is not JSON.');
  }
  return wellFormed(value);
};
