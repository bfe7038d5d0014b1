/** The product under load while its vendors fail at random; what has to hold is looked at all along. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { readConfiguration } from '../../src/config/load.ts';
import { randomIds, systemClock } from '../../src/lib/clock.ts';
import { startTapegraph } from '../../src/main.ts';
import { createRandom } from '../../src/simulators/kit/random.ts';
import { openStore } from '../../src/storage/index.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { createListLog } from '../support/list-log.ts';
import { startFollowers } from './followers.ts';
import { checkLedger, wholeLog } from './ledger.ts';
import { createClient } from './load.ts';
import { faultsFor, startFloors } from './simulators.ts';

export interface SoakReport {
  minutes: number;
  requests: number;
  faults: number;
  /** By source. */
  recordings: Readonly<Record<string, number>>;
  blackouts: number;
  events: number;
  /** Connections that the subscribers made. */
  subscriptions: number;
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
  /** The longest that a worker pauses between two requests. */
  pauseMs?: number;
  progress?(line: string): void;
}

const listRecordings = `query ($source: String!, $after: String) { recordings(first: 100, after: $after, filter: { sources: [$source] }) {
  nodes { externalId vendorId } pageInfo { hasNextPage endCursor } } }`;
const openBlackouts = `{ blackouts(first: 100, filter: { states: [SCHEDULED, ACTIVE, STOPPING] }) {
  nodes { id state deadline agent { sourceName externalId status activeCall { state } } commands { operation status problem { message } } } }
  sources { name health { status circuit lastError } } }`;

/** A stop that fails is repeated after at most half a minute, and a vendor that fails at random takes one of a few. */
const mostOverDeadlineMs = 90_000;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const twice = (ids: readonly string[]) => ids.filter((id, place) => ids.indexOf(id) !== place);

/** MiB in use and resident, and handles, when what can be collected is. */
const createFigures = () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const mebibytes = (bytes: number) => Math.round(bytes / 2 ** 20);
  return () => {
    collect();
    const { heapUsed, external, rss } = process.memoryUsage();
    return { memory: mebibytes(heapUsed + external), resident: mebibytes(rss), handles: process.getActiveResourcesInfo().length };
  };
};

