import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { wellFormedJson } from '../lib/well-formed-json.ts';
import { requireJsonDepthAndValues } from './body.ts';
import { HttpError, unauthenticated } from './http-error.ts';
import { createSocketProtocol, type SocketOptions } from './socket-protocol.ts';
import { closeCodes, closeFor, closeForRestart, openSession, type Session, sendTo } from './socket-session.ts';

interface SocketHandler {
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void;
  /** Sockets open now. */
  readonly open: number;
  /** Closes every socket with 1012, as soon as its queries and mutations are answered; clients come back and resume. */
  close(): void;
  /** Drops those that have not answered. */
  terminate(): void;
}

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

/** Messages that are no longer are read at once. */
const shortBytes = 4096;
/** How soon a caller who could not pay for a message tries again. */
const repayMs = 100;
/** Characters of a `connection_init`, most of which are a credential. */
const maxInitBytes = 32_768;

const callerOf = ({ principal, client }: Session): string => principal?.name ?? client;

export const createSocketHandler = (options: SocketOptions): SocketHandler => {
  const { callers, consumers, peers, slices, limits, refuseUpgrade, clock, log } = options;
  const alive = new Set<WebSocket>();
  const sessions = new Set<Session>();
  let closing = false;
  const protocol = createSocketProtocol(options, () => closing);

  /** Throws for a long message that costs much to parse. */
  const requireReadable = ({ principal }: Session, data: Buffer): void => {
    // The payload stands one level below the message.
    requireJsonDepthAndValues(data, { ...limits, jsonDepth: limits.jsonDepth + 1 });
    if (principal === null && data.length > maxInitBytes)
      throw unauthenticated(`A message before connection_ack is longer than ${maxInitBytes} bytes.`);
  };

  /** Resolves once the caller has paid for the length of a message, which is neither parsed nor followed by another until then. */
  const payFor = async ({ principal, socket }: Session, { length }: Buffer): Promise<void> => {
    while (principal !== null && socket.readyState === socket.OPEN) {
      try {
        return callers.reading(principal).pay(length);
      } catch (error) {
        if (!(error instanceof HttpError)) throw error;
        await new Promise<void>((resolve) => void clock.after(repayMs, resolve));
      }
    }
  };

  /** Hands messages on in their order, each in a slice of the caller's; while one waits, nothing more is read from the socket. */
  const inOrder = (session: Session, handle: (data: Buffer) => Promise<void>, refuse: (error: unknown) => void) => {
    const { socket } = session;
    let last: Promise<void> | null = null;
    const wait = async (data: Buffer) => {
      if (data.length > shortBytes) {
        await payFor(session, data);
        requireReadable(session, data);
      }
      await slices.next(callerOf(session));
    };
    return (data: Buffer): void => {
      if (last === null && data.length <= shortBytes && slices.begin(callerOf(session))) {
        void handle(data);
        return;
      }
      socket.pause();
      const mine = (last ?? Promise.resolve())
        .then(() => wait(data))
        .then(() => {
          if (socket.readyState === socket.OPEN) void handle(data);
        }, refuse)
        .then(() => {
          if (last !== mine) return;
          last = null;
          socket.resume();
        });
      last = mine;
    };
  };

  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.messageBytes,
    perMessageDeflate: false,
    // Of each socket one message in a turn of the event loop: what has come may hold thousands.
    allowSynchronousEvents: false,
    handleProtocols,
  });
  server.on('wsClientError', ({ message }, stream, request) =>
    refuseUpgrade(request, stream, '400 Bad Request\r\nsec-websocket-version: 13, 8', `no handshake of a WebSocket: ${message}`),
  );
  server.on('connection', (socket: WebSocket, request: IncomingMessage) => {
    const session = openSession({ request, socket, client: peers.peerOf(request).client }, clock, log);
    alive.add(socket);
    sessions.add(session);
    socket.on('pong', () => alive.add(socket));
    // Resets, and frames that break the protocol; `ws` closes the socket itself.
    socket.on('error', () => undefined);
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: async (data) => void (await sendTo(session, consumers, wellFormedJson(data))),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (handle) => {
          const fail = (error: unknown) => {
            if (error instanceof HttpError) {
              const code = error.status === 401 ? closeCodes.unauthorized : closeCodes.badRequest;
              return closeFor(socket, log, code, error.message);
            }
            // graphql-ws throws for the messages that only a server may send.
            if (error instanceof Error && error.message.startsWith('Unexpected message of type')) {
              return socket.close(closeCodes.badRequest, 'Invalid message received');
            }
            log.error('a WebSocket message failed', { error });
            socket.close(closeCodes.internalError, 'Internal error');
          };
          const take = (data: Buffer) => handle(withQuery(wellFormedJson(String(data)))).catch(fail);
          const receive = inOrder(session, take, fail);
          // By the default of `ws`, a message is one Buffer.
          socket.on('message', (data) => receive(data as Buffer));
        },
      },
      session,
    );
    socket.once('close', async (code, reason) => {
      alive.delete(socket);
      sessions.delete(session);
      session.endStreams();
      try {
        await closed(code, String(reason));
      } catch (error) {
        log.error('a WebSocket could not be freed', { error });
      }
    });
  });

  // One timer for all sockets: whoever has not answered the last ping is gone.
  const beat = (): (() => void) =>
    clock.after(limits.heartbeatSeconds * 1000, () => {
      for (const socket of server.clients) {
        if (alive.delete(socket)) socket.ping();
        else socket.terminate();
      }
      stopBeat = beat();
    });
  let stopBeat = beat();

  return {
    upgrade: (request, stream, head) => server.handleUpgrade(request, stream, head, (socket) => server.emit('connection', socket, request)),
    get open() {
      return server.clients.size;
    },
    close: () => {
      stopBeat();
      closing = true;
      for (const session of sessions) closeForRestart(session, clock);
    },
    terminate: () => {
      for (const socket of server.clients) socket.terminate();
    },
  };
};
