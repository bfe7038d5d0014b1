import { once } from 'node:events';
import { WebSocket } from 'ws';

export interface SocketMessage {
  type: string;
  id?: string;
  payload?: unknown;
}

export interface SocketClient {
  socket: WebSocket;
  send(message: SocketMessage | string): void;
  /** The next message, in order. */
  next(): Promise<SocketMessage>;
  /** Sends `connection_init` and waits for the ack. */
  init(payload?: Record<string, unknown>): Promise<void>;
  subscribe(id: string, query: string, variables?: Record<string, unknown>): void;
  /** Code and reason of the close. */
  closed: Promise<{ code: number; reason: string }>;
  close(): void;
}

/** A bare client of graphql-transport-ws, which keeps to no rule that a test does not tell it to keep. */
export const connectSocket = async (
  graphqlUrl: string,
  options: { protocol?: string | null; headers?: Record<string, string> } = {},
): Promise<SocketClient> => {
  const protocol = options.protocol === undefined ? 'graphql-transport-ws' : options.protocol;
  const socket = new WebSocket(graphqlUrl.replace('http', 'ws'), protocol ?? [], { headers: options.headers ?? {} });
  const arrived: SocketMessage[] = [];
  const waiting: ((message: SocketMessage) => void)[] = [];
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as SocketMessage;
    const waiter = waiting.shift();
    if (waiter) waiter(message);
    else arrived.push(message);
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  socket.on('error', () => undefined);
  await once(socket, 'open');
  const client: SocketClient = {
    socket,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    next: () => {
      const first = arrived.shift();
      return first === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(first);
    },
    init: async (payload) => {
      client.send({ type: 'connection_init', ...(payload === undefined ? {} : { payload }) });
      const answer = await client.next();
      if (answer.type !== 'connection_ack') throw new Error(`expected an ack, got ${answer.type}`);
    },
    subscribe: (id, query, variables) => client.send({ type: 'subscribe', id, payload: { query, ...(variables ? { variables } : {}) } }),
    closed,
    close: () => socket.close(),
  };
  return client;
};

/** Waits until `check` holds, a turn of the loop at a time. */
export const until = async (check: () => boolean, what: string): Promise<void> => {
  const endMs = performance.now() + 5000;
  while (!check()) {
    if (performance.now() > endMs) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};
