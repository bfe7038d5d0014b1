/** Operations of the whole contract, good and bad, executed by graphql-js and compiled by graphql-jit: the answers are the same. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { sampleAgent } from '../../src/simulators/uptivity/index.ts';
import { startPair } from '../support/tapegraph.ts';

const ref = '{ key: { source: "hq", identifier: ID, value: "2" } }';
const page =
  'edges { cursor node { id } } nodes { __typename id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount';

const corpus: readonly (readonly [string, Record<string, unknown>?])[] = [
  [`{ agents { ${page} sourceErrors { source { name } problem { code } } } }`],
  [`{ calls { ${page} } recordings { ${page} } blackouts { ${page} } }`],
  [
    '{ a: agents(first: 1) { nodes { name phone ...F } } } fragment F on Agent { activeCall { ...C } inactiveCalls { ...C } } fragment C on Call { state direction caller metadata { key value } legs { party agent { id } endpoint startedAt } recordings { kind state isDuplicate duration agent { phone } call { called } blackouts { offset } } }',
  ],
  [
    `query ($ref: AgentRef!, $deep: Boolean!) { agent(ref: $ref) { status vendorStatus statusSince blackout { state } recordings(first: 2) @include(if: $deep) { nodes { fileName media { __typename ... on Problem { code } } } } calls @skip(if: $deep) { totalCount } } }`,
    { ref: { key: { source: 'hq', identifier: 'PHONE', value: '5003' } }, deep: true },
  ],
  ['query ($ref: AgentRef!) { agent(ref: $ref) { id } }', { ref: { id: 'nonsense' } }],
  ['query ($ref: AgentRef!) { agent(ref: $ref) { id } }', { ref: {} }],
  ['query ($ref: AgentRef!) { agent(ref: $ref) { id } }', {}],
  ['query ($ref: AgentRef!) { agent(ref: $ref) { id } }', { ref: { key: { source: 'nowhere', identifier: 'ID', value: '2' } } }],
  [
    '{ agent(ref: { key: { source: "hq", identifier: EMAIL, value: "a@b.c" } }) { id } sources { name vendor capabilities { __typename } } }',
  ],
  ['{ agents(first: 0) { totalCount } calls(after: "x") { totalCount } ok: sources { name health { status circuit } } }'],
  ['{ agents(filter: { sources: ["nowhere"] }) { totalCount } }'],
  ['query ($first: Int) { agents(first: $first) { totalCount } }', { first: 'many' }],
  ['query ($first: Int!) { agents(first: $first) { totalCount } }', { first: null }],
  ['query ($at: DateTime) { recordings(filter: { startedAfter: $at }) { totalCount } }', { at: 'yesterday' }],
  ['{ node(id: "bm9uc2Vuc2U") { __typename id } call(id: "x") { id } recording(id: "y") { id } }'],
  [
    'query ($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Agent { phone activeCall { id } } ... on RecordingSource { name } } }',
    {
      r: [
        { __typename: 'Agent', sourceName: 'hq', externalId: '2' },
        { __typename: 'Agent', sourceName: 'hq', externalId: '99' },
        { __typename: 'RecordingSource', name: 'hq' },
        { __typename: 'Agent', id: 'x' },
      ],
    },
  ],
  [`mutation { updateRecording(input: { agent: ${ref}, metadata: [] }) { __typename ... on Problem { code message } } }`],
  [
    `mutation { signInAgent(input: { agent: ${ref} }) { __typename ... on Problem { code } } b: stopBlackout(input: { agent: ${ref} }) { ... on Problem { code } } }`,
  ],
  ['mutation { startRecording(input: { agent: { id: "x" } }) { __typename ... on Problem { code } } }'],
  ['{ __type(name: "Agent") { fields { name type { kind ofType { name } } } } }'],
  ['{ _service { sdl } __typename }'],
];

const told = ({ data, errors }: { data?: unknown; errors?: readonly object[] }) => ({
  data,
  errors: errors?.map((error) => {
    const { message, path, locations, extensions } = error as Record<string, never> & { extensions?: { code?: string } };
    return { message, path, locations, code: extensions?.code };
  }),
});

it('data, nulls, and the paths, places and codes of errors are the same', async (test) => {
  const scope = process.env.TAPEGRAPH_COMPILED;
  test.after(() => {
    if (scope === undefined) delete process.env.TAPEGRAPH_COMPILED;
    else process.env.TAPEGRAPH_COMPILED = scope;
  });
  const start = async (compiled: string) => {
    process.env.TAPEGRAPH_COMPILED = compiled;
    return startPair(test, { agents: [sampleAgent()] }, { maxStalenessSeconds: 3600 });
  };
  const [interpreted, compiled] = [await start('0'), await start('1')];
  let withErrors = 0;
  for (const [query, variables] of corpus) {
    for (const time of [1, 2]) {
      const [wanted, got] = [told(await interpreted.ask(query, variables)), told(await compiled.ask(query, variables))];
      // Each server has seen the agent for the first time at its own moment, which cursors tell too.
      const plain = (answer: object) =>
        JSON.parse(
          JSON.stringify(answer)
            .replace(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"a time"')
            .replace(/("\w*[cC]ursor"):"[^"]+"/g, '$1:"a place"'),
        );
      assert.deepEqual(plain(got), plain(wanted), `${query.slice(0, 80)}, time ${time}`);
      if (wanted.errors) withErrors += 1;
    }
  }
  assert.ok(withErrors >= 12, `only ${withErrors} of the answers have errors`);
});
