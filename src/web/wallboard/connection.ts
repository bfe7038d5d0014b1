import { type Client, createClient } from 'graphql-ws';
import { credentials } from '../access-key.ts';
import { webSocketUrl } from '../endpoints.ts';
import { createStore, type ExternalStore } from '../external-store.ts';

/** `refused` ends the attempts: the key is missing, wrong or out of date. `sinceMs` is the time of the last contact with the server. */
export interface ConnectionState {
  stage: 'connecting' | 'live' | 'lost' | 'refused';
  sinceMs: number;
}

export interface Connection {
  state: ExternalStore<ConnectionState>;
  socket: Client;
}

const refusalCodes: ReadonlySet<number> = new Set([4401, 4403]);
const pingMs = 10_000;
const pongWithinMs = 5_000;

const closeCode = (event: unknown): number => (event as { code?: number } | null)?.code ?? 0;

/** One socket for all streams of the page. It comes back by itself, for as long as the page is open. */
export const createConnection = (): Connection => {
  const state = createStore<ConnectionState>({ stage: 'connecting', sinceMs: Date.now() });
  let lastContactMs = Date.now();
  let silence: ReturnType<typeof setTimeout> | undefined;
  const socket = createClient({
    url: webSocketUrl(),
    connectionParams: credentials,
    lazy: true,
    keepAlive: pingMs,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (retries) => new Promise((resolve) => setTimeout(resolve, Math.min(500 * 2 ** retries, 8_000) * (0.75 + Math.random() / 2))),
    shouldRetry: (event) => !refusalCodes.has(closeCode(event)),
  });
  socket.on('message', () => {
    lastContactMs = Date.now();
  });
  socket.on('connected', () => state.set({ stage: 'live', sinceMs: Date.now() }));
  socket.on('ping', (received) => {
    // A dead network closes no socket: an unanswered ping does.
    if (!received) silence = setTimeout(() => socket.terminate(), pongWithinMs);
  });
  socket.on('pong', () => clearTimeout(silence));
  socket.on('closed', (event) => {
    clearTimeout(silence);
    const { stage } = state.get();
    if (refusalCodes.has(closeCode(event))) state.set({ stage: 'refused', sinceMs: lastContactMs });
    else if (stage !== 'lost') state.set({ stage: 'lost', sinceMs: lastContactMs });
  });
  return { state, socket };
};
