import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/lib/clock.ts';
import { startHuaweiSimulator } from '../../src/simulators/huawei/index.ts';
import { createTestDatabase } from '../support/services.ts';
import { assertNothingLost, subscribe } from './clients.ts';
import { createCluster, eventually } from './cluster.ts';
import { agentRef, blackoutFields, startBlackout, startRecorder, stopBlackout } from './recorder.ts';

const aSecond = 1000;

test('a blackout started at one server is seen by the subscribers of another within a second, and commanded once whoever asks twice', async (context) => {
  const cluster = await createCluster(context);
  const recorder = await startRecorder(context);
  const [one, two] = await Promise.all(['one', 'two'].map((name) => cluster.start(name, { sources: [recorder.blockFor(name)] })));
  const agents = await subscribe(context, [two!.url], 'agentChanged', 'agent { externalId }');
  await agents.until('two knows the agents', ({ agent }) => agent.externalId === '3');
  const elsewhere = await subscribe(context, [two!.url], 'blackoutChanged', blackoutFields);
  const here = await subscribe(context, [one!.url], 'blackoutChanged', blackoutFields);

  let slowest = 0;
  for (const [from, id] of [
    [one!, 1],
    [one!, 2],
    [two!, 3],
  ] as const) {
    const sentMs = performance.now();
    const { startBlackout: answer } = await from.ask(startBlackout, { input: { agent: agentRef(id) } });
    assert.equal(answer.__typename, 'BlackoutSuccess', JSON.stringify(answer));
    for (const client of [elsewhere, here]) {
      const seen = await client.until(
        'the blackout is active',
        ({ blackout }) => blackout.id === answer.blackout.id && blackout.state === 'ACTIVE',
      );
      slowest = Math.max(slowest, seen.receivedAtMs - sentMs);
    }
  }
  context.diagnostic(`note: from the request at one server to the event at a subscriber of another: ${slowest.toFixed(0)} ms at most`);
  assert.ok(slowest < aSecond, `${slowest} ms`);

  const input = { agent: agentRef(1), idempotencyKey: 'the same at both' };
  const stops = await Promise.all([one!, two!].map((server) => server.ask(stopBlackout, { input })));
  assert.deepEqual(
    stops.map(({ stopBlackout: answer }) => answer.__typename),
    ['BlackoutSuccess', 'BlackoutSuccess'],
  );
  const twice = { agent: agentRef(1), idempotencyKey: 'again, the same at both' };
  const starts = await Promise.all([two!, one!].map((server) => server.ask(startBlackout, { input: twice })));
  const [first, second] = starts.map(({ startBlackout: answer }) => answer);
  assert.equal(first.blackout.id, second.blackout.id, JSON.stringify(starts));
  assert.deepEqual([first.replayed, second.replayed].sort(), [false, true]);
  assert.deepEqual([recorder.commands('StartForAgent'), recorder.commands('StopForAgent')], [4, 1]);

  for (const client of [elsewhere, here]) {
    await client.until('the last blackout', ({ blackout }) => blackout.id === first.blackout.id && blackout.state === 'ACTIVE');
    await assertNothingLost(cluster.database, 'blackout', client);
  }
});

test('two installations on one exchange are warned of each other, also where their servers have the same name', async (context) => {
  const cluster = await createCluster(context);
  const recorder = await startRecorder(context);
  const other = await createTestDatabase();
  context.after(other.drop);
  const sources = [recorder.blockFor('tapegraph-0')];
  const servers = [await cluster.start('tapegraph-0', { sources }), await cluster.start('tapegraph-0', { sources, storeUrl: other.url })];
  for (const server of servers) await eventually('the server says so', () => /server\.installation/.test(server.log()));
});

