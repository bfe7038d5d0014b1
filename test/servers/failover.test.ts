import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNothingLost, subscribe } from './clients.ts';
import { createCluster, eventually, type ServerProcess } from './cluster.ts';
import { hasPostgres, preparePostgres, preparePostgresStandby, queryAt } from './private-services.ts';
import { agentRef, blackoutFields, startBlackout, startRecorder, stopBlackout } from './recorder.ts';
import { openTcpProxy } from './tcp-proxy.ts';

const isReady = async ({ url }: ServerProcess): Promise<boolean> => (await fetch(`${url}/health/ready`)).ok;

test('PostgreSQL fails over to a standby: nothing is commanded until it takes writes, and then all goes on', {
  skip: hasPostgres ? false : 'no programs of PostgreSQL are installed',
}, async (context) => {
  const [cluster, recorder, own] = await Promise.all([createCluster(context), startRecorder(context), preparePostgres(context)]);
  const primary = own!;
  await primary.start();
  const standby = await preparePostgresStandby(context, primary);
  await standby.start();
  // Each acknowledged commit is at the standby too.
  const atPrimary = queryAt(primary.url);
  await atPrimary("alter system set synchronous_standby_names = '*'");
  await atPrimary('select pg_reload_conf()');
  await eventually('the standby follows', async () => {
    const { rows } = await atPrimary("select 1 from pg_stat_replication where sync_state = 'sync'");
    return rows.length === 1;
  });
  const proxy = await openTcpProxy(context, primary.url, 5432);
  const start = (name: string) => cluster.start(name, { sources: [recorder.blockFor(name)], storeUrl: proxy.url });
  const [one, two] = await Promise.all([start('one'), start('two')]);
  const subscribers = await Promise.all([one, two].map(({ url }) => subscribe(context, [url], 'blackoutChanged', blackoutFields)));
  const begin = async (server: ServerProcess, id: number) => {
    const { startBlackout: begun } = await server.ask(startBlackout, { input: { agent: agentRef(id) } });
    assert.equal(begun.__typename, 'BlackoutSuccess', JSON.stringify(begun));
  };
  await begin(one, 1);

  proxy.leadTo(standby.url);
  await primary.kill();
  await eventually('the servers know', async () => !(await isReady(one)) && !(await isReady(two)));
  const response = await fetch(`${one.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: startBlackout, variables: { input: { agent: agentRef(2) } } }),
  });
  const { data, errors } = (await response.json()) as { data?: { startBlackout?: { __typename: string } }; errors?: object[] };
  assert.ok(errors?.length || data?.startBlackout?.__typename === 'Problem', 'what cannot be written down is not done');
  assert.equal(recorder.commands('StartForAgent'), 1);

  await queryAt(standby.url)('select pg_promote()');
  const promotedMs = performance.now();
  await eventually('both are ready again', async () => (await isReady(one)) && (await isReady(two)));
  const readyMs = performance.now() - promotedMs;
  await begin(two, 2);
  const { stopBlackout: ended } = await two.ask(stopBlackout, { input: { agent: agentRef(1) } });
  assert.equal(ended.__typename, 'BlackoutSuccess', JSON.stringify(ended));
  for (const subscriber of subscribers) {
    await subscriber.until('the last', ({ blackout }) => blackout.agent.externalId === '1' && blackout.state === 'ENDED');
    await assertNothingLost({ query: queryAt(standby.url) }, 'blackout', subscriber);
  }
  assert.deepEqual([recorder.commands('StartForAgent'), recorder.commands('StopForAgent')], [2, 1]);
  context.diagnostic(`note: ready ${readyMs.toFixed(0)} ms after the standby was promoted`);
});
