import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { Pool } from 'undici';
import { randomIds, systemClock } from '../../../src/lib/clock.ts';
import { createRandom } from '../../../src/simulators/kit/random.ts';
import { openStore } from '../../../src/storage/index.ts';
import { createIdentity } from '../../../src/vendors/tencent/identity.ts';
import { temporaryFolder } from '../../storage/stores.ts';
import { tapegraphProgram } from '../../support/program.ts';
import { acknowledged, sdkAppId } from './fixture.ts';

const pushesWanted = 20_000;
const inFlight = 32;

interface StormPush {
  action: string;
  uuid: string;
  body: string;
}

/** Calls of two or three recorded sides; every push once, then again under its UUID or a new one, all of it in any order. */
const createStorm = (random: ReturnType<typeof createRandom>) => {
  const pushes: StormPush[] = [];
  const recordings = new Map<string, { session: string; party: string; endpoint: string }>();
  const sessions = new Set<string>();
  const startedAt = 1_767_600_000;
  for (let call = 0; pushes.length < pushesWanted * 0.7; call += 1) {
    const session = random.guid();
    sessions.add(session);
    const start = startedAt + call;
    const agents = Array.from({ length: random.between(1, 2) }, () => `agent${random.between(1, 40)}@example.com`);
    const endpoints = [`00861380000${String(call).padStart(5, '0')}`, ...agents];
    endpoints.forEach((EndpointUser, side) => {
      const RecordId = `${start}${side}`;
      recordings.set(RecordId, { session, party: side === 0 ? 'CUSTOMER' : 'AGENT', endpoint: EndpointUser });
      const RecordURL = `http://recorder.cos.ap-shanghai.myqcloud.com/def/${RecordId}.mp3`;
      const body = JSON.stringify({ SdkAppId: sdkAppId, RecordId, SessionId: session, Timestamp: start + 60, EndpointUser, RecordURL });
      pushes.push({ action: 'record', uuid: random.guid(), body });
    });
    const participants = agents.map((Mail, Sequence) => ({ Mail, Sequence, RecordId: `${start}${Sequence + 1}`, StartTimestamp: start }));
    pushes.push({
      action: 'cdr',
      uuid: random.guid(),
      body: JSON.stringify({
        SdkAppId: sdkAppId,
        SessionId: session,
        Direction: 0,
        Caller: endpoints[0],
        StartTimestamp: start,
        AcceptTimestamp: start + 5,
        EndedTimestamp: start + 60,
        ServeParticipants: participants,
      }),
    });
  }
  const firsts = pushes.length;
  while (pushes.length < pushesWanted) {
    const again = pushes[random.between(0, firsts - 1)]!;
    pushes.push(random.next() < 0.7 ? again : { ...again, uuid: random.guid() });
  }
  return { pushes: random.shuffle(pushes), recordings, sessions };
};

