import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { composeSupergraph, type Service } from '../../src/gateway/compose.ts';
import { crm } from '../../src/gateway/neighbours/crm.ts';
import { quality } from '../../src/gateway/neighbours/quality.ts';
import { startNeighbour } from '../../src/gateway/neighbours/subgraph.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { startUptivitySimulator, type UptivitySimulator } from '../../src/simulators/uptivity/index.ts';
import { startConfigured } from '../support/server.ts';
import { sha256 } from '../support/sha256.ts';

const readScopes = ['agents:read', 'recordings:read'];

/** Callers by name; the name is the key. */
const callers = {
  everything: [...readScopes, 'recordings:control', 'blackouts:control', 'media:read', 'audit:read', 'pii:read'],
  reader: readScopes,
  outsider: ['recordings:read'],
};
export type Caller = keyof typeof callers;

export const credential = (caller: Caller): { authorization: string } => ({ authorization: `Bearer ${caller}` });

export const subgraphSdl = readFileSync(new URL('../../schema/subgraph.graphql', import.meta.url), 'utf8');

/** A Uptivity source of `agents` agents that is read through at every question, on `port`. */
export const startSubgraph = (
  simulator: UptivitySimulator,
  settings: Record<string, unknown> = {},
  port = 0,
  storeUrl = 'sqlite::memory:',
) =>
  startConfigured({
    server: { host: '127.0.0.1', port, introspection: true },
    store: { url: storeUrl },
    auth: {
      mode: 'apiKeys',
      apiKeys: Object.entries(callers).map(([name, scopes]) => ({
        name,
        keySha256: sha256(name),
        scopes,
      })),
    },
    sources: [
      {
        name: 'hq',
        vendor: 'uptivity',
        baseUrl: simulator.url,
        timeZone: 'America/New_York',
        pollSeconds: 3600,
        maxStalenessSeconds: 0,
        ...settings,
      },
    ],
  });

export const startSimulator = (agents: number): Promise<UptivitySimulator> => startUptivitySimulator({ clock: systemClock, agents });

const getAll = 'GET /api/Agent/GetAll';

/** Resolves once the observer has looked for the first time, so that calls counted from here on are made for questions. */
export const firstLook = async (simulator: UptivitySimulator): Promise<void> => {
  while (simulator.callsMade(getAll) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
};

/** Answers every vendor call that `work` costs. */
export const vendorCalls = async (simulator: UptivitySimulator, work: () => Promise<unknown>): Promise<string[]> => {
  simulator.forgetRequests();
  await work();
  return simulator.requests.map(({ method, url }) => `${method} ${url}`);
};

/** The subgraph with its two neighbours, all closed with the test. */
export const startFederated = async (
  test: TestContext,
  { agents = 12, settings = {} }: { agents?: number; settings?: Record<string, unknown> } = {},
) => {
  const simulator = await startSimulator(agents);
  test.after(simulator.close);
  const tapegraph = await startSubgraph(simulator, settings);
  test.after(() => tapegraph.close(1000));
  const agentKeys = Array.from({ length: agents }, (_, place) => ({ sourceName: 'hq', externalId: String(place + 1) }));
  const neighbours = await Promise.all([crm(agentKeys), quality].map((one) => startNeighbour(one)));
  test.after(() => Promise.all(neighbours.map((one) => one.close())));
  const services: Service[] = [{ name: 'tapegraph', url: `${tapegraph.url}/graphql`, sdl: subgraphSdl }, ...neighbours];
  await firstLook(simulator);
  return { simulator, tapegraph, services, supergraph: composeSupergraph(services) };
};

export interface Answer {
  status: number;
  data: Record<string, unknown> | null;
  errors: { message: string; extensions: { code: string } }[] | undefined;
}

/** Asks any GraphQL server. */
export const askAs = async (caller: Caller, url: string, query: string, variables: object = {}): Promise<Answer> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...credential(caller) },
    body: JSON.stringify({ query, variables }),
  });
  return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) };
};

export interface AgentEvent {
  snapshot: boolean;
  agent: { externalId: string; status: string; team: { name: string } };
}

/** Events of a subscription to `agentChanged` over server-sent events, as they come. */
export async function* agentEvents(url: string, query: string): AsyncGenerator<AgentEvent> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...credential('everything') },
    body: JSON.stringify({ query }),
  });
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
  let rest = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = `${rest}${chunk}`.split(/\r?\n\r?\n/);
    rest = blocks.pop()!;
    for (const block of blocks) {
      const data = /^data: ?(\{.+\})$/m.exec(block)?.[1];
      if (data === undefined) continue;
      const { data: payload, errors } = JSON.parse(data);
      assert.equal(errors, undefined);
      yield payload.agentChanged;
    }
  }
}
