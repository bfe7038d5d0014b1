import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols, type Server } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { wellFormedJson } from '../lib/well-formed-json.ts';
import { readMessages } from './socket-messages.ts';
import { createSocketProtocol, type SocketOptions } from './socket-protocol.ts';
import { closeForRestart, openSession, type Session, sendTo } from './socket-session.ts';

interface SocketHandler {
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void;
  /** Sockets open now. */
  readonly open: number;
  /** Closes every socket with 1012, as soon as its queries and mutations are answered; clients come back and resume. */
  close(): void;
  /** Drops those that have not answered. */
  terminate(): void;
}

interface HandlerContext extends SocketOptions {
  protocol: Server<Session>;
  /** Those that have answered since the last ping. */
  alive: Set<WebSocket>;
  sessions: Set<Session>;
}

const createWebSocketServer = (messageBytes: number): WebSocketServer =>
  new WebSocketServer({
    noServer: true,
    maxPayload: messageBytes,
    perMessageDeflate: false,
    // Of each socket one message in a turn of the event loop: what has come may hold thousands.
    allowSynchronousEvents: false,
    handleProtocols,
  });

/** Hands a socket to the protocol, which knows nothing of `ws`. */
const join = (context: HandlerContext, socket: WebSocket, request: IncomingMessage): void => {
  const { protocol, alive, sessions, consumers, peers, clock, log } = context;
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
      onMessage: (handle) => readMessages(context, session, handle),
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
};

/** Pings all sockets by one timer, and drops those that have not answered the last ping. Returns the function that stops it. */
const startPings = (server: WebSocketServer, { alive, clock, limits }: HandlerContext): (() => void) => {
  let stop = () => {};
  const beat = () => {
    stop = clock.after(limits.heartbeatSeconds * 1000, () => {
      for (const socket of server.clients) {
        if (alive.delete(socket)) socket.ping();
        else socket.terminate();
      }
      beat();
    });
  };
  beat();
  return () => stop();
};

export const createSocketHandler = (options: SocketOptions): SocketHandler => {
  const { limits, refuseUpgrade, clock } = options;
  let closing = false;
  const protocol = createSocketProtocol(options, () => closing);
  const context: HandlerContext = { ...options, protocol, alive: new Set(), sessions: new Set() };
  const server = createWebSocketServer(limits.messageBytes);
  server.on('wsClientError', ({ message }, stream, request) =>
    refuseUpgrade(request, stream, '400 Bad Request\r\nsec-websocket-version: 13, 8', `no handshake of a WebSocket: ${message}`),
  );
  server.on('connection', (socket: WebSocket, request: IncomingMessage) => join(context, socket, request));
  const stopPings = startPings(server, context);
  return {
    upgrade: (request, stream, head) => server.handleUpgrade(request, stream, head, (socket) => server.emit('connection', socket, request)),
    get open() {
      return server.clients.size;
    },
    close: () => {
      stopPings();
      closing = true;
      for (const session of context.sessions) closeForRestart(session, clock);
    },
    terminate: () => {
      for (const socket of server.clients) socket.terminate();
    },
  };
};
