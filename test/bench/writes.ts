/** Rows of writing: commands through the ledger, and pushes that are acknowledged once they are on disk. */
import { createTestDatabase } from '../support/services.ts';
import { type LoadResult, load, median, spread } from './load.ts';
import { authorization, pushAuthorization, startOurs } from './ours.ts';
import { rounds } from './rounds.ts';
import { number, type Row } from './table.ts';
import type { Vendor } from './vendor.ts';

const clients = 32;

const command = `mutation Note($agent: String!, $key: String!) { updateRecording(input: {
  agent: { key: { source: "hq", identifier: ID, value: $agent } }, metadata: [{ key: "user1", value: "bench" }], idempotencyKey: $key }) {
    __typename ... on ControlSuccess { command { status } } ... on Problem { code message } } }`;

/** A command at every agent in turn, each under a key of its own. */
const commandOf = `[==[${JSON.stringify({ query: command }).slice(0, -1)},"variables":{"agent":"]==] .. (n % 50 + 1) .. '","key":"' .. run .. '-' .. n .. '"}}'`;

const several = async (work: () => Promise<LoadResult>): Promise<readonly LoadResult[]> => {
  const results: LoadResult[] = [];
  await work();
  for (let round = 0; round < rounds; round += 1) results.push(await work());
  return results;
};

const summary = (results: readonly LoadResult[]) => {
  const rates = results.map(({ perSecond }) => perSecond);
  return { perSecond: median(rates), spread: spread(rates), p99Ms: median(results.map(({ p99Ms }) => p99Ms)) };
};

const commandRow = async (name: string, folder: string, vendor: Vendor, store?: string): Promise<Row> => {
  const ours = await startOurs({ folder, vendorUrl: vendor.url, maxStalenessSeconds: 86_400, ...(store === undefined ? {} : { store }) });
  try {
    const wanted = { url: `${ours.url}/graphql`, headers: authorization };
    const seen = JSON.stringify({ query: '{ agents(first: 50) { nodes { id } } }' });
    await (await fetch(wanted.url, { method: 'POST', headers: authorization, body: seen })).text();
    const body = JSON.stringify({ query: command, variables: { agent: '1', key: 'first' } });
    const answer = await (await fetch(wanted.url, { method: 'POST', headers: authorization, body })).text();
    if (!/"ControlSuccess"/.test(answer)) throw new Error(`the command is not carried out: ${answer}`);
    const {
      perSecond,
      spread: instrumentation,
      p99Ms,
    } = summary(await several(() => load(folder, { ...wanted, bodyOf: commandOf, connections: clients, seconds: 2 })));
    const vendorMs = median(
      (
        await several(() =>
          load(folder, { url: `${vendor.url}/uptivity/api/Record/UpdateForAgent`, body: '{}', connections: 1, seconds: 1 }),
        )
      ).map(({ p50Ms }) => p50Ms),
    );
    return {
      work: `commands through the ledger, ${name}, ${clients} clients`,
      result: `${number(perSecond)}/s ±${instrumentation.toFixed(0)} %, p99 ${(p99Ms - vendorMs).toFixed(1)} ms`,
      against: `the vendor takes ${vendorMs.toFixed(2)} ms of a command, subtracted`,
      wanted: 'shown',
      reached: null,
    };
  } finally {
    await ours.stop();
  }
};

/** A recording a push, under a UUID of its own. */
const pushOf = `(function()
  wrk.headers['x-tccc-push-uuid'] = 'bench-' .. run .. '-' .. n
  return '{"SdkAppId":1400264214,"RecordId":"' .. run .. n .. '","SessionId":"session-' .. run .. '-' .. n .. '","Timestamp":1767600000,"EndpointUser":"agent' .. (n % 40) .. '@example.com","RecordURL":"http://recorder.cos.ap-shanghai.myqcloud.com/def/' .. n .. '.mp3"}'
end)()`;

const pushRow = async (folder: string, vendor: Vendor): Promise<Row> => {
  const ours = await startOurs({ folder, vendorUrl: vendor.url, maxStalenessSeconds: 86_400, sources: ['desk'] });
  try {
    const url = `${ours.url}/hooks/desk?action=record&version=1`;
    const headers = { ...pushAuthorization, 'content-type': 'application/json;charset=utf8' };
    const {
      perSecond,
      spread: instrumentation,
      p99Ms,
    } = summary(await several(() => load(folder, { url, headers, bodyOf: pushOf, connections: clients, seconds: 2 })));
    return {
      work: `pushes acknowledged once durable, SQLite with full sync, ${clients} clients`,
      result: `${number(perSecond)}/s ±${instrumentation.toFixed(0)} %, p99 ${p99Ms.toFixed(1)} ms`,
      against: '',
      wanted: '≥ 2,000/s, p99 < 50 ms',
      reached: perSecond >= 2000 && p99Ms < 50,
    };
  } finally {
    await ours.stop();
  }
};

export const writeRows = async (folder: string, vendor: Vendor): Promise<Row[]> => {
  const database = await createTestDatabase();
  try {
    return [
      await commandRow('SQLite with full sync', `${folder}/commands`, vendor),
      await commandRow('PostgreSQL', `${folder}/commands-postgres`, vendor, database.url),
      await pushRow(`${folder}/pushes`, vendor),
    ];
  } finally {
    await database.drop();
  }
};
