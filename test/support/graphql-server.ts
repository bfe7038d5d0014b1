import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { scopes } from '../../src/domain/model/enums.ts';
import { ExpectedError } from '../../src/domain/model/errors.ts';
import type { Principal } from '../../src/domain/model/principal.ts';
import type { Log } from '../../src/domain/ports/log.ts';
import { defaultLimits, type Limits } from '../../src/graphql/policy/limits.ts';
import { createNoAuthentication } from '../../src/http/auth/none.ts';
import type { HttpOptions } from '../../src/http/options.ts';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import { randomIds, systemClock } from '../../src/lib/clock.ts';

const sdl = /* GraphQL */ `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@cost", "@listSize"])
  interface Node { id: ID! }
  enum Mood { CALM BUSY }
  type Person implements Node @key(fields: "id") {
    id: ID!
    name: String
    mood: Mood
    friends(first: Int = 25): PersonConnection!
    secret: String
    priceless: Int @cost(weight: 40)
    boss: Person
  }
  type PersonConnection { nodes: [Person!]! totalCount: Int }
  type Problem { code: String! }
  union SaveResult = Person | Problem
  type Query {
    hello(name: String = "world"): String!
    person(id: ID!): Person
    node(id: ID!): Node
    people(first: Int = 25): PersonConnection!
    broken: String
    expected: String
    nonNull: String!
  }
  type Mutation { save(name: String!): SaveResult! }
  type Tick { id: ID! snapshot: Boolean! at: Int! filler: String who: String! person: Person }
  type Subscription { ticks(after: ID): Tick! fails: Tick! refused: Tick! }
`;

interface TickPayload {
  id: string;
  snapshot: boolean;
  at: number;
  filler?: string;
}

/** A stream that the test feeds, and which shows how many listen. */
export const createTicks = () => {
  const listeners = new Set<(payload: TickPayload | null) => void>();
  let opened = 0;
  return {
    get listening() {
      return listeners.size;
    },
    get opened() {
      return opened;
    },
    send: (payload: TickPayload) => {
      for (const listener of listeners) listener(payload);
    },
    end: () => {
      for (const listener of listeners) listener(null);
    },
    stream: (): AsyncIterableIterator<TickPayload> => {
      opened += 1;
      const queue: (TickPayload | null)[] = [];
      let wake: (() => void) | null = null;
      let ended = false;
      const listener = (payload: TickPayload | null) => {
        queue.push(payload);
        wake?.();
      };
      listeners.add(listener);
      const finish = async () => {
        ended = true;
        listeners.delete(listener);
        wake?.();
        return { done: true as const, value: undefined };
      };
      return {
        [Symbol.asyncIterator]() {
          return this;
        },
        next: async () => {
          while (queue.length === 0 && !ended) await new Promise<void>((resolve) => (wake = resolve));
          const value = queue.shift();
          return ended || value === null || value === undefined ? finish() : { done: false, value };
        },
        return: finish,
      };
    },
  };
};

export type Ticks = ReturnType<typeof createTicks>;

interface FixtureContext {
  principal: Principal;
  executed: { ticks: number };
}

const person = (id: string) => ({ __typename: 'Person', id, name: `Person ${id}`, mood: 'CALM', secret: 'hush', priceless: 1, boss: null });
const people = (first: number) => ({
  nodes: Array.from({ length: Math.min(first, 3) }, (_, index) => person(String(index))),
  totalCount: 3,
});

