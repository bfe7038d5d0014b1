/** Tests that a large answer is read and completed bit by bit: in one turn of the event loop few rows are read, and few completed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildSchema, execute, type GraphQLObjectType, parse } from 'graphql';
import { inParts } from '../../src/domain/read/parts.ts';
import type { LoadContext } from '../../src/graphql/loader.ts';
import { loadCall, loadPage } from '../../src/graphql/loaders.ts';
import { sliceResolvers } from '../../src/graphql/resolver-slices.ts';
import { createSlices } from '../../src/lib/slices.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { createWorkingClock } from '../support/working-clock.ts';

const principal = { name: 'reader' };

/** The context of one execution, in which each row takes time, and calls are live. */
const arrange = (msToShow: number) => {
  const clock = createWorkingClock();
  const read = {
    slices: createSlices(clock),
    principal,
    sources: new Map([['hq', {}]]),
    liveState: { call: (key: object) => key },
  };
  const show = () => clock.work(msToShow);
  const loaders = { made: new Map(), shown: { slice: null, rows: 0 }, cache: true };
  const context = { read, show: { call: show }, loaders } as unknown as LoadContext;
  /** The most that was worked in one turn until all is done. */
  const most = async (work: readonly (Promise<unknown> | unknown)[]): Promise<number> => {
    let [isDone, mostMs, beganMs] = [false, clock.workedMs(), clock.workedMs()];
    const all = Promise.all(work).then(() => {
      isDone = true;
    });
    while (!isDone) {
      await clock.turn();
      mostMs = Math.max(mostMs, clock.workedMs() - beganMs);
      beganMs = clock.workedMs();
    }
    await all;
    return mostMs;
  };
  return { context, show, most, workedMs: clock.workedMs };
};

test('what live state holds is shown a few at a time once a slice has lasted long', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 900 }), fc.double({ min: 0.01, max: 0.5, noNaN: true }), async (calls, ms) => {
      const { context, most, workedMs } = arrange(ms);
      const work = Array.from({ length: calls }, (_, index) => loadCall(context, { source: 'hq', externalId: String(index) }));
      // The first turn has a slice of its own, beside that in which all was requested.
      assert.ok((await most(work)) <= 2 * (5 + 20 * ms));
      assert.ok(Math.abs(workedMs() - calls * ms) < 0.001, 'each once');
    }),
    { numRuns: 50 },
  );
});

test('pages that are loaded together are shown a few hundred rows at a time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 100 }), async (lists, rows) => {
      const { context, show, most, workedMs } = arrange(0.02);
      const list = {
        name: 'pages',
        read: async (_: unknown, requests: readonly object[]) =>
          requests.map(() => ({ page: { items: Array.from({ length: rows }), positions: [], hasNextPage: false }, failures: [] })),
        count: async () => null,
      };
      const load = async (index: number) => {
        const request = { filter: { index }, first: rows, after: null };
        const { page } = await loadPage(context, { entityType: 'rows', request, failures: [] }, list);
        for (const _ of page.items) show();
      };
      assert.ok((await most(Array.from({ length: lists }, (_, index) => load(index)))) <= 2 * (5 + 200 * 0.02));
      assert.ok(Math.abs(workedMs() - lists * rows * 0.02) < 0.001);
    }),
    { numRuns: 50 },
  );
});

test('the resolvers of a page are begun a few milliseconds in a turn, and what they answer is in its place', async () => {
  const schema = buildSchema('type Item { plain: Int made(times: Int): Int } type Query { items: [Item!]! }');
  let begin = () => {};
  (schema.getType('Item') as GraphQLObjectType).getFields().made!.resolve = (
    { plain }: { plain: number },
    { times }: { times: number },
  ) => {
    begin();
    return plain * times;
  };
  sliceResolvers(schema);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 29 }), async (items, fields) => {
      const { context, show, most, workedMs } = arrange(0.04);
      begin = show;
      const names = Array.from({ length: fields }, (_, index) => `a${index}: made(times: ${index})`);
      const rootValue = { items: Array.from({ length: items }, (_, plain) => ({ plain })) };
      const document = parse(`{ items { plain ${names.join(' ')} } }`);
      const answer = execute({ schema, document, rootValue, contextValue: context });
      assert.ok((await most([answer])) <= 2 * (5 + 200 * 0.04));
      assert.ok(Math.abs(workedMs() - items * fields * 0.04) < 0.001, 'each once');
      const answered = JSON.parse(JSON.stringify((await answer).data)).items as Record<string, number>[];
      for (const [plain, item] of answered.entries())
        assert.deepEqual(Object.values(item), [plain, ...names.map((_, index) => plain * index)]);
    }),
    { numRuns: 30 },
  );
});

test('rows are read in parts, in order, each of two hundred at most or of one request', async () => {
  const slices = createSlices(createManualClock());
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 101 }), { maxLength: 200 }), async (requests) => {
      const parts: number[][] = [];
      const answers = await inParts({ slices, principal } as never, requests, {
        rowsOf: Number,
        read: async (part) => {
          parts.push([...part]);
          return part.map((rows) => -rows);
        },
      });
      assert.deepEqual(
        answers,
        requests.map((rows) => -rows),
      );
      assert.deepEqual(parts.flat(), requests);
      const sums = parts.map((part) => part.reduce((sum, rows) => sum + rows, 0));
      for (const sum of sums) assert.ok(sum <= 200);
      for (let index = 1; index < parts.length; index += 1)
        assert.ok(sums[index - 1]! + parts[index]![0]! > 200, 'no part is smaller than it has to be');
    }),
  );
});
