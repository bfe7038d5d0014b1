/** The answer to GET and HEAD of audio: its head, its part, its bytes with back-pressure. */
import { createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Recording } from '../../domain/model/entities.ts';
import type { MediaFormat } from '../../domain/model/enums.ts';
import { epochMs } from '../../domain/model/instant.ts';
import { type Bytes, readAhead } from '../../lib/bytes.ts';
import type { Audio } from '../../media/audio.ts';
import { isFinal } from '../../media/availability.ts';
import { part as partOfBytes } from '../../media/bytes.ts';
import { disposition, fileNameOf } from '../../media/file-name.ts';
import { formatIntervals } from '../../media/silence.ts';
import { HttpError } from '../http-error.ts';
import { isKnown, mayContinue, type Range, rangeOf } from './ranges.ts';

/** A client that takes nothing for so long is gone; a player that paused comes back with a range. */
const idleMs = 300_000;

export interface Answer {
  request: IncomingMessage;
  response: ServerResponse;
  recording: Recording;
  format: MediaFormat;
  audio: Audio;
  key: string;
  /** Aborts when the client leaves before everything is sent. */
  gone: AbortSignal;
  /** Called when bytes are about to leave: these of the whole, or all where it is null. */
  beforeFirstByte(range: Range | null): Promise<void>;
}

/** Of what cannot change any more; names the very bytes, silence included. */
const etagOf = ({ recording, format, audio, key }: Answer): string | null => {
  if (!isFinal(recording)) return null;
  const { source, externalId, endedAt } = recording;
  const names = JSON.stringify([source, externalId, endedAt, format, audio.byteLength, formatIntervals(audio.intervals)]);
  return `"${createHmac('sha256', key).update(`etag ${names}`).digest('base64url')}"`;
};

const headersOf = ({ recording, audio }: Answer, etag: string | null): Record<string, string> => ({
  'content-type': audio.contentType,
  'content-disposition': disposition(fileNameOf(recording, audio.extension)),
  'cache-control': 'private, no-store',
  'accept-ranges': audio.byteLength === null ? 'none' : 'bytes',
  ...(etag === null ? {} : { etag }),
  ...(etag === null || recording.endedAt === null ? {} : { 'last-modified': new Date(epochMs(recording.endedAt)).toUTCString() }),
  ...(audio.intervals.length === 0 ? {} : { 'x-tapegraph-masked': formatIntervals(audio.intervals) }),
});

/** Returns the part that is asked for; null for the whole. */
const requestedRange = ({ request, audio }: Answer, etag: string | null): Range | null => {
  const { byteLength } = audio;
  if (request.method !== 'GET' || byteLength === null || !mayContinue(request.headers['if-range'] as string | undefined, etag)) return null;
  const part = rangeOf(request.headers.range, byteLength);
  if (part === 'UNSATISFIABLE') {
    throw new HttpError(416, 'RANGE_NOT_SATISFIABLE', `The recording has ${byteLength} bytes, and the range starts after them.`, {
      'content-range': `bytes */${byteLength}`,
    });
  }
  return part === 'WHOLE' ? null : part;
};

const bytesOf = async (audio: Audio, part: Range | null): Promise<Bytes> =>
  part === null ? audio.body : ((await audio.openPart(part)) ?? partOfBytes(audio.body, part.start, part.end));

/**
 * Frees what is sent, unless it is a part of something larger. Left to the garbage collector, megabytes with every request would have it
 * search the whole heap again and again.
 */
const free = ({ buffer, byteLength }: Uint8Array): void => {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
};

/** Writes as fast as the client reads. A stream between the two would cost more than the writing. */
const send = async (body: Bytes, response: ServerResponse, gone: AbortSignal): Promise<void> => {
  let wake = () => {};
  response.on('drain', () => wake()).on('close', () => wake());
  const woken = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  for await (const chunk of body) {
    gone.throwIfAborted();
    const sent = (error: unknown) => {
      if (!error) free(chunk);
    };
    if (response.destroyed || !response.write(chunk, sent)) await woken();
  }
  gone.throwIfAborted();
  response.end();
  while (!response.closed) await woken();
};

/** Throws before the head is sent where the audio cannot be begun; afterwards a failure destroys the response, and is thrown too. */
export const sendAudio = async (answer: Answer): Promise<void> => {
  const { request, response, audio } = answer;
  const etag = etagOf(answer);
  const headers = headersOf(answer, etag);
  if (isKnown(request.headers['if-none-match'], etag)) {
    const { 'content-type': _type, 'content-disposition': _disposition, ...kept } = headers;
    response.writeHead(304, kept).end();
    return;
  }
  const part = requestedRange(answer, etag);
  const length = part === null ? audio.byteLength : part.end - part.start + 1;
  const head = {
    ...headers,
    ...(length === null ? {} : { 'content-length': String(length) }),
    ...(part === null ? {} : { 'content-range': `bytes ${part.start}-${part.end}/${audio.byteLength}` }),
  };
  if (request.method === 'HEAD') {
    response.writeHead(200, head).end();
    return;
  }
  const { whole } = await readAhead(await bytesOf(audio, part), (bytes) => bytes.length > 0);
  await answer.beforeFirstByte(part);
  response.setTimeout(idleMs, () => response.destroy());
  response.writeHead(part === null ? 200 : 206, head);
  await send(whole, response, answer.gone);
};
