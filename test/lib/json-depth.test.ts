import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isDeeperThan, isJsonDeeperThan } from '../../src/lib/json-depth.ts';

test('a text is found as deep as the value that it holds, whatever its strings hold', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('[', '{', '"', '\\', ']', '}', 'é') }));
  const { value } = fc.letrec<{ value: unknown; leaf: unknown }>((tie) => ({
    leaf: fc.oneof(text, fc.double(), fc.constant(null)),
    value: fc.oneof(
      { maxDepth: 6 },
      tie('leaf'),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(text, tie('value'), { maxKeys: 3 }),
    ),
  }));
  fc.assert(
    fc.property(value, fc.nat(7), fc.constantFrom(0, 2), (one, levels, indent) => {
      const json = Buffer.from(JSON.stringify(one, null, indent));
      assert.equal(isJsonDeeperThan(json, levels), isDeeperThan(JSON.parse(String(json)), levels), String(json));
    }),
    { numRuns: 1000 },
  );
});