/** The server itself, in a process of its own, on the store as the last one left it. */
const startServer = async (config: string): Promise<{ child: ChildProcess; pool: Pool }> => {
  const child = spawn(process.execPath, [...tapegraphProgram, 'start', '--config', config], {
    cwd: new URL('../../..', import.meta.url),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface(child.stdout!)) {
    const url = /^ready at (\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stdout!.resume();
    return { child, pool: new Pool(url, { connections: inFlight }) };
  }
  throw new Error('the server ended before it was ready');
};

const writeConfig = (folder: string): { config: string; storeUrl: string } => {
  const config = join(folder, 'tapegraph.yaml');
  const storeUrl = `sqlite:${join(folder, 'storm.db')}`;
  const settings = {
    server: { host: '127.0.0.1', port: 0 },
    auth: { mode: 'none' },
    store: { url: storeUrl },
    media: { signingKey: 'storm-signing-key-storm-signing-key' },
    sources: [{ name: 'desk', vendor: 'tencent', sdkAppId, push: { auth: { type: 'basic', username: 'tccc', password: 'storm' } } }],
  };
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(settings));
  return { config, storeUrl };
};

const send = async (pool: Pool, push: StormPush): Promise<boolean> => {
  const response = await pool.request({
    method: 'POST',
    path: `/hooks/desk?action=${push.action}&version=1`,
    headers: {
      'content-type': 'application/json;charset=utf8',
      'x-tccc-push-uuid': push.uuid,
      authorization: `Basic ${Buffer.from('tccc:storm').toString('base64')}`,
    },
    body: push.body,
  });
  return (await response.body.text()) === acknowledged;
};

/** Sends all, killing the server outright at each count; what was not acknowledged is sent again, what was is not. */
const weather = async (t: TestContext, config: string, pushes: readonly StormPush[], killAfter: readonly number[]) => {
  const waiting = [...pushes].reverse();
  const kills = [...killAfter];
  const latenciesMs: number[] = [];
  let acknowledgements = 0;
  while (waiting.length > 0) {
    const { child, pool } = await startServer(config);
    t.after(() => child.kill('SIGKILL'));
    const over = once(child, 'exit');
    let alive = true;
    const worker = async (): Promise<void> => {
      while (alive) {
        const push = waiting.pop();
        if (push === undefined) return;
        const sentAt = performance.now();
        const kept = await send(pool, push).catch(() => false);
        if (kept) {
          acknowledgements += 1;
          latenciesMs.push(performance.now() - sentAt);
        } else {
          waiting.push(push);
        }
        if (kills[0] !== undefined && acknowledgements >= kills[0] && alive) {
          kills.shift();
          alive = false;
          child.kill('SIGKILL');
        }
      }
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
    if (alive) child.kill('SIGTERM');
    await over;
    await pool.destroy();
  }
  return { latenciesMs: latenciesMs.sort((left, right) => left - right), interruptions: killAfter.length - kills.length };
};

test('20,000 pushes, doubled and in any order, over four kills: every recording is there exactly once', { timeout: 300_000 }, async (t) => {
  const folder = temporaryFolder();
  t.after(folder.remove);
  const { config, storeUrl } = writeConfig(folder.path);
  const { pushes, recordings, sessions } = createStorm(createRandom(7));
  const { latenciesMs, interruptions } = await weather(t, config, pushes, [4000, 9000, 14_000, 17_000]);
  assert.equal(latenciesMs.length, pushes.length);
  assert.equal(interruptions, 4);
  const p99 = latenciesMs[Math.floor(latenciesMs.length * 0.99)]!;
  t.diagnostic(`p99 of an acknowledgement with ${inFlight} in flight: ${p99.toFixed(0)} ms`);

  const store = await openStore(storeUrl, { clock: systemClock, ids: randomIds });
  t.after(() => store.close());
  assert.equal(await store.recordings.count({ sources: ['desk'] }, 100_000), recordings.size);
  assert.equal(await store.calls.count({ sources: ['desk'] }, 100_000), sessions.size);
  assert.equal(await store.deadLetters.count('desk'), 0);
  const identity = createIdentity((await store.vendorState('desk').get('endpointKey')) as string);
  const recordIds = [...recordings.keys()];
  const ids = recordIds.map((id) => identity.track(recordings.get(id)!.session, id, recordings.get(id)!.endpoint));
  const rows = await store.recordings.byKeys(ids.map((externalId) => ({ source: 'desk', externalId })));
  rows.forEach((row, index) => {
    const wanted = recordings.get(recordIds[index]!)!;
    assert.deepEqual([row?.call, row?.party, row?.state], [wanted.session, wanted.party, 'AVAILABLE']);
  });
  const calls = await store.calls.byKeys([...sessions].map((externalId) => ({ source: 'desk', externalId })));
  assert.ok(calls.every((call) => call?.state === 'ENDED' && call.answeredAt !== null && call.legs.length >= 2));
  const withoutNulls = (await store.events.after(0, 100_000)).filter(({ entityType }) => entityType === 'recording');
  assert.equal(withoutNulls.length, recordings.size, 'and one event tells of each');
});