export const soak = async (options: SoakOptions): Promise<SoakReport> => {
  const { ms, seed = 1, workers = 4, pauseMs = 20, progress = () => undefined } = options;
  const { next: chance, pick } = createRandom(seed);
  const folder = mkdtempSync(join(tmpdir(), 'tapegraph-soak-'));
  const storeUrl = `sqlite:${join(folder, 'tapegraph.db')}`;
  const vendors = await startFloors(seed);
  const document = {
    server: { port: 0 },
    auth: { mode: 'none' },
    store: { url: storeUrl },
    sources: vendors.map(({ settings }) => settings),
  };
  const configuration = readConfiguration(
    { ...document, limits: { requestsPerSecond: 100_000 } },
    { modules: vendorModules, environment: {}, where: 'the soak' },
  );
  const { log, lines } = createListLog();
  const tapegraph = await startTapegraph(configuration, { log, pagesDirectory: '/nowhere' });
  for (const vendor of vendors) vendor.connect?.(tapegraph.url);
  const agents = vendors.flatMap(({ name, blackoutAgents }) =>
    blackoutAgents.map((value) => ({ key: { source: name, identifier: 'ID', value } })),
  );
  const client = createClient({ url: tapegraph.url, chance, agents });
  const followers = startFollowers(tapegraph.url, chance);

  let faultsMade = 0;
  let running = true;
  const work = async () => {
    while (running) {
      await client.turn();
      await wait(pauseMs * chance());
    }
  };
  const disturb = async () => {
    while (running) {
      await wait(500 + 2000 * chance());
      const vendor = pick(vendors);
      const { transport, name } = vendor;
      const fault = pick(faultsFor(vendor));
      faultsMade += 1;
      progress(`${name}: ${fault}`);
      await transport.set(fault);
      await wait(200 + 1500 * chance());
      await transport.set(null);
    }
  };

  const recordingRowsOf = async (source: string): Promise<{ externalId: string; vendorId: string | null }[]> => {
    const found: { externalId: string; vendorId: string | null }[] = [];
    for (let after: string | null = null; ; ) {
      const { recordings } = await client.ask(listRecordings, { source, after });
      found.push(...recordings.nodes);
      if (!recordings.pageInfo.hasNextPage) return found;
      after = recordings.pageInfo.endCursor;
    }
  };
  const recordingsOf = async (source: string): Promise<string[]> => (await recordingRowsOf(source)).map(({ externalId }) => externalId);
  const until = async (what: string, missing: () => Promise<unknown>, mostMs = mostOverDeadlineMs) => {
    const since = performance.now();
    for (;;) {
      const left = await missing();
      if (left === null) return progress(`${what}: after ${Math.round(performance.now() - since)} ms`);
      assert.ok(performance.now() - since < mostMs, `${what}: ${JSON.stringify(left)}`);
      await wait(250);
    }
  };

  const figures = createFigures();
  const samples: ReturnType<typeof figures>[] = [];
  const look = async () => {
    while (running) {
      await wait(Math.min(5000, ms / 20));
      for (const vendor of vendors) vendor.forget();
      samples.push(figures());
      for (const { name } of vendors) assert.deepEqual(twice(await recordingsOf(name)), [], `recordings of ${name} that appear twice`);
      const { blackouts } = await client.ask(openBlackouts);
      const overdue = blackouts.nodes.filter(
        ({ deadline }: { deadline: string }) => Date.parse(deadline) < Date.now() - mostOverDeadlineMs,
      );
      assert.deepEqual(overdue, [], 'blackouts that do not end');
      assert.deepEqual(followers.faults, [], 'streams that break their word');
      const bugs = lines.filter(({ level }) => level === 'error');
      assert.deepEqual(bugs, [], 'errors in the log, each of which is a bug');
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
    for (const { transport } of vendors) await transport.set(null);

    await until('every blackout ends', async () => {
      const { blackouts: open, sources } = await client.ask(openBlackouts);
      return open.nodes.length === 0 ? null : { open: open.nodes, sources };
    });
    for (const { name, masked } of vendors) {
      await until(`every agent of ${name} who is in a call is recorded again`, async () => (masked().length === 0 ? null : masked()));
    }
    // Not before: a recording goes on only when the call that is on hold does.
    for (const vendor of vendors) vendor.rest();
    const recordings: Record<string, number> = {};
    for (const { name, recorded } of vendors) {
      const wanted = recorded();
      await until(`every recording of ${name} appears`, async () => {
        const there = new Set((await recordingRowsOf(name)).flatMap(({ externalId, vendorId }) => [externalId, vendorId ?? externalId]));
        const missing = wanted.filter((ids) => !ids.some((id) => there.has(id)));
        return missing.length === 0 ? null : { missing, of: wanted.length };
      });
      const found = await recordingsOf(name);
      assert.deepEqual(twice(found), [], `recordings of ${name} that appear twice`);
      recordings[name] = found.length;
    }

    followers.stay();
    await until('nobody holds a connection but who follows', async () => {
      const metrics = await (await fetch(`${tapegraph.url}/metrics`)).text();
      const counts = ['sockets', 'eventStreams', 'callbacks'].map((kind) => {
        const [, count] = new RegExp(`^tapegraph_connections\\{kind="${kind}"\\} (\\d+)$`, 'm').exec(metrics) ?? [];
        return Number(count);
      });
      const { sockets, eventStreams } = followers.open;
      return counts.join() === [sockets, eventStreams, 0].join() ? null : counts;
    });
    const reader = await openStore(storeUrl, { clock: systemClock, ids: randomIds });
    try {
      const events = await wholeLog(reader);
      await until('everybody has received everything', async () => {
        const behind = followers.behind(events);
        return behind.length === 0 ? null : behind;
      });
      assert.deepEqual(followers.faults, [], 'streams that break their word');
      await tapegraph.close(2000);
      await followers.check(await wholeLog(reader));
      await checkLedger(reader, client.blackouts);

      const third = samples[Math.floor(samples.length / 3)]!;
      const end = (figure: keyof typeof third) => Math.min(...samples.slice(-3).map((sample) => sample[figure]));
      const level = (figure: keyof typeof third, most: number) => {
        assert.ok(end(figure) < most, `${figure} goes from ${third[figure]} to ${end(figure)}`);
        return [third[figure], end(figure)] as const;
      };
      progress(`MiB in use, resident, handles: ${samples.map((sample) => Object.values(sample).join(' ')).join(', ')}`);
      return {
        minutes: Math.round((performance.now() - startedAt) / 6000) / 10,
        requests: client.requests(),
        faults: faultsMade,
        recordings,
        blackouts: client.blackouts.size,
        events: events.length,
        subscriptions: followers.connections(),
        memory: level('memory', third.memory * 1.3 + 32),
        resident: level('resident', third.resident * 1.5 + 128),
        handles: level('handles', third.handles * 1.5 + 40),
      };
    } finally {
      await reader.close();
    }
  } finally {
    running = false;
    await tapegraph.close(500);
    for (const vendor of vendors) await vendor.close();
    rmSync(folder, { recursive: true, force: true });
  }
};
