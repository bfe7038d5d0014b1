import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { getIntrospectionQuery, parse } from 'graphql';
import { defaultLimits } from '../../../src/graphql/policy/limits.ts';
import { measureShape, refuseShape } from '../../../src/graphql/policy/shape.ts';

const shape = (query: string) => measureShape(parse(query));

describe('the shape of a document', () => {
  test('counts each use of a fragment', () => {
    const { depth, aliases, directives, rootFields, fields } = shape(`
      query Q($a: Int @x) @y { a: one { ...F } two @z { ...F @z ... @z { b: three } } }
      fragment F on T @w { c: four { five } }
    `);
    assert.deepEqual({ depth, aliases, directives, rootFields, fields }, { depth: 3, aliases: 4, directives: 7, rootFields: 2, fields: 7 });
  });

  test('is that of the largest operation', () => {
    assert.equal(shape('query A { a } query B { a { b { c } } } query C { a b c }').depth, 3);
    assert.equal(shape('query A { a } query B { a { b { c } } } query C { a b c }').rootFields, 3);
  });

  test('is found for circles, missing fragments and doubling ones, quickly', () => {
    assert.equal(shape('{ ...A } fragment A on T { a ...B } fragment B on T { b ...A }').fields, 2);
    assert.equal(shape('{ ...Missing }').fields, 0);
    const doubling = Array.from({ length: 60 }, (_, n) => `fragment F${n} on T { ...F${n + 1} ...F${n + 1} }`).join(' ');
    assert.equal(shape(`{ ...F0 } ${doubling} fragment F60 on T { a }`).fields, 2 ** 60);
  });

  test('leaves introspection out of the depth, and lets the usual query pass', () => {
    const measured = shape(getIntrospectionQuery());
    assert.deepEqual([measured.depth, measured.introspects], [1, true]);
    assert.equal(refuseShape(measured, defaultLimits, true), null);
    assert.equal(refuseShape(measured, defaultLimits, false)?.extensions.code, 'INTROSPECTION_DISABLED');
    assert.equal(shape('{ __typename a: __typename }').introspects, false);
  });

  test('may reach a limit and not pass it', () => {
    const at = { depth: 12, aliases: 30, aliasLength: 1920, directives: 30, rootFields: 30, fields: 1000, introspects: false };
    assert.equal(refuseShape(at, defaultLimits, true), null);
    for (const [name, code] of Object.entries({
      depth: 'DEPTH_LIMIT',
      aliases: 'ALIAS_LIMIT',
      aliasLength: 'ALIAS_LIMIT',
      directives: 'DIRECTIVE_LIMIT',
      rootFields: 'ROOT_FIELD_LIMIT',
      fields: 'FIELD_LIMIT',
    })) {
      const past = { ...at, [name]: (at[name as keyof typeof at] as number) + 1 };
      assert.equal(refuseShape(past, defaultLimits, true)?.extensions.code, code);
    }
  });
});
