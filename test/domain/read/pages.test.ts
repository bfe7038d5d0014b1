import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { emptyAgent } from '../../../src/domain/model/empty-rows.ts';
import type { Agent } from '../../../src/domain/model/entities.ts';
import type { Scope } from '../../../src/domain/model/enums.ts';
import { ExpectedError } from '../../../src/domain/model/errors.ts';
import { compareKeys } from '../../../src/domain/model/ids.ts';
import { createLiveState } from '../../../src/domain/observe/live-state.ts';
import type { AgentFilter } from '../../../src/domain/ports/pages.ts';
import type { VendorSource } from '../../../src/domain/ports/vendor.ts';
import { agentPage, agentSearch, matchesAgent } from '../../../src/domain/read/agents.ts';
import { pageInfoOf, pageRequest } from '../../../src/domain/read/pages.ts';
import { chooseSources, forEachSource, narrowFilter } from '../../../src/domain/read/sources.ts';

/** As live state hands them over. */
const pageOf = (all: readonly Agent[], args: { first: number; after?: string | null }) => {
  const read = agentPage(all.toSorted(compareKeys), {
    entityType: 'agents',
    request: pageRequest({ maxPageSize: 100 }, { entityType: 'agents', filter: {} }, args),
    failures: [],
  });
  return { nodes: read.page.items, pageInfo: pageInfoOf(read) };
};

const agents = fc.uniqueArray(
  fc.record({ source: fc.constantFrom('a', 'b-2', 'b-10'), externalId: fc.constantFrom('1', '2', '10', '02', 'x:y', 'é', 'ä@b') }),
  {
    selector: ({ source, externalId }) => `${source}:${externalId}`,
  },
);

describe('pages of agents', () => {
  it('put together are the whole list in its order, each agent once, whatever the page size', () => {
    fc.assert(
      fc.property(agents, fc.integer({ min: 1, max: 5 }), (keys, first) => {
        const all = keys.map(({ source, externalId }) => emptyAgent({ source, externalId }));
        const whole = pageOf(all, { first: 100 }).nodes;
        assert.equal(whole.length, all.length);
        const read: Agent[] = [];
        let after: string | null = null;
        for (;;) {
          const page = pageOf([...all].reverse(), { first, after });
          read.push(...page.nodes);
          assert.equal(page.pageInfo.hasPreviousPage, after !== null);
          if (!page.pageInfo.hasNextPage) break;
          after = page.pageInfo.endCursor;
        }
        assert.deepEqual(read, whole);
      }),
    );
    const numbered = ['10', '2', '1'].map((id) => emptyAgent({ source: 'hq', externalId: id }));
    assert.deepEqual(
      pageOf(numbered, { first: 10 }).nodes.map(({ externalId }) => externalId),
      ['1', '2', '10'],
    );
  });

  it('go on at the right place when agents come and go between them', () => {
    const list = ['1', '2', '3', '4'].map((id) => emptyAgent({ source: 'hq', externalId: id }));
    const { endCursor } = pageOf(list, { first: 2 }).pageInfo;
    const without = [emptyAgent({ source: 'hq', externalId: '0' }), ...list.filter(({ externalId }) => externalId !== '2')];
    assert.deepEqual(
      pageOf(without, { first: 2, after: endCursor }).nodes.map(({ externalId }) => externalId),
      ['3', '4'],
    );
  });
});

