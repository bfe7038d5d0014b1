/** Rows of writing: commands through the ledger, and pushes that are acknowledged once they are on disk. */
import { createTestDatabase } from '../support/services.ts';
import type { Load } from './load.ts';
import { type Bench, type Builds, startBuilds } from './options.ts';
import { authorization, callers, type OursOptions, pushAuthorization } from './ours.ts';
import type { Server } from './processes.ts';
import { compare } from './rounds.ts';
import { number, type Row, rate, timesOf } from './table.ts';

const clients = 32;

const command = `mutation Note($agent: String!, $key: String!) { updateRecording(input: {
  agent: { key: { source: "hq", identifier: ID, value: $agent } }, metadata: [{ key: "user1", value: "bench" }], idempotencyKey: $key }) {
    __typename ... on ControlSuccess { command { status } } ... on Problem { code message } } }`;

/** A command at every agent in turn, each by the next caller and under an idempotency key of its own. */
const commandOf = `(function()
  wrk.headers.authorization = 'Bearer bench-' .. (n % ${callers})
  return [==[${JSON.stringify({ query: command }).slice(0, -1)},"variables":{"agent":"]==] .. (n % 50 + 1) .. '","key":"' .. run .. '-' .. n .. '"}}'
end)()`;

/** A recording a push, under a UUID of its own. */
const pushOf = `(function()
  wrk.headers['x-tccc-push-uuid'] = 'bench-' .. run .. '-' .. n
  return '{"SdkAppId":1400264214,"RecordId":"' .. run .. n .. '","SessionId":"session-' .. run .. '-' .. n .. '","Timestamp":1767600000,"EndpointUser":"agent' .. (n % 40) .. '@example.com","RecordURL":"http://recorder.cos.ap-shanghai.myqcloud.com/def/' .. n .. '.mp3"}'
end)()`;

const prepareCommands = async ({ url }: Server): Promise<void> => {
  const post = async (query: string, variables: object) =>
    (await fetch(`${url}/graphql`, { method: 'POST', headers: authorization, body: JSON.stringify({ query, variables }) })).text();
  await post('{ agents(first: 50) { nodes { id } } }', {});
  const answer = await post(command, { agent: '1', key: 'first' });
  if (!/"ControlSuccess"/.test(answer)) throw new Error(`the command is not carried out: ${answer}`);
};

const commandLoad = ({ url }: Server): Contended => ({ url: `${url}/graphql`, headers: authorization, bodyOf: commandOf });
const pushLoad = ({ url }: Server): Contended => ({
  url: `${url}/hooks/desk?action=record&version=1`,
  headers: { ...pushAuthorization, 'content-type': 'application/json;charset=utf8' },
  bodyOf: pushOf,
});

type Contended = Omit<Load, 'connections' | 'seconds'>;

interface WriteRow {
  name: string;
  work: string;
  postgres: boolean;
  sources?: OursOptions['sources'];
  prepare?(server: Server): Promise<void>;
  loadOf(server: Server): Contended;
  least: number;
  p99Ms: number;
}

const commands = { prepare: prepareCommands, loadOf: commandLoad };
const pushes = { sources: ['desk'] as const, loadOf: pushLoad };
const rows: readonly WriteRow[] = [
  {
    name: 'commands-sqlite',
    work: 'commands through the ledger, SQLite with full sync',
    postgres: false,
    ...commands,
    least: 500,
    p99Ms: 200,
  },
  { name: 'commands-postgres', work: 'commands through the ledger, PostgreSQL', postgres: true, ...commands, least: 250, p99Ms: 200 },
  {
    name: 'pushes-sqlite',
    work: 'pushes acknowledged once durable, SQLite with full sync',
    postgres: false,
    ...pushes,
    least: 2000,
    p99Ms: 55,
  },
  { name: 'pushes-postgres', work: 'pushes acknowledged once durable, PostgreSQL', postgres: true, ...pushes, least: 800, p99Ms: 120 },
];

const measure = async (bench: Bench, builds: Builds, { name, work, loadOf, least, p99Ms }: WriteRow): Promise<Row> => {
  const contenders = [
    { name: 'ours', load: loadOf(builds.ours) },
    ...(builds.other === null ? [] : [{ name: 'other', load: loadOf(builds.other) }]),
  ];
  const measured = await compare(bench.folder, contenders, {
    ...bench.judged,
    seconds: bench.judged.seconds * 2,
    warmSeconds: 2,
    connections: clients,
  });
  const [ours, other] = [measured.get('ours')!, measured.get('other')];
  const shown = (one: typeof ours) => `${rate(one)}, p99 ${number(one.p99Ms)} ms`;
  return {
    name,
    work: `${work}, ${clients} clients`,
    result: shown(ours),
    against: other === undefined ? '' : `the other build ${shown(other)} (${timesOf(measured, 'ours').get('other')!.toFixed(2)}×)`,
    bar: other === undefined ? `≥ ${number(least)}/s, p99 < ${p99Ms} ms` : '',
    isMet: other === undefined ? ours.perSecond >= least && ours.p99Ms < p99Ms : null,
  };
};

export const writeRows = async (bench: Bench): Promise<Row[]> => {
  const measured: Row[] = [];
  for (const row of rows.filter(({ name }) => bench.isWanted(name))) {
    const databases = row.postgres ? [await createTestDatabase(), ...(bench.against === null ? [] : [await createTestDatabase()])] : [];
    const [store, otherStore] = databases.map(({ url }) => url);
    const options = { folder: `${bench.folder}/${row.name}`, vendorUrl: bench.vendor.url, maxStalenessSeconds: 86_400, store, otherStore };
    const builds = await startBuilds(bench, { ...options, ...(row.sources && { sources: row.sources }) });
    try {
      for (const server of [builds.ours, builds.other]) if (server) await row.prepare?.(server);
      measured.push(await measure(bench, builds, row));
    } finally {
      await builds.stop();
      for (const database of databases) await database.drop();
    }
  }
  return measured;
};
