/** Tests that dead and slow vendors cost the others, and the start of the server, nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFaultServer } from '../../src/vendors/kit/testing/fault-server.ts';
import { until } from '../support/socket-client.ts';
import { blockOf, startRecorder, startServer } from '../support/tapegraph.ts';
import { startBehindFaults, vendorTypes } from './vendors-under-test.ts';

const agents =
  'query ($source: String!) { agents(first: 10, filter: { sources: [$source] }) { nodes { id } sourceErrors { source { name } problem { code retryable correlationId } } } }';
const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

for (const fault of ['stall', 'refused', 'trickle of a body'] as const) {
  test(`a vendor that answers with ${fault} costs the healthy one beside it nothing`, async (t) => {
    const healthy = await startRecorder(t, { agents: 10 });
    const sick = await startRecorder(t, { agents: 10 });
    const transport = await startFaultServer(sick.url);
    t.after(transport.close);
    const server = await startServer(t, [
      blockOf(healthy, { name: 'well' }),
      blockOf({ url: transport.url }, { name: 'sick', timeoutSeconds: 1, circuit: { failures: 1000 } }),
    ]);
    const asking = async (): Promise<number> => {
      const startedAt = performance.now();
      const { data } = await server.ask(agents, { source: 'well' });
      assert.equal(data.agents.nodes.length, 10);
      assert.deepEqual(data.agents.sourceErrors, []);
      return performance.now() - startedAt;
    };
    const measure = async () => {
      const times: number[] = [];
      for (let round = 0; round < 60; round += 1) times.push(await asking());
      return median(times);
    };
    await measure();
    const before = await measure();
    await transport.set(fault);
    let running = true;
    const bother = async () => {
      while (running) await server.ask(agents, { source: 'sick' });
    };
    const bothering = Promise.all(Array.from({ length: fault === 'refused' ? 1 : 8 }, bother));
    const beside = await measure();
    running = false;
    await bothering;
    t.diagnostic(`median ${before.toFixed(1)} ms alone, ${beside.toFixed(1)} ms beside ${fault}`);
    assert.ok(beside < before * 3 + 20, `${before} ms became ${beside} ms`);

    const { data } = await server.ask('{ sources { name health { status circuit lastError } } }');
    const healthOf = (name: string) => data.sources.find((source: { name: string }) => source.name === name).health;
    assert.deepEqual(healthOf('well'), { status: 'UP', circuit: 'CLOSED', lastError: null });
    assert.notEqual(healthOf('sick').status, 'UP');
  });
}

const others = (type: string) => vendorTypes.filter((other) => other !== type);
for (const dead of [...vendorTypes.map((type) => [type]), ...vendorTypes.map(others)]) {
  const alive = vendorTypes.filter((type) => !dead.includes(type));
  test(`while ${dead.join(', ')} never answers, ${alive.join(', ')} is called, answers and is observed as ever`, async (t) => {
    const vendors = await Promise.all(vendorTypes.map(startBehindFaults));
    for (const { close } of vendors) t.after(close);
    // Requests to the dead wait for longer than the test may take.
    const patient = { timeoutSeconds: 3600, maxStalenessSeconds: 0, circuit: { failures: 1000 } };
    const server = await startServer(
      t,
      vendors.map(({ block }) => ({ ...block, ...patient })),
    );
    const seen = async (source: string): Promise<readonly string[]> => {
      const { data } = await server.ask(
        'query ($source: String!) { agents(first: 10, filter: { sources: [$source] }) { nodes { externalId } sourceErrors { source { name } } } recordings(first: 10, filter: { sources: [$source] }) { sourceErrors { source { name } } } }',
        { source },
      );
      assert.deepEqual([...data.agents.sourceErrors, ...data.recordings.sourceErrors], []);
      return data.agents.nodes.map(({ externalId }: { externalId: string }) => externalId);
    };
    const contactWith = async (source: string): Promise<string> => {
      const { data } = await server.ask('query ($source: String!) { source(name: $source) { health { lastContactAt } } }', { source });
      return data.source.health.lastContactAt;
    };
    const expectAll = async (types: readonly string[]) => {
      for (const { block, agent } of vendors) if (types.includes(block.name)) assert.deepEqual(await seen(block.name), [agent]);
    };
    await expectAll(vendorTypes);

    const transports = vendors.flatMap(({ block, transport }) => (dead.includes(block.name) ? [transport] : []));
    for (const transport of transports) await transport.set('stall');
    for (const source of dead) for (let caller = 0; caller < 20; caller += 1) void seen(source).catch(() => undefined);
    await until(() => transports.every((transport) => transport.met() > 0), 'every dead vendor has a request');
    const contacts = await Promise.all(alive.map(contactWith));
    await expectAll(alive);
    for (const [place, source] of alive.entries()) while ((await contactWith(source)) === contacts[place]);
  });
}

test('one source’s open circuit shows in its health, in sourceErrors and in the metrics, and is no other’s', async (t) => {
  const well = await startRecorder(t, { agents: 2 });
  const sick = await startRecorder(t, { agents: 2 });
  const transport = await startFaultServer(sick.url);
  t.after(transport.close);
  const server = await startServer(t, [
    blockOf(well, { name: 'well' }),
    blockOf({ url: transport.url }, { name: 'sick', circuit: { failures: 2, resetSeconds: 0.2 } }),
  ]);
  await transport.set('status 500');
  for (let round = 0; round < 4; round += 1) await server.ask(agents, { source: 'sick' });
  const { data } = await server.ask(
    '{ agents(first: 10) { nodes { id } sourceErrors { source { name } problem { code retryable } } } sources { name health { status circuit } } }',
  );
  assert.deepEqual(data.agents.sourceErrors, [{ source: { name: 'sick' }, problem: { code: 'VENDOR_UNAVAILABLE', retryable: true } }]);
  assert.equal(data.agents.nodes.length >= 2, true);
  assert.deepEqual(
    data.sources.map(({ name, health }: { name: string; health: object }) => ({ name, ...health })),
    [
      { name: 'well', status: 'UP', circuit: 'CLOSED' },
      { name: 'sick', status: 'DOWN', circuit: 'OPEN' },
    ],
  );
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(metrics, /tapegraph_source_circuit\{source="sick"\} 2/);
  assert.match(metrics, /tapegraph_source_circuit\{source="well"\} 0/);
  assert.match(metrics, /tapegraph_vendor_call_seconds_count\{source="sick",operation="GetAll",outcome="VENDOR_UNAVAILABLE"\} \d/);
  await transport.set(null);
  const startedAt = performance.now();
  for (;;) {
    const answer = await server.ask(agents, { source: 'sick' });
    if (answer.data.agents.sourceErrors.length === 0) break;
    assert.ok(performance.now() - startedAt < 5000, 'it is found again without help');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

for (const fault of ['stall', 'refused'] as const) {
  test(`the server is ready while all vendors are dead (${fault}), and has them when they come back`, async (t) => {
    const recorders = await Promise.all([1, 2, 3].map(() => startRecorder(t, { agents: 2 })));
    const transports = await Promise.all(recorders.map(({ url }) => startFaultServer(url)));
    for (const transport of transports) t.after(transport.close);
    for (const transport of transports) await transport.set(fault);
    const startedAt = performance.now();
    const server = await startServer(
      t,
      transports.map(({ url }, index) =>
        blockOf({ url }, { name: `dead-${index}`, pollSeconds: 0.2, circuit: { failures: 3, resetSeconds: 0.2 }, timeoutSeconds: 5 }),
      ),
    );
    const response = await fetch(`${server.url}/health/ready`);
    const took = performance.now() - startedAt;
    assert.deepEqual([response.status, await response.json()], [200, { status: 'ok', checks: { store: 'ok', bus: 'ok', leases: 'ok' } }]);
    assert.ok(took < 2500, `ready after ${Math.round(took)} ms`);
    assert.equal((await fetch(`${server.url}/health/live`)).status, 200);
    for (const transport of transports) await transport.set(null);
    const since = performance.now();
    while ((await server.ask('{ agents(first: 10) { nodes { id } } }')).data.agents.nodes.length < 6) {
      assert.ok(performance.now() - since < 20_000, 'the vendors are found');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
}
