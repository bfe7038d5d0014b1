/** Rows of streams: one event to many subscriptions, and what a socket costs that does nothing. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { median, spread } from './load.ts';
import { pushAuthorization, startOurs } from './ours.ts';
import { startPeer } from './peers.ts';
import { residentBytes, rest, type Server } from './processes.ts';
import { rounds } from './rounds.ts';
import type { Row } from './table.ts';
import type { Vendor } from './vendor.ts';

const document = `subscription Recordings { recordingChanged(filter: { sources: ["desk"] }) {
  id recording { externalId state fileName } } }`;

const openSockets = async (url: string, count: number, what: string, kind = 'same'): Promise<ChildProcess> => {
  const child = fork(new URL('./sockets.ts', import.meta.url), [url, String(count), what, kind], { execArgv: ['--import', 'tsx'] });
  const [told] = await once(child, 'message');
  if (told.open !== count) throw new Error(`${told.open} of ${count} sockets opened`);
  await rest(1500);
  return child;
};

const broadcast = async (child: ChildProcess, post: string, headers: Record<string, string>, body: string): Promise<number> => {
  child.send({ post, headers, body });
  const [{ ms }] = await once(child, 'message');
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

export const streamRows = async (folder: string, vendor: Vendor): Promise<Row[]> => {
  const rows: Row[] = [];
  const start = (name: string) => startOurs({ folder: `${folder}/${name}`, vendorUrl: vendor.url, maxStalenessSeconds: 86_400 });
  const ws = (server: Server) => `${server.url}/graphql`;
  for (const [count, kind, wanted] of [
    [5000, 'same', '≥ 0.5 of a bare ws broadcast'],
    [500, 'distinct', 'shown'],
  ] as const) {
    const ours = await start(`fan-${kind}`);
    const bare = await startPeer('broadcast', folder, vendor.url);
    const [mine, theirs] = [await openSockets(ws(ours), count, document, kind), await openSockets(ws(bare), count, 'bare')];
    const times = { ours: [] as number[], bare: [] as number[] };
    for (let round = -2; round < 2 * rounds; round += 1) {
      const took = { ours: await push(mine, ours, round + 2), bare: await broadcast(theirs, bare.url, {}, message) };
      if (round < 0) continue;
      times.ours.push(took.ours);
      times.bare.push(took.bare);
    }
    const ratio = median(times.bare) / median(times.ours);
    rows.push({
      work: `one event to ${count.toLocaleString('en-US')} ${kind === 'same' ? 'identical' : 'distinct'} subscriptions, from the push to the last socket`,
      result: `${median(times.ours).toFixed(0)} ms ±${spread(times.ours).toFixed(0)} %`,
      against: `bare ws broadcast ${median(times.bare).toFixed(0)} ms ±${spread(times.bare).toFixed(0)} % (${ratio.toFixed(2)}×)`,
      wanted,
      reached: kind === 'same' ? ratio >= 0.5 : null,
    });
    for (const child of [mine, theirs]) child.kill();
    await Promise.all([ours.stop(), bare.stop()]);
  }

  const idle = 10_000;
  const ours = await start('idle');
  await rest(2000);
  const before = residentBytes(ours.pid);
  const child = await openSockets(ws(ours), idle, '');
  await rest(2000);
  const each = (residentBytes(ours.pid) - before) / idle / 1024;
  child.kill();
  await ours.stop();
  rows.push({
    work: 'a socket that is open and idle, at 10,000',
    result: `${each.toFixed(1)} KB`,
    against: '',
    wanted: '≤ 25 KB',
    reached: each <= 25,
  });
  return rows;
};