describe('the filter of agents', () => {
  const agent: Agent = {
    ...emptyAgent({ source: 'hq', externalId: '7' }),
    name: 'Ada Lovelace',
    phone: '5007',
    username: 'ada',
    systemUsername: 'ada@company.example',
    status: 'ON_CALL',
    activeCall: 'c',
  };
  const context = { sources: new Map([['hq', { vendor: 'NICE_UPTIVITY' }]]), liveState: createLiveState() };
  const passes = (filter: AgentFilter, seesAll = true) =>
    matchesAgent(context, agent, filter) && agentSearch(filter.search, seesAll)(agent);

  it('wants every condition to hold, and lets absent ones pass', () => {
    assert.ok(passes({}));
    assert.ok(
      passes({
        sources: ['hq'],
        vendors: ['NICE_UPTIVITY'],
        statuses: ['ON_CALL', 'IDLE'],
        onCall: true,
        blackedOut: false,
        search: ' ADA ',
      }),
    );
    for (const filter of [
      { sources: [] },
      { vendors: ['X'] },
      { statuses: ['IDLE' as const] },
      { onCall: false },
      { blackedOut: true },
      { search: 'grace' },
    ]) {
      assert.ok(!passes(filter), JSON.stringify(filter));
    }
  });

  it('searches names and numbers only for those who may see them', () => {
    for (const search of ['lovelace', 'ada', '5007', 'company.example'])
      assert.deepEqual([passes({ search }), passes({ search }, false)], [true, false], search);
    for (const search of ['7', '']) assert.ok(passes({ search }, false), search);
  });

  it('finds a phone number however it is written, for those who may see it', () => {
    const phones = { phone: '+79123456789', sipUri: '<sip:+4583123456@pbx.example>' };
    const finds = (search: string, seesAll = true) => agentSearch(search, seesAll)({ ...agent, ...phones });
    for (const search of ['8 (912) 345-67-89', '+7 912 345-67-89', '9123456789', '0045 83 12 34 56', '3456'])
      assert.deepEqual([finds(search), finds(search, false)], [true, false], search);
    for (const search of ['+79123456780', '0046 83 12 34 56', 'ext 83']) assert.ok(!finds(search), search);
  });
});

it('a number without a digit is refused, unless it is an address; of one who may not see numbers, any', () => {
  const context = (scope: Scope) => ({
    sources: new Map(),
    noteOutOfReach: () => undefined,
    principal: { name: 'a', scopes: new Set([scope]), sources: null, expiresAtMs: null },
  });
  for (const number of ['abc', 'Anonymous', '', ' ', '+', '(-)', 'sip:'])
    assert.throws(
      () => narrowFilter(context('pii:read'), { number }),
      { code: 'INVALID_INPUT', message: /filter\.number has no digit/ },
      number,
    );
  for (const number of ['40038', '٤٠٠٣٨', 'sip:reception@example.com', '<sip:a>', 'reception@example.com'])
    assert.deepEqual(narrowFilter(context('pii:read'), { number }), { number, sources: [] });
  for (const number of ['40038', 'abc']) assert.throws(() => narrowFilter(context('agents:read'), { number }), { code: 'FORBIDDEN' });
});

it('sources are checked by name: one that is none is named with those that are', () => {
  const noted: string[] = [];
  const noteOutOfReach = (source: string) => void noted.push(source);
  const reachable = new Map(['a', 'b'].map((name) => [name, { name, vendor: name === 'a' ? 'X' : 'Y' } as VendorSource]));
  assert.deepEqual(chooseSources({ sources: reachable, noteOutOfReach }, null), ['a', 'b']);
  assert.deepEqual(chooseSources({ sources: reachable, noteOutOfReach }, { sources: ['b'] }), ['b']);
  assert.deepEqual(chooseSources({ sources: reachable, noteOutOfReach }, { vendors: ['X'] }), ['a']);
  assert.deepEqual(chooseSources({ sources: reachable, noteOutOfReach }, { sources: [] }), []);
  assert.throws(() => chooseSources({ sources: reachable, noteOutOfReach }, { sources: ['c'] }), {
    code: 'NOT_FOUND',
    message: 'There is no source named "c"; the sources are a, b.',
  });
  assert.throws(() => chooseSources({ sources: new Map(), noteOutOfReach }, { sources: ['c'] }), { message: /you cannot use any source/ });
  assert.deepEqual(noted, ['c', 'c']);
});

it('one source that fails is a failure of its own; a bug is thrown', async () => {
  const error = new ExpectedError('VENDOR_TIMEOUT', 'b did not answer.');
  const work = async (name: string) => {
    if (name === 'b') throw error;
  };
  assert.deepEqual(await forEachSource(['c', 'b', 'a'], work), [{ source: 'b', error }]);
  await assert.rejects(
    forEachSource(['a'], async () => {
      throw new TypeError('a bug');
    }),
    TypeError,
  );
});
