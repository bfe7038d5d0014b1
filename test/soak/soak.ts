/** The product under load while its vendors fail at random; what has to hold is looked at all along. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { randomIds, systemClock } from '../../src/clock.ts';
import { readConfiguration } from '../../src/config/load.ts';
import { startTapegraph } from '../../src/main.ts';
import { openStore, verifyAudit } from '../../src/storage/index.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { faults } from '../support/fault-server.ts';
import { createListLog } from '../support/list-log.ts';
import { startFloors } from './floors.ts';

export interface SoakReport {
  minutes: number;
  requests: number;
  faults: number;
  recordings: number;
  blackouts: number;
  /** MiB in use after a third of the time and at the end; the simulators' own are in it. */
  memory: readonly [number, number];
  resident: readonly [number, number];
  handles: readonly [number, number];
}

export interface SoakOptions {
  ms: number;
  seed?: number;
  /** Requests on their way at any time. */
  workers?: number;
  progress?(line: string): void;
}

const reads = [
  '{ sources { name health { status circuit lastError } } }',
  '{ agents(first: 50) { nodes { id name status activeCall { id state recordings { id state } } } sourceErrors { problem { code } } } }',
  '{ calls(first: 50) { nodes { id state legs { party } recordings { id } } } }',
  '{ recordings(first: 50) { nodes { id state agent { id name } call { id } blackouts { __typename } } sourceErrors { problem { code } } } }',
  '{ blackouts(first: 50) { nodes { id state agent { id } } } }',
];
const start = `mutation ($agent: AgentRef!) { startBlackout(input: { agent: $agent, maxDuration: "PT6S" }) {
  __typename ... on BlackoutSuccess { blackout { id } } ... on Problem { code } } }`;
const stop = `mutation ($agent: AgentRef!) { stopBlackout(input: { agent: $agent }) { __typename ... on Problem { code } } }`;
const listRecordings = `query ($source: String!, $after: String) { recordings(first: 100, after: $after, filter: { sources: [$source] }) {
  nodes { externalId } pageInfo { hasNextPage endCursor } } }`;
