/** The same question, asked at the same time: executed once, and never so that an answer is another request's. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { systemClock } from '../../src/clock.ts';
import type { Principal } from '../../src/domain/model/principal.ts';
import { type Answer, answerTogether } from '../../src/graphql/answer-together.ts';
import { type Caller, createExecution } from '../../src/graphql/execution.ts';
import { defaultLimits } from '../../src/graphql/policy/limits.ts';
import { createListLog, principalOf } from '../support/graphql-server.ts';

interface Context {
  whoAsks(): string;
}

const create = () => {
  const calls: string[] = [];
  let stored = 'before';
  const field = (name: string, resolve: (args: { text?: string }, context: Context) => unknown) => ({
    type: GraphQLString,
    args: { text: { type: GraphQLString } },
    resolve: (_: unknown, args: { text?: string }, context: Context) => {
      calls.push(name);
      return resolve(args, context);
    },
  });
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({
      name: 'Query',
      fields: {
        stored: field('stored', async ({ text }) => stored + (text ?? '')),
        fails: field('fails', async () => {
          throw new Error('no');
        }),
        asker: field('asker', async (_, context) => context.whoAsks()),
      },
    }),
    mutation: new GraphQLObjectType({
      name: 'Mutation',
      fields: {
        store: field('store', async ({ text }) => {
          stored = text!;
          return stored;
        }),
      },
    }),
  });
  const execution = createExecution({
    schema,
    limits: defaultLimits,
    introspection: true,
    compiled: true,
    createContext: (_, { whoAsks }) => ({ whoAsks }),
    clock: systemClock,
    log: createListLog(),
  });
  let requests = 0;
  const admit = (query: string, variables: Record<string, unknown> = {}) => {
    const admission = execution.admit({ query, variables });
    assert.ok(admission.admitted);
    return admission;
  };
  const ask = async (query: string, variables: Record<string, unknown> = {}, principal: Principal = everyone) => {
    requests += 1;
    const caller: Caller = { principal, correlationId: `request-${requests}` };
    return JSON.parse(JSON.stringify(await execution.execute(admit(query, variables), caller)));
  };
  return { admit, ask, calls };
};

const everyone = principalOf();
const stored = 'query Q($text: String) { stored(text: $text) }';

describe('questions of one turn of the loop', () => {
  it('are one execution where they say the same, and the next turn is another', async () => {
    const { ask, calls } = create();
    const answers = await Promise.all([ask(stored, { text: '!' }), ask(stored, { text: '!' }), ask(stored, { text: '!' })]);
    for (const { data } of answers) assert.deepEqual(data, { stored: 'before!' });
    assert.equal(calls.length, 1);
    await ask(stored, { text: '!' });
    assert.equal(calls.length, 2);
  });

  it('are each their own where variables or callers differ', async () => {
    const { ask, calls } = create();
    const answers = await Promise.all([
      ask(stored, { text: 'a' }),
      ask(stored, { text: 'b' }),
      ask(stored, {}),
      ask(stored, { text: 'a' }, principalOf()),
    ]);
    assert.deepEqual(
      answers.map(({ data }) => data.stored),
      ['beforea', 'beforeb', 'before', 'beforea'],
    );
    assert.equal(calls.length, 4);
  });

  it('see what was written before they were asked', async () => {
    const { ask } = create();
    const early = ask(stored);
    const write = ask('mutation { store(text: "after") }');
    const late = ask(stored);
    assert.deepEqual((await write).data, { store: 'after' });
    assert.deepEqual((await late).data, { stored: 'after' });
    assert.deepEqual((await early).data, { stored: 'after' }, 'its execution begins when the last has asked');
  });

  it('never share a mutation', async () => {
    const { ask, calls } = create();
    await Promise.all([ask('mutation { store(text: "x") }'), ask('mutation { store(text: "x") }')]);
    assert.deepEqual(calls, ['store', 'store']);
  });

  it('each get their own answer where it fails or names the request', async () => {
    const { ask, calls } = create();
    const failed = await Promise.all([ask('{ fails }'), ask('{ fails }')]);
    assert.deepEqual(
      failed.map(({ errors }) => errors[0].extensions.correlationId),
      ['request-1', 'request-2'],
    );
    const named = await Promise.all([ask('{ asker }'), ask('{ asker }')]);
    assert.deepEqual(
      named.map(({ data }) => data.asker),
      ['request-3', 'request-4'],
    );
    assert.deepEqual(calls, ['fails', 'fails', 'asker', 'asker']);
  });
});

describe('questions whose last answer was the asker’s own', () => {
  it('do not wait for one another', async () => {
    const turns = answerTogether<string>();
    const admission = create().admit('{ fails }');
    const question = { operation: admission.operation, variables: {}, principal: everyone };
    const started: ((personal: boolean) => void)[] = [];
    const answer = () => new Promise<Answer<string>>((resolve) => started.push((personal) => resolve({ value: 'mine', personal })));
    const first = turns(question, answer);
    started[0]!(true);
    await first;
    const both = [turns(question, answer), turns(question, answer)];
    assert.equal(started.length, 3, 'neither waits for the other');
    started[1]!(true);
    started[2]!(false);
    await Promise.all(both);
    await new Promise(setImmediate);
    const shared = [turns(question, answer), turns(question, answer)];
    assert.equal(started.length, 4, 'the last answer was good for all');
    started[3]!(false);
    assert.deepEqual(await Promise.all(shared), ['mine', 'mine']);
  });
});
