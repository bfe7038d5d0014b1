import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isDeeperThan, jsonExcess } from '../../src/lib/json-depth.ts';

const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('[', '{', '"', '\\', ']', '}', ',', 'é') }));
const { value } = fc.letrec<{ value: unknown; leaf: unknown }>((tie) => ({
  leaf: fc.oneof(text, fc.double(), fc.constant(null)),
  value: fc.oneof(
    { maxDepth: 6 },
    tie('leaf'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(text, tie('value'), { maxKeys: 3 }),
  ),
}));

test('a text is found as deep as the value that it holds, whatever its strings hold', () => {
  fc.assert(
    fc.property(value, fc.nat(7), fc.constantFrom(0, 2), (one, levels, indent) => {
      const json = Buffer.from(JSON.stringify(one, null, indent));
      const isDeeper = jsonExcess(json, { levels, values: Number.POSITIVE_INFINITY }) === 'levels';
      assert.equal(isDeeper, isDeeperThan(JSON.parse(String(json)), levels), String(json));
    }),
    { numRuns: 1000 },
  );
});

/** An empty list or object counts as if it held a value. */
const countValues = (one: unknown): number => {
  if (typeof one !== 'object' || one === null) return 1;
  return (
    1 +
    Math.max(
      1,
      Object.values(one).reduce<number>((sum, inner) => sum + countValues(inner), 0),
    )
  );
};

test('a text is found to hold as many values as it does, whatever its strings hold', () => {
  fc.assert(
    fc.property(value, fc.nat(24), fc.constantFrom(0, 2), (one, values, indent) => {
      const json = Buffer.from(JSON.stringify(one, null, indent));
      const hasMore = jsonExcess(json, { levels: Number.POSITIVE_INFINITY, values }) === 'values';
      assert.equal(hasMore, countValues(JSON.parse(String(json))) > Math.max(1, values), String(json));
    }),
    { numRuns: 1000 },
  );
});
