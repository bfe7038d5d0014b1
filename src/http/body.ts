import type { IncomingMessage } from 'node:http';
import { HttpRefusal } from './refusal.ts';

/** The whole body; 413 as soon as it is known to be longer than `limit` bytes. */
export const readBody = async (request: IncomingMessage, limit: number): Promise<Buffer> => {
  // The connection is closed with the answer, since the rest of the body is left unread.
  const tooLong = () => new HttpRefusal(413, 'BODY_LIMIT', `The body is longer than ${limit} bytes.`, { connection: 'close' });
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLong();
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      length += (chunk as Buffer).length;
      if (length > limit) throw tooLong();
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    if (error instanceof HttpRefusal) throw error;
    throw new HttpRefusal(400, 'BAD_REQUEST', 'The connection broke before the whole body had come.');
  }
  return Buffer.concat(chunks);
};

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The body as JSON where its type says so; 415 for another type or an encoding, 400 for what is no JSON. */
export const readJsonBody = async (request: IncomingMessage, limit: number): Promise<unknown> => {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new HttpRefusal(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send the body without a content-encoding.', { connection: 'close' });
  }
  const type = request.headers['content-type'] ?? '';
  const bytes = await readBody(request, limit);
  const [essence, ...parameters] = type
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charset = parameters
    .find((parameter) => parameter.startsWith('charset='))
    ?.slice('charset='.length)
    .replaceAll('"', '');
  if (essence !== 'application/json' || (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8')) {
    throw new HttpRefusal(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send the body as application/json in UTF-8.');
  }
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    throw new HttpRefusal(400, 'BAD_REQUEST', 'The body is not JSON.');
  }
};
