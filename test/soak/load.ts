/** Sends the requests of clients during a soak, and checks that no answer is a forbidden one. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

const reads = [
  '{ sources { name health { status circuit lastError } } }',
  '{ agents(first: 50) { nodes { id name status activeCall { id state recordings { id state } } } sourceErrors { problem { code } } } }',
  '{ calls(first: 50) { nodes { id state legs { party } recordings { id } } } }',
  '{ recordings(first: 50) { nodes { id state agent { id name } call { id } blackouts { __typename } } sourceErrors { problem { code } } } }',
  '{ blackouts(first: 50) { nodes { id state agent { id } } } }',
];
const start = `mutation ($agent: AgentRef!, $key: String!) {
  startBlackout(input: { agent: $agent, maxDuration: "PT6S", idempotencyKey: $key }) {
    __typename ... on BlackoutSuccess { blackout { id } } ... on Problem { code message } } }`;
const stop = `mutation ($agent: AgentRef!) { stopBlackout(input: { agent: $agent }) { __typename ... on Problem { code } } }`;

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at as JSON.
export type Ask = (query: string, variables?: Record<string, unknown>) => Promise<any>;

export interface Client {
  ask: Ask;
  /** Asks for one thing or commands one, by chance. */
  turn(): Promise<void>;
  requests(): number;
  /** Ids of blackouts that were begun. */
  blackouts: ReadonlySet<string>;
}

export interface ClientOptions {
  url: string;
  chance: () => number;
  /** Agents that blackouts are requested for. */
  agents: readonly object[];
}

export const createClient = ({ url, chance, agents }: ClientOptions): Client => {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(chance() * items.length)]!;
  const blackouts = new Set<string>();
  let requests = 0;
  const ask: Ask = async (query, variables = {}) => {
    requests += 1;
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(20_000),
    });
    const { data, errors } = (await response.json()) as { data?: unknown; errors?: { message: string; extensions?: { code?: string } }[] };
    const bugs = (errors ?? []).filter(({ extensions }) => !extensions?.code?.startsWith('VENDOR_'));
    assert.deepEqual(bugs, [], `an answer to ${query.slice(0, 60)}`);
    return data;
  };
  const blackOut = async () => {
    const variables = { agent: pick(agents), key: randomUUID() };
    const { startBlackout: first } = await ask(start, variables);
    if (first.blackout) blackouts.add(first.blackout.id);
    if (chance() < 0.5) return;
    const { startBlackout: second } = await ask(start, variables);
    assert.deepEqual([second.blackout?.id, second.code], [first.blackout?.id, first.code], 'the same request again gets the first answer');
  };
  return {
    ask,
    turn: async () => {
      const turn = chance();
      if (turn < 0.9) await ask(pick(reads));
      else if (turn < 0.97) await blackOut();
      else await ask(stop, { agent: pick(agents) });
    },
    requests: () => requests,
    blackouts,
  };
};
