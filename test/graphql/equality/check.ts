/** Executes random documents through the server and plainly by graphql-js, and holds the answers against each other. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import fc from 'fast-check';
import { type ExecutionResult, execute, type GraphQLError, type GraphQLFormattedError, parse, subscribe } from 'graphql';
import { createExecution } from '../../../src/graphql/execution.ts';
import { outwardError } from '../../../src/graphql/outward-errors.ts';
import { defaultLimits } from '../../../src/graphql/policy/limits.ts';
import { createSchema } from '../../../src/graphql/schema.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { vendorModules } from '../../../src/vendors/registry.ts';
import { type GraphQLBody, principalOf, startServer } from '../../support/graphql-server.ts';
import { answerAtRandom, type SeededContext } from './random-answers.ts';
import { type RandomRequest, randomRequest } from './random-document.ts';

const roomy = Object.fromEntries(Object.keys(defaultLimits).map((name) => [name, 10_000_000])) as unknown as typeof defaultLimits;
const limits = {
  ...roomy,
  depth: 50,
  batch: 10,
  documents: 100,
  jsonDepth: 100,
  jsonValues: 10_000,
  heartbeatSeconds: 12,
  connectionInitSeconds: 3,
  slowConsumerSeconds: 10,
};

type Comparable = { data: string | undefined; errors: string[] };

const byPlace = (left: string, right: string) => (left < right ? -1 : 1);

const plainly = ({ data, errors = [] }: ExecutionResult): Comparable => ({
  data: JSON.stringify(data),
  errors: errors.map((error: GraphQLError) => JSON.stringify(comparableError(outwardError(error)))).sort(byPlace),
});

const comparableError = ({ message, path, locations, extensions }: GraphQLFormattedError) => {
  const { correlationId: _, ...rest } = extensions ?? {};
  return { message, path, locations, rest };
};

const asServed = ({ data, errors = [] }: Pick<GraphQLBody, 'data'> & { errors?: readonly object[] | undefined }): Comparable => ({
  data: JSON.stringify(data),
  errors: errors.map((error) => JSON.stringify(comparableError(error as never))).sort(byPlace),
});

const seen = new Map<string, number>();
const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);

/** A valid document of the kind, its variables, and the seed of its answers. */
const requests = (make: (pick: (below: number) => number) => RandomRequest | null) =>
  fc.gen().map((draw) => {
    const pick = (below: number) => draw(fc.nat, { max: below - 1 });
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const request = make(pick);
      if (request) return { ...request, seed: pick(1_000_000) };
    }
    return null;
  });

const start = async () => {
  const schema = answerAtRandom(await createSchema(vendorModules));
  const context: SeededContext = { seed: 0, opened: [] };
  return { schema, context };
};

export const checkRequests = async (test: TestContext, numRuns: number): Promise<void> => {
  const { schema, context } = await start();
  const server = await startServer({ schema, limits, createContext: () => ({ ...context }) });
  test.after(() => server.close());
  const documents = requests((pick) => randomRequest(schema, pick(5) === 0 ? 'mutation' : 'query', pick));
  await fc.assert(
    fc.asyncProperty(documents, async (request) => {
      if (request === null) return count('not valid');
      const { query, variables, holds, seed } = request;
      context.seed = seed;
      for (const what of holds) count(what);
      const expected = plainly(await execute({ schema, document: parse(query), variableValues: variables, contextValue: { ...context } }));
      count(expected.data === undefined ? 'a request that cannot be executed' : 'an answer');
      if (expected.errors.length > 0) count('an answer with errors');
      const body = { query, variables };
      const headers = { accept: 'application/graphql-response+json' };
      const first = (await server.ask(body, headers)).body;
      const again = (await server.ask(body, headers)).body;
      const batch = (await server.ask([body, body])).body as unknown as GraphQLBody[];
      for (const answer of [first, again, ...batch]) assert.deepEqual(asServed(answer), expected);
    }),
    { numRuns },
  );
};

export const checkSubscriptions = async (numRuns: number): Promise<void> => {
  const { schema, context } = await start();
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const execution = createExecution({
    schema,
    limits,
    introspection: true,
    createContext: () => ({ ...context }),
    clock: systemClock,
    log,
  });
  const caller = { principal: principalOf({ scopes: new Set() }), correlationId: 'c' };
  const documents = requests((pick) => randomRequest(schema, 'subscription', pick));
  await fc.assert(
    fc.asyncProperty(documents, async (request) => {
      if (request === null) return count('not valid');
      const { query, variables, holds, seed } = request;
      context.seed = seed;
      context.opened = [];
      for (const what of holds) count(what);
      const plain = async (): Promise<Comparable[]> => {
        const stream = await subscribe({ schema, document: parse(query), variableValues: variables, contextValue: { ...context } });
        if (!(Symbol.asyncIterator in stream)) return [plainly(stream)];
        const events: Comparable[] = [];
        for await (const event of stream) events.push(plainly(event));
        return events;
      };
      const served = async (): Promise<Comparable[]> => {
        const admission = execution.admit({ query, variables });
        assert.ok(admission.admitted, 'admitted' in admission && !admission.admitted ? String(admission.errors[0]) : '');
        const stream = await execution.subscribe(admission, caller);
        if (!('next' in stream)) return [asServed(stream as never)];
        const answers: string[] = [];
        for await (const json of stream) answers.push(json);
        return answers.map((json) => asServed(JSON.parse(json)));
      };
      const expected = await plain();
      count(expected.length === 3 ? 'a stream' : 'a stream that is refused');
      assert.deepEqual(await served(), expected);
      assert.deepEqual(await Promise.all([served(), served()]), [expected, expected]);
      assert.equal(new Set(context.opened).size <= 1, true, 'a stream was opened with other arguments');
    }),
    { numRuns },
  );
};

/** How many documents held what, for whoever doubts that they hold anything. */
export const coverage = (): ReadonlyMap<string, number> => seen;
