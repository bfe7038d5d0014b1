/** `npm run bench memory`: resident memory under what a site does all day, with no garbage collection forced. */
import 'reflect-metadata';
import { print } from 'graphql';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { systemClock } from '../../src/lib/clock.ts';
import { startUptivitySimulator } from '../../src/simulators/uptivity/index.ts';
import {
  AgentChangedDocument,
  BlackoutChangedDocument,
  CallChangedDocument,
  RecordingChangedDocument,
} from '../../src/web/generated/graphql.ts';
import type { Bench } from './options.ts';
import { authorization, configure, nodeFlags, serverFile } from './ours.ts';
import { residentBytes, rest, type Server, startServer } from './processes.ts';
import { number, type Row } from './table.ts';

const wallboards = 10;
const changesPerSecond = 10;
const megabytes = (server: Server): number => residentBytes(server.pid) / 1024 / 1024;

/** Opens what a page of the wallboard has open: one socket with its four streams. */
const openWallboards = (url: string, credential: string | undefined): (() => void) => {
  const clients = Array.from({ length: wallboards }, () => {
    const client = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      ...(credential === undefined ? {} : { connectionParams: { authorization: credential } }),
    });
    for (const document of [AgentChangedDocument, CallChangedDocument, RecordingChangedDocument, BlackoutChangedDocument]) {
      client.subscribe(
        { query: print(document) },
        { next: () => undefined, error: (error) => process.stderr.write(`${String(error)}\n`), complete: () => undefined },
      );
    }
    return client;
  });
  return () => {
    for (const client of clients) void client.dispose();
  };
};

const minuteMs = 60_000;

/** Memory after each of so many minutes. */
const after = async (server: Server, minutes: readonly number[]): Promise<readonly number[]> => {
  const startedAt = performance.now();
  const seen: number[] = [];
  for (const minute of minutes) {
    await rest(Math.max(0, startedAt + minute * minuteMs - performance.now()));
    seen.push(megabytes(server));
  }
  return seen;
};

const rowOf = (name: string, work: string, minutes: readonly number[], seen: readonly number[], most: readonly number[]): Row => ({
  name,
  work: `resident memory of ${work}, after ${minutes.join(' and ')} minutes`,
  result: `${seen.map((one) => number(one)).join(' and ')} MB`,
  against: '',
  bar: `≤ ${most.join(' and ')} MB`,
  isMet: seen.every((one, place) => one <= most[place]!),
});

const demoRow = async ({ folder, minutes }: Bench): Promise<Row> => {
  const at = minutes === null ? [5, 30] : [minutes, minutes * 6];
  const server = await startServer([process.execPath, ...nodeFlags(), serverFile, 'start', '--port', '0'], { cwd: folder });
  const close = openWallboards(server.url, undefined);
  try {
    return rowOf('memory-demo', `the demo with ${wallboards} wallboards open`, at, await after(server, at), [170, 220]);
  } finally {
    close();
    await server.stop();
  }
};

const agents = 500;

const crowdRow = async ({ folder, minutes }: Bench): Promise<Row> => {
  const recorder = await startUptivitySimulator({ clock: systemClock, agents });
  const { timeZone, dateOrder } = recorder.switches;
  const source = { name: 'crowd', vendor: 'uptivity', baseUrl: recorder.url, auth: { type: 'none' }, timeZone, dateOrder, pollSeconds: 1 };
  const config = configure({
    folder: `${folder}/crowd`,
    vendorUrl: recorder.url,
    maxStalenessSeconds: 'default',
    sources: [],
    more: [{ ...source, maxAgentBlackoutSeconds: 120 }],
  });
  const server = await startServer([process.execPath, ...nodeFlags(), serverFile, 'start', '--config', config], { cwd: folder });
  const close = openWallboards(server.url, authorization.authorization);
  let turn = 0;
  const changes = setInterval(() => {
    turn += 1;
    const agent = recorder.agent(1 + ((turn * 37) % agents));
    if (agent.ActiveCall) recorder.contactCenter.hangUp(agent);
    else recorder.contactCenter.takeCall(agent, 'I');
  }, 1_000 / changesPerSecond);
  const at = [minutes ?? 5];
  try {
    const work = `${agents} agents at ${changesPerSecond} changes a second with ${wallboards} wallboards open`;
    return rowOf('memory-500', work, at, await after(server, at), [260]);
  } finally {
    clearInterval(changes);
    close();
    await server.stop();
    await recorder.close();
  }
};

/** Both at the same time: neither is timed. */
export const memoryRows = (bench: Bench): Promise<Row[]> =>
  Promise.all([...(bench.isWanted('memory-demo') ? [demoRow(bench)] : []), ...(bench.isWanted('memory-500') ? [crowdRow(bench)] : [])]);
