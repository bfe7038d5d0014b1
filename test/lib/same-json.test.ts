import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { sameJson } from '../../src/lib/same-json.ts';

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value));

describe('whether two answers say the same', () => {
  it('is decided as node decides it, for any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
        assert.equal(sameJson(copy(left), copy(right)), isDeepStrictEqual(copy(left), copy(right)));
        assert.ok(sameJson(copy(left), copy(left)));
      }),
    );
  });

  it('goes by their own properties, whatever these are called', () => {
    const named = (name: string, value: unknown) => JSON.parse(`{"${name}":${JSON.stringify(value)}}`) as object;
    for (const name of ['__proto__', 'constructor', 'toString']) {
      for (const value of [{}, null, 1, []]) {
        assert.ok(sameJson(named(name, value), named(name, value)), name);
        for (const other of [{}, { filter: {} }, { filter: value }, named(name, { a: 1 })]) {
          assert.equal(sameJson(named(name, value), other), false, `${name} and ${JSON.stringify(other)}`);
          assert.equal(sameJson(other, named(name, value)), false, `${JSON.stringify(other)} and ${name}`);
        }
      }
    }
  });

  it('goes by what is in them, not by the order of properties', () => {
    assert.ok(sameJson({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 }));
    for (const other of [{ a: 1 }, { a: 1, b: [{ c: null }], d: null }, { a: 1, b: [{}] }, { a: 1, b: { 0: { c: null } } }, [1], null]) {
      assert.equal(sameJson({ a: 1, b: [{ c: null }] }, other), false, JSON.stringify(other));
      assert.equal(sameJson(other, { a: 1, b: [{ c: null }] }), false, JSON.stringify(other));
    }
  });
});
