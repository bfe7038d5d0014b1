/** Rows of what another caller feels while one caller with the least scopes does harm: its commands, pushes and deadlines. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { randomIds, systemClock } from '../../src/lib/clock.ts';
import { openStore } from '../../src/storage/index.ts';
import { recording } from '../storage/stores.ts';
import { kinds } from './hostile-caller.ts';
import { median } from './load.ts';
import type { Bench } from './options.ts';
import { authorization, pushAuthorization, serverFile } from './ours.ts';
import { loadCore, pinned, rest, startServer } from './processes.ts';
import type { Row } from './table.ts';
import type { Vendor } from './vendor.ts';

const maxDelayMs = 250;
const storedRows = 100_000;
const samples = 30;
const everyMs = 120;
/** Until the harm is under way. */
const warmMs = 1000;

const withKey = (name: string, scopes: readonly string[]) => ({ name, keySha256: createHash('sha256').update(name).digest('hex'), scopes });

const start = async (folder: string, vendor: Vendor) => {
  mkdirSync(folder, { recursive: true });
  const store = `sqlite:${folder}/tapegraph.db`;
  const opened = await openStore(store, { clock: systemClock, ids: randomIds });
  for (let from = 0; from < storedRows; from += 5000) {
    await opened.recordings.put(
      Array.from({ length: 5000 }, (_, index) =>
        recording(`r${from + index}`, {
          agent: String((index % 50) + 1),
          startedAt: new Date(1.7e12 + (from + index) * 1000).toISOString(),
        }),
      ),
    );
  }
  await opened.close();
  const config = {
    server: { port: 0 },
    auth: {
      mode: 'apiKeys',
      apiKeys: [
        withKey('bench', ['agents:read', 'recordings:read', 'blackouts:control']),
        withKey('reader', ['agents:read', 'recordings:read']),
      ],
    },
    store: { url: store },
    log: { level: 'error' },
    sources: [
      { name: 'hq', vendor: 'uptivity', baseUrl: `${vendor.url}/uptivity`, timeZone: 'UTC', maxStalenessSeconds: 60 },
      { name: 'desk', vendor: 'tencent', sdkAppId: 1400264214, push: { auth: { type: 'basic', username: 'tccc', password: 'bench' } } },
    ],
  };
  writeFileSync(`${folder}/tapegraph.yaml`, JSON.stringify(config));
  return startServer([process.execPath, serverFile, 'start', '--config', `${folder}/tapegraph.yaml`], { cwd: folder });
};

const blackOut = `mutation ($agent: String!) { startBlackout(input: { agent: { key: { source: "hq", identifier: ID, value: $agent } }, maxDuration: "PT2S" }) {
  __typename ... on BlackoutSuccess { blackout { id } } ... on Problem { code message } } }`;
const ended = '{ blackouts(first: 100) { nodes { id deadline endedAt } } }';

interface Felt {
  startMs: number[];
  pushMs: number[];
  deadlineMs: number[];
  /** Blackouts that did not start. */
  refused: number;
}

const ask = async (url: string, query: string, variables: Record<string, unknown> = {}) => {
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers: authorization, body: JSON.stringify({ query, variables }) });
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at as JSON.
  return (await response.json()) as any;
};

