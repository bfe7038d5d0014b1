/** Tests the requests to each version of the REST API, and the filters by queue that its answers serve. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../src/lib/clock.ts';
import { startMiralixSimulator } from '../../../src/simulators/miralix/index.ts';
import { versions } from '../../../src/vendors/miralix/settings.ts';
import { startServer } from '../../support/tapegraph.ts';
import { never, simulatedAgent, startMiralix } from './fixture.ts';

const times = { ConversationStartedUtc: '2025-12-01T08:00:00.0000000Z', ConversationEndedUtc: '2025-12-01T08:10:00.0000000Z' };
const item = (id: number, queue = 301) => ({
  QueueId: String(queue),
  QueueName: queue === 301 ? 'Support' : 'Sales',
  QueueCallId: id,
  QueueCallType: 'QueueCall',
  Culture: 'da-DK',
  ...times,
  AgentName: 'Agent 1',
  AgentId: '1',
  RecordingFileName: `${id}.mp3`,
  Caller: '+4583123456',
});

/** [takes a cursor, tells the queue, says 403 without a licence, lists direct calls] */
const abilities: Readonly<Record<(typeof versions)[number], readonly [boolean, boolean, boolean, boolean]>> = {
  '6.1': [false, false, false, false],
  '6.5': [false, false, false, false],
  '7.0': [true, true, false, false],
  '7.1': [true, true, true, false],
  '7.2': [true, true, true, true],
  '7.3': [true, true, true, true],
  '8.0': [true, true, true, true],
};

for (const version of versions) {
  const [cursor, queue, licences, direct] = abilities[version];
  test(`${version}: agents, calls and recordings, requested as this version takes it`, async (t) => {
    const { simulator, contactCenter, source } = await startMiralix(t, {
      simulator: { switches: { version } },
      settings: { trailingWindow: { calls: 0, hours: 0 } },
    });
    contactCenter.publish(item(5), null);
    assert.equal((await source.agents!.list(never)).length, 1);
    const list = () => source.recordings!.list({ agents: ['1'] }, never);
    const shown = await list();
    assert.deepEqual(
      shown.flatMap((one) => (one.type === 'call' ? [one.call.queue] : [])),
      [queue ? 'Support' : undefined],
    );
    simulator.requests.length = 0;
    await list();
    assert.ok(simulator.requests.includes(`GET /agents/id/1/recordings${cursor ? '?fromQueueCallId=5' : ''}`), simulator.requests.join());
    assert.equal(
      simulator.requests.some((request) => request.startsWith('GET /users/')),
      direct,
    );
    simulator.switches.licensed = false;
    if (licences) await assert.rejects(list(), { code: 'VENDOR_REJECTED', vendorCode: '403', message: /licence/ });
    else await list();
  });
}

test('calls and recordings are found by their queue, and by no other', async (t) => {
  const simulator = await startMiralixSimulator({ clock: systemClock });
  t.after(simulator.close);
  simulator.contactCenter.queues.set(301, 'Support').set(302, 'Sales');
  simulator.contactCenter.addAgent(simulatedAgent(1));
  for (const [id, queue] of [
    [5, 301],
    [6, 302],
    [7, 301],
  ] as const) {
    simulator.contactCenter.publish(item(id, queue), null);
  }
  const { account, sharedSecret, url } = simulator;
  const server = await startServer(t, [
    { name: 'greenbox', vendor: 'miralix', baseUrl: url, account, sharedSecret, version: '7.2', pollSeconds: 0.2 },
  ]);
  const found = async (queue: string) => {
    const { data } = await server.ask(
      `query ($queue: String!) {
        calls(first: 10, filter: { queue: $queue }) { nodes { externalId } }
        recordings(first: 10, filter: { queue: $queue }) { nodes { externalId } }
      }`,
      { queue },
    );
    const ids = ({ nodes }: { nodes: { externalId: string }[] }) => nodes.map(({ externalId }) => externalId).sort();
    return [ids(data.calls), ids(data.recordings)];
  };
  while ((await found('Sales'))[1]!.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(await found('Support'), [
    ['5', '7'],
    ['5/5.mp3', '7/7.mp3'],
  ]);
  assert.deepEqual(await found('Sales'), [['6'], ['6/6.mp3']]);
  assert.deepEqual(await found('support'), [[], []], 'a queue is named exactly');
});
