import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip } from 'node:zlib';
import type { Limits } from '../graphql/policy/limits.ts';
import { isDeeperThan, jsonExcess } from '../lib/json-depth.ts';
import { wellFormedJson } from '../lib/well-formed-json.ts';
import type { BodyReading } from './callers.ts';
import { HttpError } from './http-error.ts';

/**
 * The whole body; 413 as soon as it is known to be longer than `limit` bytes. `pay` is told how long it is, first as the request declares it,
 * and may throw: no more is then kept, and what still comes, up to `limit` bytes, is dropped behind the answer. A client that sends its whole body
 * before it reads would not see the answer on a connection that is closed.
 */
export const readBody = (request: IncomingMessage, limit: number, pay: (bytes: number) => void = () => undefined): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    // The connection is closed with the answer, since the rest of the body is left unread.
    const tooLong = () =>
      new HttpError(413, 'BODY_LIMIT', `The body is longer than ${limit} bytes; send it in parts.`, { connection: 'close' });
    const breakOff = () => reject(new HttpError(400, 'BAD_REQUEST', 'The connection broke before the whole body had come.'));
    const declared = Number(request.headers['content-length'] ?? 0);
    if (declared > limit) return reject(tooLong());
    if (request.destroyed) return breakOff();
    pay(declared);
    const chunks: Buffer[] = [];
    let length = 0;
    const drop = (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit) request.destroy();
    };
    const take = (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length > limit) {
        request.off('data', take).pause();
        return reject(tooLong());
      }
      try {
        pay(Math.max(declared, length));
      } catch (error) {
        chunks.length = 0;
        request.off('data', take).on('data', drop);
        reject(error);
      }
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
  new HttpError(
    400,
    'JSON_DEPTH_LIMIT',
    `The JSON is nested more than ${levels} levels deep, which is limits.jsonDepth. Nest it less deeply.`,
  );

/** Throws 400 for a value of JSON that is nested more than `levels` deep. */
export const requireDepth = (value: unknown, levels: number): void => {
  if (isDeeperThan(value, levels)) throw tooDeep(levels);
};

/** Throws 400 for JSON, not parsed yet, that is nested too deeply or holds too many values. */
export const requireJsonDepthAndValues = (json: Uint8Array, { jsonDepth, jsonValues }: Pick<Limits, 'jsonDepth' | 'jsonValues'>): void => {
  const excess = jsonExcess(json, { levels: jsonDepth, values: jsonValues });
  if (excess === 'levels') throw tooDeep(jsonDepth);
  if (excess === 'values')
    throw new HttpError(
      400,
      'JSON_VALUES_LIMIT',
      `The JSON holds more than ${jsonValues} values, which is limits.jsonValues. Use several requests.`,
    );
};

const byteOrderMark = '\uFEFF';

const decoders = { gzip: promisify(gunzip), 'x-gzip': promisify(gunzip), br: promisify(brotliDecompress) } as const;
const isDecodable = (encoding: string): encoding is keyof typeof decoders => Object.hasOwn(decoders, encoding);

/** Undoes one content coding; the limit holds for what comes out of it as well, and so does the price. */
const decoded = async (bytes: Buffer, encoding: keyof typeof decoders, limit: number, { pay, inTurn }: BodyReading): Promise<Buffer> => {
  try {
    const whole = await inTurn(() => decoders[encoding](bytes, { maxOutputLength: limit }));
    pay(whole.length);
    return whole;
  } catch (error) {
    if (error instanceof HttpError) throw error;
    pay(limit);
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new HttpError(413, 'BODY_LIMIT', `The body is longer than ${limit} bytes once it is decompressed; send it in parts.`);
    }
    throw new HttpError(400, 'BAD_REQUEST', `The body is not ${encoding}, as its content-encoding says.`);
  }
};

/** Reads the body as JSON, with well-formed text; 415 for another type or coding, 400 for what is no JSON, nested too deeply or of too many values. */
export const readJsonBody = async (
  request: IncomingMessage,
  limits: Pick<Limits, 'bodyBytes' | 'jsonDepth' | 'jsonValues'>,
  reading: BodyReading,
): Promise<unknown> => {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && !isDecodable(encoding)) {
    throw new HttpError(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send the body as it is, or with content-encoding gzip or br.', {
      'accept-encoding': 'gzip, br, identity',
      connection: 'close',
    });
  }
  const type = request.headers['content-type'] ?? '';
  const sent = await readBody(request, limits.bodyBytes, reading.pay);
  const bytes = encoding === 'identity' ? sent : await decoded(sent, encoding, limits.bodyBytes, reading);
  await reading.slice(bytes.length);
  const charset = /;\s*charset=\s*([^;]*)/i.exec(type)?.[1]?.replaceAll('"', '').trim();
  if (!/^\s*application\/json\s*(;|$)/i.test(type) || (charset !== undefined && !/^utf-?8$/i.test(charset))) {
    throw new HttpError(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send the body as application/json in UTF-8.', {
      accept: 'application/json',
    });
  }
  requireJsonDepthAndValues(bytes, limits);
  try {
    if (!isUtf8(bytes)) throw new Error('not UTF-8');
    const text = bytes.toString('utf8');
    return JSON.parse(wellFormedJson(text.startsWith(byteOrderMark) ? text.slice(1) : text));
  } catch {
    throw new HttpError(400, 'BAD_REQUEST', 'The body is not JSON.');
  }
};
