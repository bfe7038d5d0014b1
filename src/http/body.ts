import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
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

const byteOrderMark = '\uFEFF';

/** The body as JSON where its type says so; 415 for another type or an encoding, 400 for what is no JSON. */
export const readJsonBody = async (request: IncomingMessage, limit: number): Promise<unknown> => {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new HttpError(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send the body without a content-encoding.', { connection: 'close' });
  }
  const type = request.headers['content-type'] ?? '';
  const bytes = await readBody(request, limit);
  const charset = /;\s*charset=\s*([^;]*)/i.exec(type)?.[1]?.replaceAll('"', '').trim();
  if (!/^\s*application\/json\s*(;|$)/i.test(type) || (charset !== undefined && !/^utf-?8$/i.test(charset))) {
    throw new HttpError(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send the body as application/json in UTF-8.');
  }
  try {
    if (!isUtf8(bytes)) throw new Error('not UTF-8');
    const text = bytes.toString('utf8');
    return JSON.parse(text.startsWith(byteOrderMark) ? text.slice(1) : text);
  } catch {
    throw new HttpError(400, 'BAD_REQUEST', 'The body is not JSON.');
  }
};
