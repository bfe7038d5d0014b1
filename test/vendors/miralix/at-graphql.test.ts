/** Answers that leave fields out, or fill them oddly, as clients see them at GraphQL: of a vendor made from its manual alone. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { startServer } from '../../support/tapegraph.ts';

type Answers = Record<string, unknown>;

/** A server in front of a vendor that answers by path below the account; what is not named is answered with 404. */
const startOffice = async (t: TestContext, answers: Answers) => {
  const vendor = createServer((request, response) => {
    const path = new URL(request.url!, 'http://vendor').pathname.replace('/mot/greenbox', '');
    const answer = answers[path];
    if (answer === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }).listen(0, '127.0.0.1');
  await once(vendor, 'listening');
  t.after(() => {
    vendor.closeAllConnections();
    vendor.close();
  });
  const baseUrl = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
  const block = { name: 'greenbox', vendor: 'miralix', baseUrl, account: 'greenbox', sharedSecret: 'secret', version: '7.3' };
  const server = await startServer(t, [{ ...block, maxStalenessSeconds: 0, pollSeconds: 0.1 }]);
  const nodes = async (list: 'agents' | 'recordings' | 'calls', fields: string): Promise<Record<string, unknown>[]> => {
    const { data, errors } = await server.ask(`{ ${list}(first: 50) { nodes { ${fields} } sourceErrors { problem { code } } } }`);
    assert.deepEqual([errors, data[list].sourceErrors], [undefined, []]);
    return data[list].nodes;
  };
  return { server, nodes };
};

const times = { ConversationStartedUtc: '2024-05-02T08:11:05.1234567Z', ConversationEndedUtc: '2024-05-02T08:14:20.7654321Z' };

/** Pairs the times that the vendor writes with those that the API reports. */
const oddTimes: readonly [object, (string | null)[]][] = [
  [times, ['2024-05-02T08:11:05.1234567Z', '2024-05-02T08:14:20.7654321Z', 'PT3M15.642S']],
  [{ ConversationStartedUtc: '2024-05-02T10:11:05.12+02:00' }, ['2024-05-02T08:11:05.12Z', null, null]],
  [{ ConversationStartedUtc: '2024-05-02T08:11:05' }, ['2024-05-02T08:11:05Z', null, null]],
  [{ ...times, ConversationEndedUtc: '2024-05-02T08:10:00Z' }, ['2024-05-02T08:11:05.1234567Z', '2024-05-02T08:10:00Z', null]],
  [{ ConversationStartedUtc: '0001-01-01T00:00:00', ConversationEndedUtc: '2024-02-30T08:00:00Z' }, [null, null, null]],
  [{ ConversationStartedUtc: 1714637465000, ConversationEndedUtc: '' }, [null, null, null]],
  [{}, [null, null, null]],
];

test('the times of recordings are reported as far as they are times, and no length is negative', async (t) => {
  const items = oddTimes.map(([fields], index) => ({ QueueCallId: 10 + index, ...fields }));
  const { nodes } = await startOffice(t, { '/agents': [{ AgentId: 1, Status: 'Ready' }], '/agents/id/1/recordings': items });
  const reported = await nodes('recordings', 'externalId startedAt endedAt duration agent { externalId } call { externalId state }');
  assert.equal(reported.length, oddTimes.length);
  for (const [index, [, [startedAt, endedAt, duration]]] of oddTimes.entries()) {
    const id = String(10 + index);
    const expected = { startedAt, endedAt, duration, agent: { externalId: '1' }, call: { externalId: id, state: 'ENDED' } };
    assert.deepEqual(
      reported.find(({ externalId }) => externalId === id),
      { externalId: id, ...expected },
    );
  }
});

test('a queue names who has left by name alone, and callers, queues and kinds as they are written', async (t) => {
  const { nodes } = await startOffice(t, {
    '/agents': [1, 2, 3].map((AgentId) => ({ agentId: AgentId, agentname: `Agent ${AgentId}`, STATUS: 'loggedin' })),
    '/queues': [{ Id: 301 }],
    '/queues/301/calls/recordings': [
      { queueCallId: '7', agentName: ' agent 2 ', caller: 4583123456, recordingFileName: 'a/b æ.mp3', queueCallType: 'callbackcall' },
      { QueueCallId: 8, AgentName: 'Ada Lovelace', Caller: 'anonymous', QueueId: 301, QueueCallType: 'QueueCall' },
    ],
  });
  const reported = await nodes(
    'recordings',
    'externalId fileName agent { externalId } call { caller queue direction metadata { key value } }',
  );
  assert.deepEqual(
    reported.toSorted((one, other) => (String(one.externalId) < String(other.externalId) ? -1 : 1)),
    [
      {
        externalId: '7/a/b æ.mp3',
        fileName: 'a/b æ.mp3',
        agent: { externalId: '2' },
        call: { caller: '4583123456', queue: null, direction: 'OUTBOUND', metadata: [{ key: 'QueueCallType', value: 'callbackcall' }] },
      },
      {
        externalId: '8',
        fileName: null,
        agent: null,
        call: {
          caller: 'anonymous',
          queue: '301',
          direction: 'INBOUND',
          metadata: [
            { key: 'QueueId', value: '301' },
            { key: 'QueueCallType', value: 'QueueCall' },
            { key: 'AgentName', value: 'Ada Lovelace' },
          ],
        },
      },
    ],
  );
});

for (const shown of [{ Status: 'LoggedIn' }, { LoggedIn: true }, {}]) {
  test(`an overview with ${JSON.stringify(shown)} of everyone takes nobody out of a call`, async (t) => {
    const { nodes } = await startOffice(t, {
      '/agents': [1, 2].map((AgentId) => ({ AgentId, ...shown })),
      '/agents/id/1/busycall': null,
      '/agents/id/2/busycall': { AgentId: 2, QueueCallId: 900, State: 'Answered' },
    });
    const fetchAgents = () => nodes('agents', 'externalId status activeCall { externalId state }');
    while (!(await fetchAgents()).some(({ status }) => status === 'ON_CALL')) await new Promise((resolve) => setTimeout(resolve, 10));
    for (let times = 0; times < 10; times += 1)
      assert.deepEqual(await fetchAgents(), [
        { externalId: '1', status: 'IDLE', activeCall: null },
        { externalId: '2', status: 'ON_CALL', activeCall: { externalId: '900', state: 'ACTIVE' } },
      ]);
  });
}

test('an entry of the overview that cannot be read ends no call of those it leaves out', async (t) => {
  const agents = [1, 2].map((AgentId) => ({ AgentId, AgentName: `Agent ${AgentId}`, Status: 'LoggedIn' }));
  const answers: Answers = {
    '/agents': agents,
    '/agents/id/1/busycall': null,
    '/agents/id/2/busycall': { AgentId: 2, QueueCallId: 900, State: 'Answered' },
  };
  const { server, nodes } = await startOffice(t, answers);
  const fetchAgents = () => nodes('agents', 'externalId status activeCall { externalId state }');
  const call = { externalId: '900', state: 'ACTIVE' };
  const first = { externalId: '1', status: 'IDLE', activeCall: null };
  while (!(await fetchAgents()).some(({ status }) => status === 'ON_CALL')) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(await fetchAgents(), [first, { externalId: '2', status: 'ON_CALL', activeCall: call }]);
  answers['/agents'] = [agents[0], { AgentName: 'Agent 2' }];
  assert.deepEqual(await fetchAgents(), [first, { externalId: '2', status: 'UNKNOWN', activeCall: call }]);
  const { data } = await server.ask('{ source(name: "greenbox") { health { status lastError } } }');
  assert.equal(data.source.health.status, 'DEGRADED');
  assert.match(data.source.health.lastError, /\(at 1\.AgentId\)/);
  answers['/agents'] = [agents[0]];
  assert.deepEqual(
    await fetchAgents(),
    [first, { externalId: '2', status: 'UNKNOWN', activeCall: null }],
    'a list that can be read leaves them out',
  );
});
