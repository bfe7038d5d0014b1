/** Reads the messages of a WebSocket: in their order, each paid for and in a slice of the caller's. */
import type { WebSocket } from 'ws';
import type { Clock } from '../domain/ports/clock.ts';
import type { Log } from '../domain/ports/log.ts';
import type { Slices } from '../lib/slices.ts';
import { wellFormedJson } from '../lib/well-formed-json.ts';
import { requireJsonDepthAndValues } from './body.ts';
import type { Callers } from './callers.ts';
import { HttpError, unauthenticated } from './http-error.ts';
import { closeCodes, closeFor, type Session } from './socket-session.ts';

interface MessageContext {
  callers: Callers;
  slices: Slices;
  limits: { jsonDepth: number; jsonValues: number };
  clock: Clock;
  log: Log;
}

/** Messages that are no longer are read at once. */
const shortBytes = 4096;
/** How soon a caller who could not pay for a message tries again. */
const repayMs = 100;
/** For how many times; a full bucket takes two seconds. */
const maxTries = 50;
/** Characters of a `connection_init`, most of which are a credential. */
const maxInitBytes = 32_768;

/** Gives a `subscribe` that names a hash and leaves the text out an empty one, without which graphql-ws closes the socket. */
const withQuery = (message: string): string => {
  if (/"query"\s*:\s*"/.test(message)) return message;
  try {
    const { payload, ...rest } = JSON.parse(message) as { type?: unknown; payload?: { query?: unknown; extensions?: unknown } | null };
    if (rest.type !== 'subscribe' || payload?.query != null || payload?.extensions == null) return message;
    return JSON.stringify({ ...rest, payload: { ...payload, query: '' } });
  } catch {
    return message;
  }
};

const callerOf = ({ principal, client }: Session): string => principal?.name ?? client;

/** Throws for a long message that costs much to parse. */
const requireReadable = ({ limits }: MessageContext, { principal }: Session, data: Buffer): void => {
  // The payload stands one level below the message.
  requireJsonDepthAndValues(data, { ...limits, jsonDepth: limits.jsonDepth + 1 });
  if (principal === null && data.length > maxInitBytes)
    throw unauthenticated(`A message before connection_ack is longer than ${maxInitBytes} bytes; shorten it.`);
};

/** Resolves once the caller has paid for the length of a message, which is neither parsed nor followed by another until then. */
const payFor = async ({ callers, clock }: MessageContext, { principal, socket }: Session, { length }: Buffer): Promise<void> => {
  for (let tries = 1; principal !== null && socket.readyState === socket.OPEN; tries += 1) {
    try {
      return callers.reading(principal).pay(length);
    } catch (error) {
      if (!(error instanceof HttpError) || tries >= maxTries) throw error;
      await new Promise<void>((resolve) => void clock.after(repayMs, resolve));
    }
  }
};

/** Resolves when the message may be parsed. */
const waitFor = async (context: MessageContext, session: Session, data: Buffer): Promise<void> => {
  if (data.length > shortBytes) {
    await payFor(context, session, data);
    requireReadable(context, session, data);
  }
  await context.slices.next(callerOf(session));
};

const closeCodeOf = ({ status }: HttpError): number =>
  status === 401 ? closeCodes.unauthorized : status === 429 ? closeCodes.tryAgainLater : closeCodes.badRequest;

/** Closes the socket whose message could not be read. */
const closeAfter = ({ log }: MessageContext, { socket }: Session, error: unknown): void => {
  if (error instanceof HttpError) closeFor(socket, log, closeCodeOf(error), error.message);
  // graphql-ws throws for the messages that only a server may send.
  else if (error instanceof Error && error.message.startsWith('Unexpected message of type'))
    socket.close(closeCodes.badRequest, 'Invalid message received');
  else {
    log.error('a WebSocket message failed', { error });
    socket.close(closeCodes.internalError, 'Internal error');
  }
};

/** Hands messages on in their order; while one waits, nothing more is read from the socket. */
export const readMessages = (context: MessageContext, session: Session, handle: (message: string) => Promise<void>): void => {
  const socket: WebSocket = session.socket;
  let last: Promise<void> | null = null;
  const refuse = (error: unknown) => closeAfter(context, session, error);
  const take = (data: Buffer) => handle(withQuery(wellFormedJson(String(data)))).catch(refuse);
  const takeInOrder = (data: Buffer) => {
    socket.pause();
    const mine = (last ?? Promise.resolve())
      .then(() => waitFor(context, session, data))
      .then(() => {
        if (socket.readyState === socket.OPEN) void take(data);
      }, refuse)
      .then(() => {
        if (last !== mine) return;
        last = null;
        socket.resume();
      });
    last = mine;
  };
  // By the default of `ws`, a message is one Buffer.
  socket.on('message', (data: Buffer) => {
    if (last === null && data.length <= shortBytes && context.slices.begin(callerOf(session))) void take(data);
    else takeInOrder(data);
  });
};
