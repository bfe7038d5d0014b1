/** Tests that mistakes of clients and vendors are answered with what is wrong, by which rule, and what would correct it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Fault } from '../../src/simulators/uptivity/index.ts';
import { sampleAgent } from '../../src/simulators/uptivity/index.ts';
import { blockOf, startPair, startRecorder, startServer } from '../support/tapegraph.ts';

const agentQuery = 'query ($ref: AgentRef!) { agent(ref: $ref) { externalId } }';
const stop =
  'mutation ($input: StopRecordingInput!) { stopRecording(input: $input) { ... on ControlSuccess { replayed } ... on Problem { code message retryable correlationId } } }';
const update =
  'mutation ($input: UpdateRecordingInput!) { updateRecording(input: $input) { ... on ControlSuccess { command { status } } ... on Problem { code message } } }';
const key = (value: string, identifier = 'ID', source = 'hq') => ({ key: { source, identifier, value } });

describe('a reference', () => {
  it('to an agent the vendor does not know is null for a query and NOT_FOUND for a command', async (test) => {
    const { ask, simulator } = await startPair(test, { agents: [sampleAgent()] });
    assert.deepEqual(await ask(agentQuery, { ref: key('999') }).then(({ data, errors }) => ({ data, errors })), {
      data: { agent: null },
      errors: undefined,
    });
    const { data } = await ask(stop, { input: { agent: key('999') } });
    assert.equal(data.stopRecording.code, 'NOT_FOUND');
    assert.match(data.stopRecording.message, /hq/);
    assert.equal(simulator.callsMade('POST /api/Record/StopForAgent'), 0);
  });

  it('that can name nobody is refused, and the vendor is not called', async (test) => {
    const { ask, simulator } = await startPair(test, { agents: [sampleAgent()] });
    const wrong: [object, string, RegExp][] = [
      [key(''), 'INVALID_INPUT', /empty/],
      [key('   '), 'INVALID_INPUT', /empty/],
      [key('a@b.example', 'EMAIL'), 'INVALID_INPUT', /EMAIL.*ID, PHONE/],
      [key('2', 'ID', 'nowhere'), 'NOT_FOUND', /"nowhere".*hq/],
      [{ id: 'nonsense' }, 'INVALID_INPUT', /ref\.id is not the id of an Agent/],
      [{ id: '' }, 'INVALID_INPUT', /ref\.id/],
      [{ id: Buffer.from('RecordingSource:hq').toString('base64url') }, 'INVALID_INPUT', /ref\.id/],
    ];
    for (const [ref, code, message] of wrong) {
      const { data, errors } = await ask(agentQuery, { ref });
      assert.deepEqual(data, { agent: null }, JSON.stringify(ref));
      assert.equal(errors![0]!.extensions.code, code, JSON.stringify([ref, errors]));
      assert.match(errors![0]!.message, message);
      const answer = await ask(stop, { input: { agent: ref } });
      assert.equal(answer.data.stopRecording.code, code, JSON.stringify([ref, answer]));
    }
    for (const ref of [{}, { id: 'a', ...key('2') }, { id: null }, null]) {
      const { errors } = await ask(agentQuery, { ref });
      assert.equal(errors![0]!.extensions.code, 'BAD_USER_INPUT', JSON.stringify([ref, errors]));
    }
    for (const ref of ['{}', '{ id: "a", key: { source: "hq", identifier: ID, value: "2" } }', '{ id: null }']) {
      const { errors } = await ask(`{ agent(ref: ${ref}) { id } }`);
      assert.match(errors![0]!.extensions.code, /^(GRAPHQL_VALIDATION_FAILED|BAD_USER_INPUT)$/, JSON.stringify([ref, errors]));
    }
    assert.equal(simulator.callsMade(), 0);
  });
});

describe('a filter', () => {
  it('with a text that is longer than any that is stored is refused', async (test) => {
    const { ask } = await startPair(test, { agents: 1 }, { maxStalenessSeconds: 60 });
    const idOf = (type: string, length: number) => Buffer.from(`${type}:hq:${'x'.repeat(length)}`).toString('base64url');
    const text = '4'.repeat(1001);
    const agent = idOf('Agent', 1001);
    const wrong = [
      ['calls', 'number', text],
      ['recordings', 'queue', text],
      ['commands', 'requestedBy', text],
      ...['calls', 'recordings', 'blackouts', 'commands'].map((list) => [list, 'agent', agent]),
      ['recordings', 'call', idOf('Call', 1001)],
    ];
    for (const [list, field, value] of wrong) {
      const { errors } = await ask(`{ ${list}(filter: { ${field}: "${value}" }) { nodes { id } } }`);
      assert.equal(errors?.[0]?.extensions.code, 'INVALID_INPUT', `${list} by ${field}`);
      assert.equal(errors![0]!.message, `filter.${field} has 1001 characters; use at most 1000.`);
    }
    assert.deepEqual((await ask(`{ commands(filter: { requestedBy: "${'x'.repeat(1000)}" }) { nodes { id } } }`)).data.commands.nodes, []);
  });
});

describe('a page', () => {
  it('of no size, of too much, or behind a cursor of another list is refused', async (test) => {
    const { ask } = await startPair(test, { agents: 3 }, { maxStalenessSeconds: 60 });
    const page =
      'query ($first: Int, $after: String, $filter: AgentFilter) { agents(first: $first, after: $after, filter: $filter) { nodes { externalId } pageInfo { hasNextPage endCursor hasPreviousPage } } }';
    for (const list of ['agents', 'calls', 'recordings', 'blackouts', 'commands']) {
      for (const first of [0, -1, 101, 1000]) {
        const { errors } = await ask(`query ($first: Int) { ${list}(first: $first) { nodes { id } } }`, { first });
        assert.equal(errors?.[0]?.extensions.code, 'INVALID_INPUT', `${list} first ${first}: ${JSON.stringify(errors)}`);
        assert.match(errors![0]!.message, new RegExp(`first is ${first}; it must be from 1 to 100`));
      }
      for (const after of ['nonsense', '', Buffer.from('agents.x 0 hq:1').toString('base64url')]) {
        const { errors } = await ask(`query ($after: String) { ${list}(after: $after) { nodes { id } } }`, { after });
        assert.equal(errors?.[0]?.extensions.code, 'INVALID_INPUT', `${list} after ${after}: ${JSON.stringify(errors)}`);
        assert.match(errors![0]!.message, /after is not a cursor of this list/);
      }
    }
    const first = await ask(page, { first: 1 });
    const cursor = first.data.agents.pageInfo.endCursor;
    const second = await ask(page, { first: 5, after: cursor });
    assert.deepEqual(second.data.agents.nodes, [{ externalId: '2' }, { externalId: '3' }]);
    assert.deepEqual([second.data.agents.pageInfo.hasPreviousPage, second.data.agents.pageInfo.hasNextPage], [true, false]);
    const other = await ask(page, { first: 1, after: cursor, filter: { statuses: ['IDLE'] } });
    assert.match(other.errors![0]!.message, /after is not a cursor of this list/);
    const calls = await ask('query ($after: String) { calls(after: $after) { nodes { id } } }', { after: cursor });
    assert.equal(calls.errors![0]!.extensions.code, 'INVALID_INPUT');
  });

  it('that filters by a source or an id that is none is refused by name', async (test) => {
    const { ask } = await startPair(test, { agents: 1 }, { maxStalenessSeconds: 60 });
    const unknown = await ask('{ agents(filter: { sources: ["hq", "nowhere"] }) { nodes { id } } }');
    assert.equal(unknown.errors![0]!.extensions.code, 'NOT_FOUND');
    assert.match(unknown.errors![0]!.message, /"nowhere"; the sources are hq/);
    const agent = await ask('{ recordings(filter: { agent: "nonsense" }) { nodes { id } } }');
    assert.match(agent.errors![0]!.message, /filter\.agent is not the id of an Agent/);
    const recording = await ask(
      '{ recording(id: "nonsense") { id } call(id: "nonsense") { id } blackout(id: "nonsense") { id } node(id: "nonsense") { id } source(name: "nowhere") { id } }',
    );
    assert.deepEqual(
      recording.errors!.map(({ extensions }) => extensions.code),
      ['INVALID_INPUT', 'INVALID_INPUT', 'INVALID_INPUT'],
    );
    assert.deepEqual([recording.data.node, recording.data.source], [null, null]);
  });
});

describe('metadata', () => {
  it('under a key the vendor does not know is refused with those it knows, and nothing is sent', async (test) => {
    const { ask, simulator } = await startPair(test, { agents: [sampleAgent()] });
    const { data } = await ask(update, { input: { agent: key('2'), metadata: [{ key: 'colour', value: 'red' }] } });
    assert.equal(data.updateRecording.code, 'INVALID_INPUT');
    assert.match(data.updateRecording.message, /"colour".*user1, user2/);
    const none = await ask(update, { input: { agent: key('2'), metadata: [] } });
    assert.match(none.data.updateRecording.message, /metadata is empty/);
    assert.equal(simulator.callsMade('POST /api/Record/UpdateForAgent'), 0);
  });
});

const html = '<html><body>Service Unavailable</body></html>';
const faults: Record<string, { fault: Fault; code: string }> = {
  'a 404 that is a web page': { fault: { kind: 'status', status: 404, body: html }, code: 'VENDOR_REJECTED' },
  'a 500': { fault: { kind: 'status', status: 500, body: html }, code: 'VENDOR_UNAVAILABLE' },
  'a web page': { fault: { kind: 'body', body: html, contentType: 'text/html' }, code: 'VENDOR_UNAVAILABLE' },
  'half a JSON document': { fault: { kind: 'half' }, code: 'VENDOR_UNAVAILABLE' },
  'a connection that breaks': { fault: { kind: 'cut' }, code: 'VENDOR_UNAVAILABLE' },
  'no answer': { fault: { kind: 'stall' }, code: 'VENDOR_TIMEOUT' },
};

describe('a vendor that answers with', () => {
  for (const [name, { fault, code }] of Object.entries(faults)) {
    it(`${name} costs its own rows only, and is named in sourceErrors`, async (test) => {
      const [good, bad] = [await startRecorder(test, { agents: 2 }), await startRecorder(test, { agents: 2 })];
      bad.inject({ fault });
      const { ask, logged } = await startServer(test, [
        blockOf(good),
        blockOf(bad, {
          name: 'branch',
          timeoutSeconds: code === 'VENDOR_TIMEOUT' ? 0.2 : 10,
          auth: { type: 'basic', username: 'api', password: 'hunter2' },
        }),
      ]);
      const lists = `{
        agents { totalCount nodes { sourceName } sourceErrors { source { name } problem { code message retryable correlationId } } }
        calls { nodes { id } sourceErrors { source { name } } }
        recordings { nodes { id } sourceErrors { source { name } } }
        sources { name agents { totalCount } }
      }`;
      const { data, errors } = await ask(lists);
      assert.equal(errors, undefined);
      assert.deepEqual(data.agents.nodes, [{ sourceName: 'hq' }, { sourceName: 'hq' }]);
      const [failure, ...others] = data.agents.sourceErrors;
      assert.deepEqual(others, []);
      assert.equal(failure.source.name, 'branch');
      assert.match(
        failure.problem.code,
        code === 'VENDOR_TIMEOUT' ? /^VENDOR_TIMEOUT$/ : /^VENDOR_(UNAVAILABLE|REJECTED)$/,
        JSON.stringify(failure),
      );
      assert.match(failure.problem.message, /branch/);
      assert.ok(failure.problem.correlationId);
      assert.deepEqual(data.calls.sourceErrors, [{ source: { name: 'branch' } }]);
      assert.deepEqual(data.recordings.sourceErrors, [{ source: { name: 'branch' } }]);
      const health = (await ask('{ source(name: "branch") { health { status lastError } } }')).data.source.health;
      assert.notEqual(health.status, 'UP');
      assert.ok(health.lastError);
      const said = JSON.stringify([data, health, logged]);
      for (const secret of ['hunter2', bad.url, 'Service Unavailable']) assert.ok(!said.includes(secret), `${secret} is reported`);

      const one = await ask(agentQuery, { ref: key('1', 'ID', 'branch') });
      assert.deepEqual(one.data, { agent: null });
      assert.match(one.errors![0]!.extensions.code, /^VENDOR_/);
      const command = await ask(stop, { input: { agent: key('1', 'ID', 'branch') } });
      assert.match(command.data.stopRecording.code, /^VENDOR_/);
    });
  }

  it('no more than it did is answered from what was last observed, with when', async (test) => {
    const { ask, simulator } = await startPair(test, { agents: [sampleAgent()] });
    const query =
      '{ agent(ref: { key: { source: "hq", identifier: PHONE, value: "5003" } }) { status observedAt } agents { nodes { status observedAt } sourceErrors { problem { code } } } }';
    const before = await ask(query);
    simulator.inject({ fault: { kind: 'status', status: 500 } });
    const { data, errors } = await ask(query);
    assert.equal(errors, undefined);
    assert.equal(data.agent.status, 'ON_CALL');
    assert.ok(data.agent.observedAt <= before.data.agents.nodes[0].observedAt);
    assert.equal(data.agents.nodes.length, 1);
    assert.equal(data.agents.sourceErrors.length, 1);
  });
});
