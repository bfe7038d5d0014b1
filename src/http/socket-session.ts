/** One WebSocket from its opening on, and how it is written to and closed. */
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import type { Principal } from '../domain/model/principal.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Log } from '../domain/ports/log.ts';
import type { Consumer, Consumers } from './consumers.ts';

export interface Session {
  request: IncomingMessage;
  socket: WebSocket;
  /** Names who asks until the caller is known. */
  client: string;
  /** Null until `connection_init` was accepted. */
  principal: Principal | null;
  /** Ids of operations that have not ended, also of those that the client has completed. */
  running: Set<string>;
  /** Queries and mutations that are not answered yet. */
  unanswered: Set<string>;
  /** Gives back what the session holds: its place among the caller's connections, its expiry timer. */
  release: (() => void)[];
  /** Ends every stream of the socket, whose events would otherwise be executed for nobody. */
  endStreams(): void;
  consumer: Consumer;
}

/** Close codes that this server gives besides those of graphql-ws. */
export const closeCodes = {
  serviceRestart: 1012,
  tryAgainLater: 1013,
  badRequest: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  internalError: 4500,
} as const;

/** A close frame has room for 123 bytes. */
export const closeReason = (message: string): string =>
  Buffer.from(message)
    .subarray(0, 123)
    .toString()
    .replace(/\uFFFD$/, '');

/** Closes with a code and reason that the log shows as well. */
export const closeFor = (socket: WebSocket, log: Log, closeCode: number, reason: string): void => {
  log.info('a WebSocket was closed', { closeCode, reason });
  socket.close(closeCode, closeReason(reason));
};

export const openSession = (opened: Pick<Session, 'request' | 'socket' | 'client'>, clock: Clock, log: Log): Session => {
  const { socket } = opened;
  const session: Session = {
    ...opened,
    principal: null,
    running: new Set(),
    unanswered: new Set(),
    release: [],
    endStreams: () => {},
    consumer: {
      caller: () => session.principal?.name ?? session.client,
      waiting: () => socket.bufferedAmount,
      drop: () => {
        closeFor(socket, log, closeCodes.tryAgainLater, 'Slow consumer; resume with after');
        session.endStreams();
        // The close frame waits behind what the client does not read.
        clock.after(1000, () => socket.terminate());
      },
    },
  };
  return session;
};

/** Resolves with false where the socket is not open any more. */
export const sendTo = async ({ socket, consumer }: Session, consumers: Consumers, data: string): Promise<boolean> => {
  if (socket.readyState !== socket.OPEN) return false;
  let failed = false;
  const flushed = new Promise<void>((resolve) =>
    socket.send(data, (error) => {
      failed = error !== undefined && error !== null;
      resolve();
    }),
  );
  await consumers.waitForFlush(consumer, flushed);
  return !failed && socket.readyState === socket.OPEN;
};

/** Closes a socket that waits for no answer; a client then comes back and resumes its streams. */
export const closeForRestart = ({ socket, unanswered }: Session, clock: Clock): void => {
  if (unanswered.size > 0) return;
  socket.close(closeCodes.serviceRestart, 'Server restarting; resume with after');
  clock.after(2000, () => socket.terminate());
};