test('who does not observe a source believes who does, and asks the vendor nothing', async (context) => {
  const cluster = await createCluster(context);
  const recorder = await startRecorder(context);
  const sources = (name: string) => [recorder.blockFor(name, { maxStalenessSeconds: 2.5 })];
  const one = await cluster.start('one', { sources: sources('one') });
  await eventually('one polls', () => recorder.askers('/api/Agent/GetAll').length > 0);
  const two = await cluster.start('two', { sources: sources('two') });
  const states = '{ agents { nodes { externalId activeCall { state } } sourceErrors { problem { message } } } }';
  await recorder.informed(two);
  const countRequests = () => recorder.askers('/api').filter((name) => name === 'two').length;
  const before = countRequests();
  recorder.simulator.contactCenter.takeCall(recorder.simulator.agent(2));
  const endMs = performance.now() + 3 * aSecond;
  let reads = 0;
  let seenTheCall = false;
  while (performance.now() < endMs) {
    const { agents } = await two.ask(states);
    assert.deepEqual(agents.sourceErrors, []);
    seenTheCall ||= agents.nodes[1].activeCall !== null;
    reads += 1;
  }
  assert.ok(seenTheCall);
  assert.equal(countRequests() - before, 0, `of ${reads} reads in three seconds, none went to the vendor`);
  context.diagnostic(`note: ${reads} reads at a server that does not observe: 0 vendor calls`);

  await one.kill('SIGTERM');
  const goneMs = performance.now();
  await eventually('two observes', () => recorder.askers('/api/Agent/GetAll').at(-1) === 'two');
  context.diagnostic(`note: a server that stops in order is followed by another in ${(performance.now() - goneMs).toFixed(0)} ms`);
  assert.ok(performance.now() - goneMs < 3 * aSecond);
});

test('a server commands the agent whose session another one signed in and polls', async (context) => {
  const cluster = await createCluster(context);
  const simulator = await startHuaweiSimulator({ clock: systemClock, switches: { strictGuids: true } });
  context.after(simulator.close);
  const staff = ['291', '292'];
  for (const workNo of staff) simulator.contactCenter.addAgent({ workNo, password: `secret-${workNo}` });
  const agents = staff.map((id) => ({ id, password: `secret-${id}`, phone: `4${id}` }));
  const sources = [
    { name: 'mumbai', vendor: 'huawei', baseUrl: simulator.url, agents, signIn: { status: 'READY', queues: 'all', autoAnswer: true } },
  ];
  await cluster.start('one', { sources });
  await eventually('one has signed both in', () => simulator.sessions.signedIn().length === 2);
  const two = await cluster.start('two', { sources });

  const call = simulator.contactCenter.ring('291');
  simulator.contactCenter.talk('291', call.callId);
  const recordings = await subscribe(context, [two.url], 'recordingChanged', 'recording { state }');
  const blackouts = await subscribe(context, [two.url], 'blackoutChanged', 'blackout { id state confirmation }');
  await recordings.until('the call is recorded', ({ recording }) => recording.state === 'RECORDING');
  const agent = { key: { source: 'mumbai', identifier: 'ID', value: '291' } };
  const { startBlackout: begun } = await two.ask(startBlackout, { input: { agent } });
  assert.equal(begun.__typename, 'BlackoutSuccess', JSON.stringify(begun));
  await blackouts.until('the blackout is confirmed by the events that one polls', ({ blackout }) => blackout.confirmation === 'CONFIRMED');
  const { stopBlackout: ended } = await two.ask(stopBlackout, { input: { agent } });
  assert.equal(ended.__typename, 'BlackoutSuccess', JSON.stringify(ended));
  await blackouts.until('the blackout is over', ({ blackout }) => blackout.state === 'ENDED');

  assert.equal(simulator.calls('login'), staff.length, 'nobody was signed in a second time');
  assert.equal(simulator.sessions.overlappingPolls(), 0);
  assert.deepEqual(
    [simulator.calls('stopRecord'), simulator.calls('beginRecord')].map((count) => count > 0),
    [true, true],
  );
  await assertNothingLost(cluster.database, 'blackout', blackouts);
});
