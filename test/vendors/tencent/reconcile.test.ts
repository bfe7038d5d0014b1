import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObservationBatch } from '../../../src/domain/model/observation.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { startTencentSimulator } from '../../../src/simulators/tencent/index.ts';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';
import { createVendorContext } from '../../../src/vendors/kit/testing/vendor-context.ts';
import { createRateLimiter } from '../../../src/vendors/tencent/rate-limiter.ts';
import { startServer } from '../../support/tapegraph.ts';
import { agentsOf, never, sdkAppId, startTencent } from './fixture.ts';

const recordingsIn = (batches: readonly ObservationBatch[]) =>
  batches.flatMap(({ observations }) => observations).flatMap((one) => (one.type === 'recording' ? [one.recording] : []));

/** Runs the observer until it has read call records once and `enough` says so. */
const observeUntil = async (
  source: Awaited<ReturnType<typeof startTencent>>['source'],
  enough: () => boolean,
  step: () => Promise<void>,
) => {
  const stop = new AbortController();
  const running = source.observer!.run(stop.signal);
  while (!enough()) {
    await new Promise((resolve) => setImmediate(resolve));
    await step();
  }
  stop.abort();
  await running;
};

test('a push that never came is found in the call records: both sides, the transferred one and the voicemail', async (t) => {
  const { simulator, source, context, clock } = await startTencent(t, { simulator: { agents: agentsOf(2) } });
  const agents = [...simulator.contactCenter.agents.values()];
  const call = simulator.playCall(agents, 30);
  const box = simulator.contactCenter.startCall({ direction: 0, caller: '00861380000', callee: '0086755' });
  simulator.contactCenter.leaveVoicemail(box, 2);
  assert.equal(simulator.pusher.deliveries.length, 0);
  await observeUntil(
    source,
    () => context.stored.has('reconciledUntilMs'),
    async () => undefined,
  );
  const found = recordingsIn(context.batches);
  assert.equal(found.length, 5);
  const tracks = found.filter(({ kind }) => kind === 'AUDIO');
  assert.deepEqual(
    tracks.map(({ vendorId, party, agent, endpoint, call: session, state }) => [vendorId, party, agent, endpoint, session, state]),
    [
      [call.recordId, 'CUSTOMER', null, call.caller, call.sessionId, 'AVAILABLE'],
      [call.participants[0]!.recordId, 'AGENT', agents[0]!.mail, agents[0]!.mail, call.sessionId, 'AVAILABLE'],
      [call.participants[1]!.recordId, 'AGENT', agents[1]!.mail, agents[1]!.mail, call.sessionId, 'AVAILABLE'],
    ],
  );
  assert.ok(tracks.every(({ availableUntil }) => availableUntil === '2026-04-05T09:00:00.000Z'));
  assert.equal(new Set(found.filter(({ kind }) => kind === 'VOICEMAIL').map(({ externalId }) => externalId)).size, 2);
  // Pulled links carry authentication and are never to be kept.
  assert.ok(!JSON.stringify(context.batches).includes('getRecord'));
  assert.equal(JSON.parse(context.stored.get('reconciledUntilMs')!), clock.now());
});

test('250 records are three pages from page 0 over a fixed window, and the next round starts an overlap earlier', async (t) => {
  const { simulator, source, context, clock } = await startTencent(t, {
    simulator: { agents: agentsOf(1) },
    api: { reconcileSeconds: 100, overlapSeconds: 600 },
  });
  const [agent] = simulator.contactCenter.agents.values();
  for (let count = 0; count < 250; count += 1) simulator.playCall([agent!], 1);
  await observeUntil(
    source,
    () => context.stored.has('reconciledUntilMs'),
    async () => undefined,
  );
  assert.equal(simulator.api.callsMade('DescribeTelCdr'), 3);
  assert.equal(new Set(recordingsIn(context.batches).map(({ externalId }) => externalId)).size, 500);
  const before = simulator.api.callsMade('DescribeTelCdr');
  await observeUntil(
    source,
    () => simulator.api.callsMade('DescribeTelCdr') >= before + 3,
    () => clock.advance(1000),
  );
});

test('a window that fails half-way is read again from its start', async (t) => {
  const { simulator, source, context } = await startTencent(t, { simulator: { agents: agentsOf(1) } });
  simulator.api.refuse('DescribeTelCdr', 'InternalError');
  await observeUntil(
    source,
    () => context.logged.some(({ message }) => message.startsWith('reconciling')),
    async () => undefined,
  );
  assert.equal(context.stored.has('reconciledUntilMs'), false);
});

