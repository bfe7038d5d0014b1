/** Rows of streams: one event to many subscriptions, and what a socket costs that does nothing. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { median, spread } from './load.ts';
import { type Bench, startBuilds } from './options.ts';
import { pushAuthorization, startOurs } from './ours.ts';
import { startPeer } from './peers.ts';
import { residentBytes, rest, type Server } from './processes.ts';
import { number, type Row } from './table.ts';

const document = `subscription Recordings { recordingChanged(filter: { sources: ["desk"] }) {
  id recording { externalId state fileName } } }`;

const openSockets = async (url: string, count: number, what: string, kind = 'same'): Promise<ChildProcess> => {
  const child = fork(new URL('./sockets.ts', import.meta.url), [url, String(count), what, kind], { execArgv: ['--import', 'tsx'] });
  child.setMaxListeners(0);
  const [report] = await once(child, 'message');
  if (report.open !== count) throw new Error(`${report.open} of ${count} sockets opened`);
  await rest(1500);
  return child;
};

const broadcast = async (child: ChildProcess, post: string, headers: Record<string, string>, body: string): Promise<number> => {
  child.send({ post, headers, body });
  const ended = once(child, 'exit').then(() => {
    throw new Error('the server closed a socket');
  });
  const [{ ms }] = await Promise.race([once(child, 'message'), ended]);
  return ms;
};

const push = (child: ChildProcess, ours: Server, number: number): Promise<number> =>
  broadcast(
    child,
    `${ours.url}/hooks/desk?action=record&version=1`,
    { ...pushAuthorization, 'content-type': 'application/json', 'x-tccc-push-uuid': `fan-${number}` },
    JSON.stringify({
      SdkAppId: 1400264214,
      RecordId: `fan${number}`,
      SessionId: `fan-session-${number}`,
      Timestamp: 1767600000,
      EndpointUser: 'agent1@example.com',
      RecordURL: `http://recorder.cos.ap-shanghai.myqcloud.com/def/${number}.mp3`,
    }),
  );

const message = JSON.stringify({
  id: '1',
  type: 'next',
  payload: { data: { recordingChanged: { id: '12', recording: { externalId: 'fan1', state: 'AVAILABLE', fileName: '1.mp3' } } } },
});

const kinds = [
  { name: 'stream-same', count: 5000, kind: 'same', least: 0.6 },
  { name: 'stream-distinct', count: 500, kind: 'distinct', least: 0.4 },
] as const;

const socketsOf = ({ url }: Server) => `${url}/graphql`;

/** From the push to the last socket, round by round the one and the other. */
export const streamRows = async (bench: Bench): Promise<Row[]> => {
  const { folder, vendor, judged, against } = bench;
  const rows: Row[] = [];
  for (const { name, count, kind, least } of kinds.filter((row) => bench.isWanted(row.name))) {
    const builds = await startBuilds(bench, { folder: `${folder}/${name}`, vendorUrl: vendor.url, maxStalenessSeconds: 86_400 });
    const peer = builds.other ?? (await startPeer('broadcast', folder, vendor.url));
    const ours = await openSockets(socketsOf(builds.ours), count, document, kind);
    const others =
      builds.other === null ? await openSockets(socketsOf(peer), count, 'bare') : await openSockets(socketsOf(peer), count, document, kind);
    const times = { ours: [] as number[], others: [] as number[] };
    try {
      for (let round = -3; round < 3 * judged.rounds; round += 1) {
        const oursMs = await push(ours, builds.ours, round + 3);
        const othersMs = builds.other === null ? await broadcast(others, peer.url, {}, message) : await push(others, peer, round + 3);
        if (round < 0) continue;
        times.ours.push(oursMs);
        times.others.push(othersMs);
      }
    } finally {
      for (const child of [ours, others]) child.kill();
      await Promise.all([builds.stop(), peer.stop()]);
    }
    const ratio = median(times.ours.map((ms, round) => times.others[round]! / ms));
    const shown = (all: readonly number[]) => `${number(median(all))} ms ±${spread(all).toFixed(0)} %`;
    const title = against === null ? 'bare ws broadcast' : 'the other build';
    rows.push({
      name,
      work: `one event to ${number(count)} ${kind === 'same' ? 'identical' : 'distinct'} subscriptions, from the push to the last socket`,
      result: shown(times.ours),
      against: `${title} ${shown(times.others)} (${ratio.toFixed(2)}×)`,
      bar: against === null ? `≥ ${least} × ${title}` : '',
      isMet: against === null ? ratio >= least : null,
    });
  }
  return rows;
};

const idle = 10_000;

/** Measures what an idle socket costs. */
export const idleRows = async ({ folder, vendor }: Bench): Promise<Row[]> => {
  const ours = await startOurs({ folder: `${folder}/idle`, vendorUrl: vendor.url, maxStalenessSeconds: 86_400 });
  await rest(2000);
  const before = residentBytes(ours.pid);
  const child = await openSockets(socketsOf(ours), idle, '');
  await rest(2000);
  const kilobytes = (residentBytes(ours.pid) - before) / idle / 1024;
  child.kill();
  await ours.stop();
  const work = 'a socket that is open and idle, at 10,000';
  return [{ name: 'idle-sockets', work, result: `${kilobytes.toFixed(1)} KB`, against: '', bar: '≤ 25 KB', isMet: kilobytes <= 25 }];
};
