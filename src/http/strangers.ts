/** Connections whose callers have not said who they are: bounded in number, so that those who hold one and say nothing keep nobody out. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Files and connections that the system lets this process have; infinite where it does not say. */
const openFilesLimit = (): number => {
  try {
    const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
};

export interface Strangers {
  /** Called when the caller of the request is known. */
  known(request: IncomingMessage): void;
  /** Called when the request is answered, which its connection may still be sending the rest of. */
  answered(request: IncomingMessage): void;
  readonly count: number;
}

/** Has the connection that has been idle longest make room where more than `max`, or a third of what the system allows, are idle. */
export const limitStrangers = (server: Server, max: number): Strangers => {
  const maxIdle = Math.max(1, Math.min(max, Math.floor(openFilesLimit() / 3)));
  /** In the order in which they fell idle. */
  const idle = new Set<Socket>();
  const known = new Set<Socket>();
  const wait = (socket: Socket) => {
    if (known.has(socket) || socket.destroyed) return;
    idle.add(socket);
    if (idle.size <= maxIdle) return;
    const [oldest] = idle;
    idle.delete(oldest!);
    oldest!.destroy();
  };
  server.on('connection', (socket: Socket) => {
    socket.once('close', () => {
      idle.delete(socket);
      known.delete(socket);
    });
    wait(socket);
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    idle.delete(request.socket);
    response.once('close', () => wait(request.socket));
  });
  return {
    known: ({ socket }) => {
      if (socket.destroyed) return;
      known.add(socket);
      idle.delete(socket);
    },
    answered: ({ socket }) => wait(socket),
    get count() {
      return idle.size;
    },
  };
};