test('a server that was away for 200 days asks for no more than the vendor keeps, in spans it answers', async (t) => {
  const { simulator, source, context, clock } = await startTencent(t, { simulator: { agents: agentsOf(1) } });
  context.stored.set('reconciledUntilMs', String(clock.now() - 200 * 86_400_000));
  await observeUntil(
    source,
    () => context.stored.get('reconciledUntilMs') === String(clock.now()),
    async () => undefined,
  );
  assert.equal(simulator.api.callsMade('DescribeTelCdr'), 3);
  assert.equal(context.logged.length, 0);
});

test('one unreadable record is kept aside once, and hides no other', async (t) => {
  const { simulator, source, context, clock } = await startTencent(t, { simulator: { agents: agentsOf(1) } });
  const cdr = { SessionId: 's-1', EndedTimestamp: 1_767_600_000, RecordId: 'r-1', RecordURL: 'https://x.qcloud.com/1.mp3' };
  const body = JSON.stringify({ Response: { TotalCount: 2, TelCdrList: [{ Caller: '1' }, cdr], RequestId: 'x' } });
  simulator.breakWith({ status: 200, contentType: 'application/json', body });
  let rounds = 0;
  await observeUntil(
    source,
    () => rounds > 1,
    async () => {
      if (!context.stored.has('reconciledUntilMs')) return;
      rounds += 1;
      context.stored.delete('reconciledUntilMs');
      await clock.advance(300_000);
    },
  );
  assert.equal(context.deadLetters.length, 1);
  assert.equal(recordingsIn(context.batches)[0]!.vendorId, 'r-1');
});

test('a recording whose push was lost appears with the next read of recordings, and a vendor that fails is named', async (t) => {
  const simulator = await startTencentSimulator({ clock: systemClock, agents: agentsOf(1) });
  t.after(() => simulator.close());
  const { url: endpoint, secretId, secretKey } = simulator;
  const api = { endpoint, secretId, secretKey, pollSeconds: 3600, reconcileSeconds: 3600 };
  const server = await startServer(t, [{ name: 'desk', vendor: 'tencent', sdkAppId, api, maxStalenessSeconds: 0 }]);
  const list = () =>
    server.ask(
      '{ recordings { nodes { vendorId state call { externalId state } } sourceErrors { problem { code } } } sources { capabilities { operation support } } }',
    );
  const before = (await list()).data;
  assert.deepEqual(before.recordings, { nodes: [], sourceErrors: [] });
  const { capabilities } = before.sources[0];
  assert.ok(
    capabilities.some((one: { operation: string; support: string }) => one.operation === 'LIST_RECORDINGS' && one.support === 'NATIVE'),
  );
  const call = simulator.playCall([...simulator.contactCenter.agents.values()], 30);
  const { nodes } = (await list()).data.recordings;
  assert.deepEqual(
    new Set(nodes.map((one: { vendorId: string; state: string; call: object }) => JSON.stringify([one.vendorId, one.state, one.call]))),
    new Set(
      [call.recordId, call.participants[0]!.recordId].map((id) =>
        JSON.stringify([id, 'AVAILABLE', { externalId: call.sessionId, state: 'ENDED' }]),
      ),
    ),
  );
  await simulator.close();
  const failing = (await list()).data.recordings;
  assert.deepEqual([failing.nodes.length, failing.sourceErrors.length], [2, 1]);
});

test('a listing can be narrowed to agents', async (t) => {
  const { simulator, source } = await startTencent(t, { simulator: { agents: agentsOf(2) } });
  const [first, second] = [...simulator.contactCenter.agents.values()];
  simulator.playCall([first!]);
  const two = simulator.playCall([second!]);
  const listed = await source.recordings!.list({ agents: [second!.mail] }, never);
  assert.deepEqual(
    listed.flatMap((observation) => (observation.type === 'recording' ? [observation.recording.vendorId] : [])),
    [two.recordId, two.participants[0]!.recordId],
  );
});

test('two servers that share their state stay below 20 requests in any second', async () => {
  const clock = createManualClock();
  const stored = new Map<string, unknown>();
  const base = createVendorContext({ clock });
  const state = {
    ...base.state,
    update: async <T>(key: string, change: (value: unknown) => T) => {
      const changed = change(stored.get(key) ?? null);
      stored.set(key, changed);
      return changed;
    },
  };
  const servers = [createRateLimiter(clock, state), createRateLimiter(clock, state)];
  const sentMs: number[] = [];
  const all = Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      await servers[index % 2]!('DescribeTelCdr');
      sentMs.push(clock.now());
    }),
  );
  while (sentMs.length < 100) await clock.advance(10);
  await all;
  const busiest = Math.max(...sentMs.map((from) => sentMs.filter((time) => time >= from && time < from + 1000).length));
  assert.ok(busiest <= 20, `${busiest} in one second`);
  assert.ok(sentMs.at(-1)! - sentMs[0]! < 7000, 'and are not much slower than that');
});