const openBlackouts = `{ blackouts(first: 100, filter: { states: [SCHEDULED, ACTIVE, STOPPING] }) {
  nodes { id state deadline agent { sourceName externalId status activeCall { state } } commands { operation status problem { message } } } }
  sources { name health { status circuit lastError } } }`;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const chanceOf = (seed: number) => {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

export const soak = async ({ ms, seed = 1, workers = 4, progress = () => undefined }: SoakOptions): Promise<SoakReport> => {
  const chance = chanceOf(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(chance() * items.length)]!;
  const folder = mkdtempSync(join(tmpdir(), 'tapegraph-soak-'));
  const storeUrl = `sqlite:${join(folder, 'tapegraph.db')}`;
  const vendors = await startFloors(seed);
  const document = {
    server: { port: 0 },
    auth: { mode: 'none' },
    store: { url: storeUrl },
    sources: vendors.map(({ settings }) => settings),
  };
  const configuration = readConfiguration({ ...document, limits: { requestsPerSecond: 100_000 } }, vendorModules, {}, 'the soak');
  const { log, lines } = createListLog();
  const tapegraph = await startTapegraph(configuration, { log, pagesDirectory: '/nowhere' });
  for (const vendor of vendors) vendor.connect?.(tapegraph.url);

  let requests = 0;
  let faultsMade = 0;
  let running = true;
  const blackouts = new Set<string>();
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at as JSON.
  const ask = async (query: string, variables: Record<string, unknown> = {}): Promise<any> => {
    requests += 1;
    const response = await fetch(`${tapegraph.url}/graphql`, {
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

  const controllable = vendors.flatMap(({ name, blackoutAgents }) =>
    blackoutAgents.map((value) => ({ key: { source: name, identifier: 'ID', value } })),
  );
  const work = async () => {
    while (running) {
      const turn = chance();
      if (turn < 0.9) await ask(pick(reads));
      else {
        const answer = await ask(turn < 0.97 ? start : stop, { agent: pick(controllable) });
        const id = answer?.startBlackout?.blackout?.id;
        if (id) blackouts.add(id);
      }
      await wait(20 * chance());
    }
  };
  const disturb = async () => {
    while (running) {
      await wait(500 + 2000 * chance());
      const { door, name } = pick(vendors);
      const fault = pick(faults);
      faultsMade += 1;
      progress(`${name}: ${fault}`);
      await door.set(fault);
      await wait(200 + 1500 * chance());
      await door.set(null);
    }
  };

  const recordingsOf = async (source: string): Promise<string[]> => {
    const found: string[] = [];
    for (let after: string | null = null; ; ) {
      const { recordings } = await ask(listRecordings, { source, after });
      found.push(...recordings.nodes.map(({ externalId }: { externalId: string }) => externalId));
      if (!recordings.pageInfo.hasNextPage) return found;
      after = recordings.pageInfo.endCursor;
    }
  };
  const twice = (ids: readonly string[]) => ids.filter((id, place) => ids.indexOf(id) !== place);
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const figures = () => {
    collect();
    const { heapUsed, external, rss } = process.memoryUsage();
    return [heapUsed + external, process.getActiveResourcesInfo().length, rss].map((value, place) =>
      place === 1 ? value : Math.round(value / 2 ** 20),
    ) as [number, number, number];
  };
  const samples: [number, number, number][] = [];
  const look = async () => {
    while (running) {
      await wait(Math.min(5000, ms / 20));
      for (const vendor of vendors) vendor.forget();
      samples.push(figures());
      for (const { name } of vendors) assert.deepEqual(twice(await recordingsOf(name)), [], `recordings of ${name} that appear twice`);
      const overdue = lines.filter(({ level }) => level === 'error');
      assert.deepEqual(overdue, [], 'errors in the log, each of which is a bug');
      lines.length = 0;
    }
  };

  try {
    const startedAt = performance.now();
    const all = Promise.all([...Array.from({ length: workers }, work), disturb(), look()]);
    const broken = all.catch((error: unknown) => {
      running = false;
      throw error;
    });
    await Promise.race([wait(ms), broken]);
    running = false;
    await broken;
    for (const { door } of vendors) await door.set(null);

    const until = async (what: string, missing: () => Promise<unknown>, mostMs = 45_000) => {
      const since = performance.now();
      for (;;) {
        const left = await missing();
        if (left === null) return;
        assert.ok(performance.now() - since < mostMs, `${what}: ${JSON.stringify(left)}`);
        await wait(250);
      }
    };
    await until('every blackout ends', async () => {
      const { blackouts: open, sources } = await ask(openBlackouts);
      return open.nodes.length === 0 ? null : { open: open.nodes, sources };
    });
    // Not before: a recording goes on only when the call that is on hold does.
    for (const vendor of vendors) vendor.rest();
    let recordings = 0;
    for (const { name, recorded } of vendors) {
      const wanted = recorded();
      await until(`every recording of ${name} appears`, async () => {
        const there = new Set(await recordingsOf(name));
        const missing = wanted.filter((id) => !there.has(id));
        return missing.length === 0 ? null : { missing, of: wanted.length };
      });
      const found = await recordingsOf(name);
      assert.deepEqual(twice(found), [], `recordings of ${name} that appear twice`);
      recordings += found.length;
    }
    const third = samples[Math.floor(samples.length / 3)]!;
    const last = samples.slice(-3);
    const end = [0, 1, 2].map((index) => Math.min(...last.map((sample) => sample[index]!))) as [number, number, number];
    progress(`MiB in use, handles, MiB resident: ${samples.map((sample) => sample.join(' ')).join(', ')}`);
    assert.ok(end[0] < third[0] * 1.3 + 32, `memory in use goes from ${third[0]} to ${end[0]} MiB`);
    assert.ok(end[2] < third[2] * 1.5 + 128, `resident memory goes from ${third[2]} to ${end[2]} MiB`);
    assert.ok(end[1] < third[1] * 1.5 + 40, `handles go from ${third[1]} to ${end[1]}`);
    await tapegraph.close(2000);
    const store = await openStore(storeUrl, { clock: systemClock, ids: randomIds });
    try {
      const { fault, rows } = await verifyAudit(store);
      assert.deepEqual(fault, null, 'the ledger is intact');
      assert.ok(rows >= blackouts.size, 'every blackout is in the ledger');
    } finally {
      await store.close();
    }
    return {
      minutes: Math.round((performance.now() - startedAt) / 6000) / 10,
      requests,
      faults: faultsMade,
      recordings,
      blackouts: blackouts.size,
      memory: [third[0], end[0]],
      resident: [third[2], end[2]],
      handles: [third[1], end[1]],
    };
  } finally {
    running = false;
    await tapegraph.close(500);
    for (const vendor of vendors) await vendor.close();
    rmSync(folder, { recursive: true, force: true });
  }
};
