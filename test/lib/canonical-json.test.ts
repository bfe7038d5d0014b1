import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { canonicalJson, canonicalJsonWithoutNulls } from '../../src/lib/canonical-json.ts';

/** The value with the properties of each of its objects in another order. */
const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, one]) => [name, reversed(one)]),
  );
};

it('is JSON with its names in order', () => {
  assert.equal(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true, e: undefined }), '{"a":true,"b":[1,{"c":"x","d":null}]}');
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.equal(canonicalJson(reversed(value)), canonicalJson(value));
      assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
    }),
  );
});

it('reads a null as nothing, though not in a list', () => {
  assert.equal(canonicalJsonWithoutNulls({ b: null, a: { c: null, d: [null, { e: null }] } }), '{"a":{"d":[null,{}]}}');
});

it('without nulls, sorts names that are numbers as text', () => {
  assert.equal(canonicalJsonWithoutNulls({ 9: 'a', user1: 'b', 10: 'c' }), '{"10":"c","9":"a","user1":"b"}');
});
