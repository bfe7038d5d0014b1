/** Tests the metrics of a blackout in trouble, and of one that is out of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/lib/clock.ts';
import { startHuaweiSimulator } from '../../src/simulators/huawei/index.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { startDemo } from '../support/demo.ts';
import { connectSocket } from '../support/socket-client.ts';
import { startPair, startServer } from '../support/tapegraph.ts';

/** Values by name and labels, as `name{a="b"}`. */
const figuresOf = async (url: string): Promise<ReadonlyMap<string, number>> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  return new Map([...text.matchAll(/^([a-z_0-9]+(?:\{.*\})?) (\S+)$/gm)].map(([, name, value]) => [name!, Number(value)]));
};

/** Waits until the figures are these; one that stands nowhere is 0. */
const become = async (url: string, wanted: Readonly<Record<string, number>>): Promise<void> => {
  const startedAt = performance.now();
  for (;;) {
    const figures = await figuresOf(url);
    const shown = Object.fromEntries(Object.keys(wanted).map((name) => [name, figures.get(name) ?? 0]));
    if (JSON.stringify(shown) === JSON.stringify(wanted)) return;
    if (performance.now() - startedAt > 20_000) return assert.deepEqual(shown, wanted);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const start = (source: string, value: string, maxDuration: string) => `mutation {
  startBlackout(input: { agent: { key: { source: "${source}", identifier: ID, value: "${value}" } }, maxDuration: "${maxDuration}" }) {
    __typename ... on Problem { message } } }`;

test('a blackout whose stop is refused is counted as failing and over its deadline, until it ends', async (t) => {
  const { url, ask, simulator } = await startPair(t, { agents: 2 });
  const mend = simulator.inject({ route: 'POST /api/Blackout/StopForAgent', fault: { kind: 'status', status: 500 } });
  await ask(start('hq', '1', 'PT1S'));
  await become(url, {
    'tapegraph_blackouts_open{source="hq",state="STOPPING",confirmation="ACCEPTED"}': 1,
    'tapegraph_blackouts_over_deadline{source="hq"}': 1,
    'tapegraph_blackouts_stop_failing{source="hq"}': 1,
    'tapegraph_blackouts_unconfirmed{source="hq"}': 0,
    'tapegraph_blackout_warnings_total{source="hq",warning="DEADLINE_NEAR"}': 1,
    'tapegraph_blackout_warnings_total{source="hq",warning="STOP_FAILING"}': 1,
  });
  mend();
  await become(url, {
    'tapegraph_blackouts_open{source="hq",state="STOPPING",confirmation="ACCEPTED"}': 0,
    'tapegraph_blackouts_over_deadline{source="hq"}': 0,
    'tapegraph_blackouts_stop_failing{source="hq"}': 0,
  });
});

test('a blackout that is confirmed late is counted as unconfirmed until then, and by how long it took', async (t) => {
  // Deferred work of the gateway runs when the test moves this clock.
  const clock = createManualClock();
  const simulator = await startHuaweiSimulator({ clock: { ...clock, now: systemClock.now } });
  t.after(simulator.close);
  simulator.contactCenter.addAgent({ workNo: '291', password: 'secret-291' });
  const signIn = { status: 'READY', queues: 'all', autoAnswer: true };
  const block = { name: 'mumbai', vendor: 'huawei', baseUrl: simulator.url, confirmSeconds: 0.5, signIn };
  const { url, ask } = await startServer(t, [{ ...block, agents: [{ id: '291', password: 'secret-291', phone: '40038' }] }]);
  const recorded = async () =>
    (await ask('{ recordings(filter: { states: [RECORDING] }) { totalCount } }')).data.recordings.totalCount === 1;
  while (!simulator.sessions.has('291')) await new Promise((resolve) => setTimeout(resolve, 20));
  simulator.contactCenter.talk('291', simulator.contactCenter.ring('291').callId);
  while (!(await recorded())) await new Promise((resolve) => setTimeout(resolve, 20));
  simulator.switches.recordDelayMs = 2000;
  const startedAt = performance.now();
  await ask(start('mumbai', '291', 'PT1M'));
  // The stop is sent again when it is late: an answer that nothing is recorded would confirm it at once.
  simulator.failNext('stopRecord', { status: 500, body: '' }, { times: 1000 });
  await become(url, {
    'tapegraph_blackouts_unconfirmed{source="mumbai"}': 1,
    'tapegraph_blackout_warnings_total{source="mumbai",warning="UNCONFIRMED"}': 1,
    'tapegraph_blackout_confirm_seconds_count{source="mumbai"}': 0,
  });
  await clock.advance(2000);
  await become(url, {
    'tapegraph_blackouts_open{source="mumbai",state="ACTIVE",confirmation="CONFIRMED"}': 1,
    'tapegraph_blackouts_unconfirmed{source="mumbai"}': 0,
    'tapegraph_blackout_confirm_seconds_count{source="mumbai"}': 1,
    'tapegraph_blackout_confirm_seconds_bucket{le="0.1",source="mumbai"}': 0,
  });
  const seconds = (await figuresOf(url)).get('tapegraph_blackout_confirm_seconds_sum{source="mumbai"}')!;
  assert.ok(seconds >= 0.2 && seconds <= (performance.now() - startedAt) / 1000, `${seconds} s`);
});

test('calls, pushes, events, sockets and batches are counted as they come', async (t) => {
  const demo = await startDemo();
  t.after(demo.close);
  const client = await connectSocket(`${demo.url}/graphql`);
  await client.init();
  const moving = [
    /^tapegraph_vendor_call_seconds_count\{source="hq",operation="GetAll",outcome="OK"\}/,
    /^tapegraph_push_seconds_count\{source="desk",status="200"\}/,
    /^tapegraph_push_lag_seconds_count\{source="desk"\}/,
    /^tapegraph_event_lag_seconds_count$/,
    /^tapegraph_connections\{kind="sockets"\}/,
    /^tapegraph_loader_batch_size_count\{loader="/,
  ];
  const startedAt = performance.now();
  for (let still = moving, round = 0; still.length > 0; round += 1) {
    client.subscribe(`q${round}`, '{ recordings(first: 10) { nodes { agent { id } call { id } } } }');
    const shown = [...(await figuresOf(demo.url))].filter(([, value]) => value > 0).map(([name]) => name);
    still = still.filter((pattern) => !shown.some((name) => pattern.test(name)));
    assert.ok(performance.now() - startedAt < 60_000, `these stay 0: ${still.join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  client.close();
});
