/** Tests that a server that gets a signal to stop answers open requests, sends its streams away so that they can resume, and hands over. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { connectSocket } from '../support/socket-client.ts';
import { createCluster, eventually } from './cluster.ts';
import { agentRef, blackoutFields, startBlackout, startRecorder } from './recorder.ts';

const stream = `subscription { blackoutChanged { id snapshot ${blackoutFields} } }`;
const variablesFor = (id: number, key: string) => ({ input: { agent: agentRef(id), maxDuration: 'PT1M', idempotencyKey: key } });

const restarting = { code: 1012, reason: 'Server restarting; resume with after' };

test('SIGTERM while slow commands run and subscribers listen', async (context) => {
  const cluster = await createCluster(context);
  const recorder = await startRecorder(context, 4);
  const one = await cluster.start('one', { sources: [recorder.blockFor('one')] });
  await eventually('one observes', () => recorder.askers('/api/Agent/GetAll').at(-1) === 'one');
  const two = await cluster.start('two', { sources: [recorder.blockFor('two')] });

  const listener = await connectSocket(`${one.url}/graphql`);
  await listener.init();
  listener.subscribe('live', stream);
  const commander = await connectSocket(`${one.url}/graphql`);
  await commander.init();
  const events = await fetch(`${one.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: stream }),
  });
  // Its reader never answers the close frame.
  const deaf = new WebSocket(`${one.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  deaf.on('error', () => undefined);
  await new Promise((resolve) => deaf.once('open', resolve));
  deaf.pause();

  const slow = { route: 'POST /api/Blackout/StartForAgent', fault: { kind: 'delay', ms: 2500 } } as const;
  context.after(recorder.simulator.inject(slow));
  const overHttp = one.ask(startBlackout, variablesFor(1, 'http'));
  commander.subscribe('socket', startBlackout, variablesFor(2, 'socket'));
  const leaving = new AbortController();
  const abandoned = fetch(`${one.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: startBlackout, variables: variablesFor(3, 'abandoned') }),
    signal: leaving.signal,
  }).catch(() => null);
  await eventually('the vendor has the requests', () => recorder.commands('StartForAgent') === 3);
  leaving.abort();
  await abandoned;

  const signalledMs = performance.now();
  const gone = one.kill('SIGTERM');
  const text = await events.text();
  assert.doesNotMatch(text, /event: complete/, 'a client whose stream is complete does not come back');
  assert.deepEqual(await listener.closed, restarting);
  assert.ok(performance.now() - signalledMs < 2000, 'who only listens goes at once');
  await assert.rejects(fetch(`${one.url}/health/live`), 'new connections are refused');

  const answered = await overHttp;
  assert.equal(answered.startBlackout.__typename, 'BlackoutSuccess', JSON.stringify(answered));
  const answer = await commander.next();
  assert.equal(answer.type, 'next');
  assert.match(JSON.stringify(answer.payload), /BlackoutSuccess/);
  assert.deepEqual(await commander.next(), { id: 'socket', type: 'complete' });
  assert.deepEqual(await commander.closed, restarting);

  await gone;
  const tookMs = performance.now() - signalledMs;
  context.diagnostic(`note: SIGTERM with three commands of 2.5 s under way and a reader that is deaf: gone after ${tookMs.toFixed(0)} ms`);
  assert.equal(one.process.exitCode, 0, one.log());
  assert.ok(tookMs < 7000, `${tookMs} ms`);
  assert.doesNotMatch(one.log(), /"level":"error"/);

  const { rows } = await cluster.database.query("select status from commands where operation = 'START_BLACKOUT'");
  assert.deepEqual(
    rows.map(({ status }: { status: string }) => status),
    ['ACCEPTED', 'ACCEPTED', 'ACCEPTED'],
  );
  const { rows: leases } = await cluster.database.query("select holder from leases where holder like 'one%'");
  assert.deepEqual(leases, [], 'no lease is left to run out');
  await eventually('the other observes', () => recorder.askers('/api/Agent/GetAll').at(-1) === 'two', 3000);

  const { startBlackout: again } = await two.ask(startBlackout, variablesFor(3, 'abandoned'));
  assert.equal(again.replayed, true, 'whoever lost the answer gets it from the other server');
  assert.equal(recorder.commands('StartForAgent'), 3);
});

test('SIGTERM while the vendor never answers: the server goes in time, and the next one clears up behind it', async (context) => {
  const cluster = await createCluster(context);
  const recorder = await startRecorder(context, 2);
  const one = await cluster.start('one', { sources: [recorder.blockFor('one', { timeoutSeconds: 60 })] });
  await eventually('one observes', () => recorder.askers('/api/Agent/GetAll').at(-1) === 'one');
  context.after(recorder.simulator.inject({ route: 'POST /api/Blackout/StartForAgent', fault: { kind: 'stall' } }));
  const lost = one.ask(startBlackout, variablesFor(1, 'lost')).catch(() => null);
  await eventually('the vendor has the requests', () => recorder.commands('StartForAgent') === 1);

  const signalledMs = performance.now();
  await one.kill('SIGTERM');
  const tookMs = performance.now() - signalledMs;
  context.diagnostic(`note: SIGTERM with a command that is never answered: gone after ${tookMs.toFixed(0)} ms`);
  assert.equal(await lost, null);
  assert.equal(one.process.exitCode, 0, one.log());
  assert.ok(tookMs < 10_000, `${tookMs} ms`);
  const { rows: leases } = await cluster.database.query("select name from leases where name like 'observe:%'");
  assert.deepEqual(leases, []);
  await cluster.start('two', { sources: [recorder.blockFor('two')] });
  await eventually('the next server stops what may have begun', () => recorder.commands('StopForAgent') === 1);
  await eventually('the ledger is closed', async () => {
    const { rows } = await cluster.database.query('select operation, status from commands order by sort_ms');
    return JSON.stringify(rows) === '[{"operation":"START_BLACKOUT","status":"FAILED"},{"operation":"STOP_BLACKOUT","status":"ACCEPTED"}]';
  });
});
