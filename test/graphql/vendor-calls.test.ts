/** Counts the vendor calls of a read at a simulated recorder, over everything the server does for a request. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { UptivitySimulator } from '../../src/simulators/uptivity/index.ts';
import { startPair } from '../support/tapegraph.ts';

const getAll = 'GET /api/Agent/GetAll';
const getOne = 'GET /api/Agent';

const calls = (simulator: UptivitySimulator) => ({
  all: simulator.callsMade(getAll),
  one: simulator.callsMade(getOne),
  total: simulator.callsMade(),
});

const board = `query ($first: Int!, $after: String) {
  agents(first: $first, after: $after) {
    pageInfo { hasNextPage endCursor } totalCount
    nodes { id externalId status activeCall { externalId agents { externalId } recordings { agent { externalId } call { externalId } } } blackout { state } }
    sourceErrors { source { name } }
  }
}`;

describe('a list of agents', () => {
  for (const count of [1, 50, 500]) {
    it(`of ${count} costs one GetAll, calls, recordings and who is in them included`, async (test) => {
      const { simulator, ask } = await startPair(test, { agents: count }, {}, { limits: { pageSize: 500, cost: 100_000 } });
      for (let id = 1; id <= Math.min(count, 3); id += 1) simulator.contactCenter.takeCall(simulator.agent(id));
      const { data, errors } = await ask(board, { first: 500 });
      assert.equal(errors, undefined);
      assert.equal(data.agents.nodes.length, count);
      assert.equal(data.agents.totalCount, count);
      assert.equal(data.agents.nodes[0].activeCall.recordings.length, 2);
      assert.deepEqual(calls(simulator), { all: 1, one: 0, total: 1 });
    });

    it(`of ${count} costs nothing while what is known is fresh`, async (test) => {
      const { simulator, ask } = await startPair(test, { agents: count }, { maxStalenessSeconds: 60 });
      const { data } = await ask(board, { first: 100 });
      assert.equal(data.agents.totalCount, count);
      assert.equal(simulator.callsMade(), 0);
    });

    it(`of ${count} named by a gateway costs ${count === 1 ? 'one GET /api/Agent' : 'one GetAll'}`, async (test) => {
      const { simulator, ask } = await startPair(test, { agents: count }, {}, { limits: { cost: 100_000 } });
      const representations = Array.from({ length: count }, (_, index) => ({
        __typename: 'Agent',
        sourceName: 'hq',
        externalId: String(index + 1),
      }));
      const { data, errors } = await ask(
        'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Agent { externalId phone } } }',
        { representations },
      );
      assert.equal(errors, undefined);
      assert.deepEqual(
        data._entities.map(({ externalId }: { externalId: string }) => externalId),
        representations.map(({ externalId }) => externalId),
      );
      assert.deepEqual(calls(simulator), count === 1 ? { all: 0, one: 1, total: 1 } : { all: 1, one: 0, total: 1 });
    });
  }

  it('read at the same time by many costs one GetAll together', async (test) => {
    const { simulator, ask } = await startPair(test, { agents: 5 });
    simulator.inject({ fault: { kind: 'delay', ms: 1_500 }, route: getAll });
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(board, { first: 10 })));
    for (const { data } of answers) assert.equal(data.agents.nodes.length, 5);
    assert.deepEqual(calls(simulator), { all: 1, one: 0, total: 1 });
  });
});

describe('one agent', () => {
  it('by identifier costs one GET /api/Agent, and requested by many at the same time still one', async (test) => {
    const { simulator, ask } = await startPair(test, { agents: 5 });
    const query =
      'query ($ref: AgentRef!) { agent(ref: $ref) { externalId activeCall { agents { externalId } } recordings { nodes { id } } } }';
    for (const [identifier, value] of [
      ['ID', '3'],
      ['PHONE', '5004'],
      ['SYSTEM_USERNAME', 'agent3'],
    ]) {
      simulator.forgetRequests();
      const { data } = await ask(query, { ref: { key: { source: 'hq', identifier, value } } });
      assert.equal(data.agent.externalId, '3');
      assert.deepEqual(calls(simulator), { all: 0, one: 1, total: 1 }, `by ${identifier}`);
    }
    simulator.forgetRequests();
    simulator.inject({ fault: { kind: 'delay', ms: 1_500 }, route: getOne });
    const ref = { key: { source: 'hq', identifier: 'PHONE', value: '5004' } };
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(query, { ref })));
    for (const { data } of answers) assert.equal(data.agent.externalId, '3');
    assert.deepEqual(calls(simulator), { all: 0, one: 1, total: 1 });
  });

  it('requested several times in one request costs one call', async (test) => {
    const { simulator, ask } = await startPair(test, { agents: 5 });
    const ref = '(ref: { key: { source: "hq", identifier: ID, value: "2" } })';
    const { data } = await ask(`{ a: agent${ref} { externalId } b: agent${ref} { phone } c: agent${ref} { status } }`);
    assert.deepEqual(data, { a: { externalId: '2' }, b: { phone: '5003' }, c: { status: 'IDLE' } });
    assert.deepEqual(calls(simulator), { all: 0, one: 1, total: 1 });
  });
});
