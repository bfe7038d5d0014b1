import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonInSlices } from '../../src/lib/json-in-slices.ts';
import { wellFormedJson } from '../../src/lib/well-formed-json.ts';

/** Large enough to be cut, with whatever JSON can hold in it. */
const large = fc
  .array(fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary', maxLength: 50 }), fc.constant(undefined)), { maxLength: 20 })
  .map((items) => ({
    errors: undefined,
    data: { items, lists: Array.from({ length: 3000 }, (_, index) => ({ index, items, text: '\uD800•'.repeat(20) })) },
  }));

test('JSON in slices is that of JSON.stringify, with well-formed text', async () => {
  await fc.assert(
    fc.asyncProperty(large, async (value) => {
      const json = await jsonInSlices(value, { caller: 'a', maxBytes: Number.POSITIVE_INFINITY, slices: undefined });
      assert.equal(json, wellFormedJson(JSON.stringify(value)));
    }),
    { numRuns: 50 },
  );
});

test('a long answer is written a little at a time, each in a slice of its caller’s, and only as far as it may be long', async () => {
  const waited: string[] = [];
  const slices = { isOver: () => true, next: async (name: string) => void waited.push(name) };
  const value = { data: Array.from({ length: 10_000 }, (_, index) => ({ index, text: 'x'.repeat(100) })) };
  const { length } = Buffer.from(JSON.stringify(value));
  const write = (maxBytes: number) => jsonInSlices(value, { caller: 'reader', maxBytes, slices });
  assert.equal(await write(length), JSON.stringify(value));
  assert.ok(waited.length >= Math.floor(length / 300_000), `${waited.length} slices for ${length} bytes`);
  assert.deepEqual(new Set(waited), new Set(['reader']));
  assert.equal(await write(length - 1), null);
  waited.length = 0;
  assert.equal(await write(1000), null);
  assert.equal(waited.length, 0, 'no more is written');
});
