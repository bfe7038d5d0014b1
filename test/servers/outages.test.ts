import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rabbitUrl } from '../support/services.ts';
import { assertNothingLost, type Subscriber, subscribe } from './clients.ts';
import { createCluster, eventually, type ServerProcess } from './cluster.ts';
import { type PrivateService, preparePostgres, prepareRabbit, queryAt } from './private-services.ts';
import { agentRef, blackoutFields, type Recorder, startBlackout, startRecorder, stopBlackout } from './recorder.ts';
import { openTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** The log is read each second where the bus brings nothing; the rest is what a busy machine may add. */
const withoutBusMs = 1000 + 1500;

/** Where a service cannot be killed, the proxy before it is cut. */
const standIn = (proxy: TcpProxy): PrivateService => ({ url: proxy.url, kill: async () => proxy.cut(), start: async () => proxy.mend() });

const isReady = async (server: ServerProcess): Promise<boolean> => (await fetch(`${server.url}/health/ready`)).ok;

/** Starts a blackout, and returns after how many milliseconds every subscriber has received it. */
const blackOut = async (server: ServerProcess, id: number, subscribers: readonly Subscriber[]): Promise<number> => {
  const sentMs = performance.now();
  const { startBlackout: begun } = await server.ask(startBlackout, { input: { agent: agentRef(id) } });
  assert.equal(begun.__typename, 'BlackoutSuccess', JSON.stringify(begun));
  const seen = await Promise.all(
    subscribers.map((subscriber) =>
      subscriber.until('the blackout is active', ({ blackout }) => blackout.id === begun.blackout.id && blackout.state === 'ACTIVE'),
    ),
  );
  return Math.max(...seen.map(({ receivedAtMs }) => receivedAtMs)) - sentMs;
};

const show = async (server: ServerProcess, id: number): Promise<void> => {
  const { stopBlackout: ended } = await server.ask(stopBlackout, { input: { agent: agentRef(id) } });
  assert.equal(ended.__typename, 'BlackoutSuccess', JSON.stringify(ended));
};

const assertOneCommandEach = (recorder: Recorder, starts: number, stops: number): void =>
  assert.deepEqual([recorder.commands('StartForAgent'), recorder.commands('StopForAgent')], [starts, stops]);

test('a server cut off from the broker still sends and receives events, and is in step again when the link is back', async (context) => {
  const cluster = await createCluster(context);
  const recorder = await startRecorder(context);
  const proxy = await openTcpProxy(context, cluster.busUrl, 5672);
  const [one, two] = await Promise.all([
    cluster.start('one', { sources: [recorder.blockFor('one')], busUrl: proxy.url }),
    cluster.start('two', { sources: [recorder.blockFor('two')] }),
  ]);
  const subscribers = await Promise.all([one, two].map(({ url }) => subscribe(context, [url], 'blackoutChanged', blackoutFields)));
  const together = await blackOut(one, 1, subscribers);
  proxy.stall();
  const there = await blackOut(one, 2, subscribers);
  const here = await blackOut(two, 3, subscribers);
  proxy.cut();
  await show(two, 1);
  proxy.mend();
  const mendedMs = performance.now();
  await eventually('the server is ready again', () => isReady(one));
  const readyMs = performance.now() - mendedMs;
  await show(one, 2);
  const after = await blackOut(two, 1, subscribers);
  for (const subscriber of subscribers) {
    await subscriber.until('the last', ({ blackout }) => blackout.agent.externalId === '2' && blackout.state === 'ENDED');
  }
  const reported = await Promise.all(subscribers.map((subscriber) => assertNothingLost(cluster.database, 'blackout', subscriber)));
  assert.equal(reported[0], reported[1]);
  assertOneCommandEach(recorder, 4, 2);
  assert.equal(recorder.observers().length, 1, `${recorder.observers()}`);
  context.diagnostic(
    `note: from a request to every subscriber: ${together.toFixed(0)} ms with the broker; without it ${there.toFixed(0)} ms from and ${here.toFixed(0)} ms to the server cut off; connected again ${readyMs.toFixed(0)} ms after the link, then ${after.toFixed(0)} ms`,
  );
  assert.ok(there < withoutBusMs && here < withoutBusMs, `${there} and ${here} ms`);
});

test('the broker is killed and comes back', async (context) => {
  const [cluster, recorder, broker] = await Promise.all([createCluster(context), startRecorder(context), prepareRabbit(context)]);
  const service = broker ?? standIn(await openTcpProxy(context, await rabbitUrl(), 5672));
  await service.start();
  const start = (name: string) => cluster.start(name, { sources: [recorder.blockFor(name)], busUrl: service.url });
  const [one, two] = await Promise.all([start('one'), start('two')]);
  const subscribers = await Promise.all([one, two].map(({ url }) => subscribe(context, [url], 'blackoutChanged', blackoutFields)));
  await blackOut(one, 1, subscribers);
  await service.kill();
  await eventually('the servers know', async () => !(await isReady(one)) && !(await isReady(two)));
  const slowest = Math.max(await blackOut(one, 2, subscribers), await blackOut(two, 3, subscribers));
  await service.start();
  const backMs = performance.now();
  await eventually('both are ready again', async () => (await isReady(one)) && (await isReady(two)));
  const readyMs = performance.now() - backMs;
  await show(two, 1);
  const after = await blackOut(one, 1, subscribers);
  for (const subscriber of subscribers) await assertNothingLost(cluster.database, 'blackout', subscriber);
  assertOneCommandEach(recorder, 4, 1);
  assert.equal(recorder.observers().length, 1, `${recorder.observers()}`);
  context.diagnostic(
    `note: kill -9 of the broker${broker ? '' : ' (a cut link stands in: RabbitMQ is not installed here)'}: ${slowest.toFixed(0)} ms from a request to every subscriber without it; connected ${readyMs.toFixed(0)} ms after its return, then ${after.toFixed(0)} ms`,
  );
  assert.ok(slowest < withoutBusMs, `${slowest} ms`);
});

test('the database is killed and comes back', async (context) => {
  const [cluster, recorder, own] = await Promise.all([createCluster(context), startRecorder(context), preparePostgres(context)]);
  const service = own ?? standIn(await openTcpProxy(context, cluster.database.url, 5432));
  await service.start();
  const start = (name: string) =>
    cluster.start(name, { sources: [recorder.blockFor(name, { maxStalenessSeconds: 60 })], storeUrl: service.url });
  const [one, two] = await Promise.all([start('one'), start('two')]);
  const subscribers = await Promise.all([one, two].map(({ url }) => subscribe(context, [url], 'blackoutChanged', blackoutFields)));
  // From here on no read asks the vendor, so that only an observer does.
  for (const server of [one, two]) await recorder.informed(server);
  recorder.simulator.forgetRequests();
  await blackOut(one, 1, subscribers);
  const before = recorder.commands('StartForAgent');
  await service.kill();
  await eventually('the servers know', async () => !(await isReady(one)) && !(await isReady(two)));
  const earlier = recorder.observers();
  const refused = await fetch(`${one.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: startBlackout, variables: { input: { agent: agentRef(2) } } }),
  });
  const { data, errors } = (await refused.json()) as { data?: { startBlackout?: { __typename: string } }; errors?: object[] };
  assert.ok(errors?.length || data?.startBlackout?.__typename === 'Problem', 'what cannot be written down is not done');
  assert.equal(recorder.commands('StartForAgent'), before);
  // The refused request read the list for the agent whom it means, and sent nothing: that read is no poll.
  recorder.simulator.forgetRequests();
  recorder.simulator.contactCenter.takeCall(recorder.simulator.agent(3));

  await service.start();
  const backMs = performance.now();
  const calls = await subscribe(context, [two.url, one.url], 'callChanged', 'call { state agents { externalId } }');
  await calls.until('the call that began meanwhile', ({ call }) =>
    call.agents.some((agent: { externalId: string }) => agent.externalId === '3'),
  );
  const observedMs = performance.now() - backMs;
  await eventually('both are ready again', async () => (await isReady(one)) && (await isReady(two)));
  const slowest = Math.max(await blackOut(one, 2, subscribers), await blackOut(two, 3, subscribers));
  await show(two, 1);
  for (const subscriber of subscribers) {
    await subscriber.until('the last', ({ blackout }) => blackout.agent.externalId === '1' && blackout.state === 'ENDED');
    await assertNothingLost({ query: queryAt(service.url) }, 'blackout', subscriber);
  }
  assertOneCommandEach(recorder, 2, 1);
  const observers = [...earlier, ...recorder.observers()].filter((name, index, all) => name !== all[index - 1]);
  assert.ok(observers.length <= 2, `${observers}`);
  context.diagnostic(
    `note: kill -9 of the database${own ? '' : ' (a cut link stands in: PostgreSQL is not installed here)'}: a call that began meanwhile is reported ${observedMs.toFixed(0)} ms after its return; then ${slowest.toFixed(0)} ms from a request to every subscriber; observers in turn: ${observers.join(', ')}`,
  );
});