export const fixtureSchema = (ticks: Ticks) =>
  buildSubgraphSchema([
    {
      typeDefs: parse(sdl),
      resolvers: {
        Query: {
          hello: (_: unknown, { name }: { name: string }) => `Hello ${name}`,
          person: (_: unknown, { id }: { id: string }) => (id === '0' ? null : person(id)),
          node: (_: unknown, { id }: { id: string }) => person(id),
          people: (_: unknown, { first }: { first: number }) => people(first),
          broken: () => {
            throw new Error('the password is hunter2');
          },
          expected: () => {
            throw new ExpectedError('VENDOR_TIMEOUT', 'hq: GetAll was not answered within 10 s.');
          },
          nonNull: () => null,
        },
        Person: { friends: (_: unknown, { first }: { first: number }) => people(first) },
        Mutation: { save: (_: unknown, { name }: { name: string }) => person(name) },
        Tick: {
          who: (_: unknown, __: unknown, { principal, executed }: FixtureContext) => {
            executed.ticks += 1;
            return principal.scopes.has('pii:read') ? 'Ada Lovelace' : '***';
          },
          person: () => person('9'),
        },
        Subscription: {
          ticks: { subscribe: () => ticks.stream(), resolve: (payload: TickPayload) => payload },
          fails: {
            subscribe: async function* () {
              yield { id: '1', snapshot: false, at: 1 };
              throw new Error('the password is hunter2');
            },
            resolve: (payload: TickPayload) => payload,
          },
          refused: {
            subscribe: () => {
              throw new ExpectedError('NOT_FOUND', 'There is no such agent.');
            },
          },
        },
      } as never,
    },
  ]);

export interface LogLine {
  level: 'info' | 'warn' | 'error';
  message: string;
  fields: Readonly<Record<string, unknown>> | undefined;
}

export const createListLog = (): Log & { lines: LogLine[] } => {
  const lines: LogLine[] = [];
  const at = (level: LogLine['level']) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    lines.push({ level, message, fields });
  };
  return { lines, info: at('info'), warn: at('warn'), error: at('error') };
};

export const principalOf = (more: Partial<Principal> = {}): Principal => ({
  name: 'tester',
  scopes: new Set(scopes),
  sources: null,
  expiresAtMs: null,
  ...more,
});

export interface GraphQLBody extends Partial<Record<number, GraphQLBody>> {
  data?: Record<string, unknown> | null;
  errors?: { message: string; path?: (string | number)[]; extensions: Record<string, unknown> & { code: string } }[];
  extensions?: Record<string, unknown>;
  length?: number;
}

export interface StartedServer {
  url: string;
  graphql: string;
  ticks: Ticks;
  log: ReturnType<typeof createListLog>;
  executed: { ticks: number };
  http: HttpServer;
  close(): Promise<void>;
  /** POSTs an operation and reads the answer. */
  ask(body: unknown, headers?: Record<string, string>): Promise<{ status: number; headers: Headers; body: GraphQLBody }>;
}

/** The real server on a free port, with a small schema behind it. */
export const startServer = async (
  options: Partial<Omit<HttpOptions, 'limits'>> & { limits?: Partial<Limits> } = {},
): Promise<StartedServer> => {
  const ticks = createTicks();
  const log = createListLog();
  const executed = { ticks: 0 };
  const pagesDirectory = await mkdtemp(path.join(os.tmpdir(), 'tapegraph-pages-'));
  await mkdir(path.join(pagesDirectory, 'assets'));
  await writeFile(path.join(pagesDirectory, 'index.html'), '<!doctype html><title>Wallboard</title>');
  await writeFile(path.join(pagesDirectory, 'playground.html'), '<!doctype html><title>Playground</title>');
  await writeFile(path.join(pagesDirectory, 'assets', 'main-abc123.js'), `${'let a;'.repeat(400)}`);
  const http = await createHttpServer({
    host: '127.0.0.1',
    port: 0,
    publicUrl: null,
    playground: true,
    introspection: true,
    authenticate: createNoAuthentication(),
    schema: fixtureSchema(ticks),
    createContext: (principal) => ({ principal, executed }),
    webhooks: new Map(),
    ready: async () => ({ ok: true, checks: { store: 'ok' } }),
    pagesDirectory,
    log,
    clock: systemClock,
    ids: randomIds,
    callbackHosts: [],
    ...options,
    limits: { ...defaultLimits, ...options.limits },
  });
  const url = await http.listen();
  const graphql = `${url}/graphql`;
  return {
    url,
    graphql,
    ticks,
    log,
    executed,
    http,
    close: async () => {
      await http.close(500);
      await rm(pagesDirectory, { recursive: true, force: true });
    },
    ask: async (body, headers = {}) => {
      const response = await fetch(graphql, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
    },
  };
};