/** Measures what a caller feels, one request after another at a steady pace, in the way that a human or a CRM works. */
const feel = async (url: string, run: number): Promise<Felt> => {
  const felt: Felt = { startMs: [], pushMs: [], deadlineMs: [], refused: 0 };
  const ids = new Set<string>();
  const timed = async (work: Promise<unknown>, into: number[]) => {
    const at = performance.now();
    await work;
    into.push(performance.now() - at);
  };
  const begun: Promise<void>[] = [];
  for (let sample = 0; sample < samples; sample += 1) {
    const start = ask(url, blackOut, { agent: String((sample % 40) + 1) }).then(({ data }) => {
      const id = data?.startBlackout?.blackout?.id;
      if (id === undefined) felt.refused += 1;
      else ids.add(id);
    });
    const push = fetch(`${url}/hooks/desk?action=record&version=1`, {
      method: 'POST',
      headers: { ...pushAuthorization, 'content-type': 'application/json', 'x-tccc-push-uuid': `hostile-${run}-${sample}` },
      body: `{"SdkAppId":1400264214,"RecordId":"${run}${sample}","SessionId":"s-${run}-${sample}","Timestamp":1767600000,"EndpointUser":"a@example.com","RecordURL":"http://r.cos.ap-shanghai.myqcloud.com/1.mp3"}`,
    });
    begun.push(timed(start, felt.startMs), timed(push, felt.pushMs));
    await rest(everyMs);
  }
  await Promise.all(begun);
  await rest(2500);
  const { data } = await ask(url, ended);
  for (const { id, deadline, endedAt } of data.blackouts.nodes as { id: string; deadline: string; endedAt: string | null }[])
    if (ids.has(id)) felt.deadlineMs.push((endedAt === null ? Date.now() : Date.parse(endedAt)) - Date.parse(deadline));
  return felt;
};

const harm = async (kind: string, url: string): Promise<ChildProcess> => {
  const file = new URL('hostile-caller.ts', import.meta.url).pathname;
  const child = spawn('taskset', pinned(loadCore, process.execPath, '--import', 'tsx', file, kind, url), {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  await once(child.stdout!, 'data');
  await rest(warmMs);
  return child;
};

const worst = (values: readonly number[]) => Math.max(...values);

const nameOf = (kind: string) => `hostile-${kind}`;
export const hostileNames: readonly string[] = Object.keys(kinds).map(nameOf);

export const hostileRows = async ({ folder, vendor, isWanted }: Bench): Promise<Row[]> => {
  const server = await start(`${folder}/hostile`, vendor);
  const rows: Row[] = [];
  try {
    while ((await ask(server.url, '{ agents(first: 100) { nodes { id } } }')).data.agents.nodes.length < 50) await rest(50);
    await feel(server.url, 0);
    const alone = await feel(server.url, 1);
    if (alone.refused > 0) throw new Error('blackouts do not start, even alone');
    for (const [run, [kind, { what }]] of Object.entries(kinds).entries()) {
      if (!isWanted(nameOf(kind))) continue;
      const child = await harm(kind, server.url);
      const felt = await feel(server.url, run + 2).finally(() => child.kill('SIGKILL'));
      await once(child, 'exit');
      const names = { startMs: 'startBlackout', pushMs: 'push', deadlineMs: 'deadline' } as const;
      const delays = (Object.keys(names) as (keyof typeof names)[]).map((name) => ({
        text: `${names[name]} +${Math.max(0, median(felt[name]) - median(alone[name])).toFixed(0)} ms, at worst +${Math.max(0, worst(felt[name]) - median(alone[name])).toFixed(0)} ms`,
        ms: worst(felt[name]) - median(alone[name]),
      }));
      rows.push({
        name: nameOf(kind),
        work: `what another caller waits longer during ${what}`,
        result: [...delays.map(({ text }) => text), ...(felt.refused === 0 ? [] : [`${felt.refused} of ${samples} not started`])].join(
          '<br>',
        ),
        against: `alone: startBlackout ${median(alone.startMs).toFixed(0)} ms, push ${median(alone.pushMs).toFixed(0)} ms, deadline ${median(alone.deadlineMs).toFixed(0)} ms`,
        bar: `≤ ${maxDelayMs} ms, at worst`,
        isMet: felt.refused === 0 && delays.every(({ ms }) => ms <= maxDelayMs),
      });
      process.stderr.write(`${kind}: ${rows.at(-1)!.result}\n`);
      await rest(500);
    }
  } finally {
    await server.stop();
  }
  return rows;
};
