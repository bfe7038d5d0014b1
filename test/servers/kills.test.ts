import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNothingLost, subscribe } from './clients.ts';
import { createCluster, eventually, type ServerProcess } from './cluster.ts';
import { agentRef, blackoutFields, startBlackout, startRecorder } from './recorder.ts';

/** The time that the documentation promises, and an allowance for a busy machine. */
const takeoverMs = 6000 + 1500;

test('three servers, killed one after the other: one observes, the blackout ends, and nobody misses an event', async (context) => {
  const cluster = await createCluster(context);
  const recorder = await startRecorder(context);
  const { contactCenter, agent } = recorder.simulator;
  const servers: ServerProcess[] = await Promise.all(
    ['one', 'two', 'three'].map((name) => cluster.start(name, { sources: [recorder.blockFor(name)] })),
  );
  const observerName = () => recorder.askers('/api/Agent/GetAll').at(-1);
  const serverOf = (name: string | undefined) => servers.find((server) => server.name === name)!;
  await eventually('somebody observes', observerName);
  const first = serverOf(observerName());
  // The first of these is the one that is killed: the clients are there when it dies, and have to go elsewhere.
  const urls = [first, ...servers.filter((server) => server !== first)].map(({ url }) => url);
  const calls = await subscribe(context, urls, 'callChanged', 'call { externalId state }');
  const blackouts = await subscribe(context, urls, 'blackoutChanged', blackoutFields);
  const hasEnded = (id: string) =>
    calls.until(`call ${id} is reported to have ended`, ({ call }) => call.externalId === id && call.state === 'ENDED');

  const before = contactCenter.takeCall(agent(1));
  await calls.until('the call is reported', ({ call }) => call.externalId === before.CallInstance);

  let killedMs = performance.now();
  await first.kill('SIGKILL');
  contactCenter.hangUp(agent(1));
  const meanwhile = contactCenter.takeCall(agent(2));
  await eventually('another observes', () => observerName() !== first.name);
  const tookMs = performance.now() - killedMs;
  context.diagnostic(`note: kill -9 of the observer: another one polls after ${tookMs.toFixed(0)} ms`);
  assert.ok(tookMs < takeoverMs, `${tookMs} ms`);
  await hasEnded(before.CallInstance);
  await calls.until('the call that began meanwhile is reported', ({ call }) => call.externalId === meanwhile.CallInstance);
  assert.equal(recorder.observers().length, 2, `${recorder.observers()}`);

  const second = serverOf(observerName());
  const third = servers.find((server) => server !== first && server !== second)!;
  // A machine that stands still for longer than its lease does not know it when it goes on.
  second.process.kill('SIGSTOP');
  await eventually('the third observes', () => observerName() === third.name);
  second.process.kill('SIGCONT');
  const woken = recorder.askers('/api/Agent/GetAll').length;
  await second.ask('{ sources { name } }');
  const polled = () => recorder.askers('/api/Agent/GetAll').slice(woken);
  await eventually('the third goes on', () => polled().filter((name) => name === third.name).length >= 4);
  assert.ok(polled().filter((name) => name === second.name).length <= 1, 'at most the poll on its way came late');

  // The server whose stop hangs is killed while the deadline is its own to keep.
  const { startBlackout: begun } = await second.ask(startBlackout, { input: { agent: agentRef(3), maxDuration: 'PT2S' } });
  assert.equal(begun.__typename, 'BlackoutSuccess', JSON.stringify(begun));
  const release = recorder.simulator.inject({ route: 'POST /api/Blackout/StopForAgent', fault: { kind: 'stall' }, times: 1 });
  context.after(release);
  await eventually('the deadline has come', () => recorder.commands('StopForAgent') === 1);
  const acting = serverOf(recorder.askers('/api/Blackout/StopForAgent').at(-1));
  killedMs = performance.now();
  await acting.kill('SIGKILL');
  const ended = await blackouts.until(
    'the blackout ends',
    ({ blackout }) => blackout.id === begun.blackout.id && blackout.state === 'ENDED',
  );
  context.diagnostic(
    `note: kill -9 of the server in the middle of the stop at the deadline: another one's lands after ${(ended.receivedAtMs - killedMs).toFixed(0)} ms`,
  );
  assert.equal(ended.blackout.endedBy, 'DEADLINE');
  assert.equal(recorder.simulator.isMasked(3), false);
  assert.deepEqual([recorder.commands('StartForAgent'), recorder.commands('StopForAgent')], [1, 2], 'the one that hung, and one more');
  const survivor = acting === second ? third : second;
  assert.equal(recorder.askers('/api/Blackout/StopForAgent').at(-1), survivor.name);

  contactCenter.hangUp(agent(2));
  await hasEnded(meanwhile.CallInstance);
  const reported =
    (await assertNothingLost(cluster.database, 'call', calls)) + (await assertNothingLost(cluster.database, 'blackout', blackouts));
  context.diagnostic(
    `note: ${reported} events, each delivered once to clients that connected ${calls.connections()} and ${blackouts.connections()} times`,
  );
});

test('the server that began a blackout is killed: it ends at its deadline all the same, by one command', async (context) => {
  const cluster = await createCluster(context);
  const recorder = await startRecorder(context);
  const start = (name: string) => cluster.start(name, { sources: [recorder.blockFor(name)] });
  const [one, two] = await Promise.all([start('one'), start('two')]);
  const blackouts = await subscribe(context, [one.url, two.url], 'blackoutChanged', blackoutFields);
  const { startBlackout: begun } = await one.ask(startBlackout, { input: { agent: agentRef(1), maxDuration: 'PT3S' } });
  const startedMs = performance.now();
  await one.kill('SIGKILL');
  const three = await start('three');
  const ended = await blackouts.until(
    'the blackout ends',
    ({ blackout }) => blackout.id === begun.blackout.id && blackout.state === 'ENDED',
  );
  context.diagnostic(`note: a deadline of 3000 ms, its server killed: ended after ${(ended.receivedAtMs - startedMs).toFixed(0)} ms`);
  assert.ok(ended.receivedAtMs - startedMs < 4500);
  await eventually('the third has taken it in', async () => {
    const { agent } = await three.ask('query ($ref: AgentRef!) { agent(ref: $ref) { blackout { id } } }', { ref: agentRef(1) });
    return agent.blackout === null;
  });
  assert.deepEqual([recorder.commands('StartForAgent'), recorder.commands('StopForAgent')], [1, 1]);
  await assertNothingLost(cluster.database, 'blackout', blackouts);
});
