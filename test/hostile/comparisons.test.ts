/** Validation compares each field with each of the same name in an object; how often it does is bounded before it begins. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { GraphQLError, parse } from 'graphql';
import { refuseComparisons } from '../../src/graphql/policy/comparisons.ts';

const refused = (query: string): boolean => refuseComparisons(parse(query)) !== null;
const repeat = (times: number, make: (index: number) => string): string =>
  Array.from({ length: times }, (_, index) => make(index)).join(' ');
/** The most of one name in one object. */
const most = 140;

test('the same field may be selected up to a hundred and forty times in an object, however it comes there', () => {
  const ways: ((times: number) => string)[] = [
    (times) => `{ ${repeat(times, () => 'a')} }`,
    (times) => `{ a { ${repeat(times, () => '... on T { b }')} } }`,
    (times) => `{ ${repeat(times, () => 'a { b }')} }`,
    (times) => `{ a { ${repeat(times, () => '...F')} } } fragment F on T { b }`,
    (times) => `{ a { ${repeat(times, (index) => `...F${index}`)} } } ${repeat(times, (index) => `fragment F${index} on T { b${index} }`)}`,
    (times) => `{ a } fragment Unused on T { ${repeat(times, () => 'b')} }`,
    (times) => `{ ${repeat(times / 2, () => 'a { b b }')} }`,
  ];
  for (const way of ways) {
    assert.equal(refused(way(most / 2)), false, way(1));
    assert.equal(refused(way(2 * most)), true, way(1));
  }
  assert.equal(refused(`{ ${repeat(most, () => 'a')} }`), false);
  const error = refuseComparisons(parse(`{ ${repeat(most + 1, () => 'a')} }`));
  assert.deepEqual(error?.extensions, { code: 'FIELD_LIMIT', limit: 10_000 });
});

test('fields with arguments are weighed by the values in them', () => {
  const list = (length: number) => `[${repeat(length, () => '1')}]`;
  const object = (length: number) => `{ ${repeat(length, (index) => `f${index}: {}`)} }`;
  for (const values of [list, object]) {
    assert.equal(refused(`{ ${repeat(12, () => `a(x: ${values(90)})`)} }`), false);
    assert.equal(refused(`{ ${repeat(20, () => `a(x: ${values(90)})`)} }`), true);
    assert.equal(refused(`{ ${repeat(20, (index) => `a${index}: a(x: ${values(90)})`)} }`), false, 'other names are not compared');
  }
  assert.equal(refused(`{ ${repeat(99, () => 'a(x: 1)')} }`), false);
  assert.equal(refused(`{ a(x: 1) ${repeat(138, () => 'a')} a(x: ${'['.repeat(1900)}${']'.repeat(1900)}) }`), true);
});

test('what people and programs write is far from it', () => {
  const folder = resolve(import.meta.dirname, '../../schema/operations');
  for (const name of readdirSync(folder)) assert.equal(refused(readFileSync(join(folder, name), 'utf8')), false, name);
  assert.equal(
    refused(`{ ${repeat(10, () => `a { ${repeat(100, (index) => `f${index}`)} }`)} }`),
    false,
    'a thousand fields, ten of each name',
  );
  const components = repeat(20, (index) => `fragment C${index} on T { id name status ...Common calls { nodes { id state } } }`);
  assert.equal(
    refused(`{ agents { nodes { ${repeat(20, (index) => `...C${index}`)} } } } ${components} fragment Common on T { id phone }`),
    false,
  );
});

test('circles of fragments are left to validation, or refused, in bounded work', () => {
  assert.equal(refused('{ a { ...F } } fragment F on T { b { ...F } }'), false);
  assert.equal(refused('{ a { ...F } } fragment F on T { ...G } fragment G on T { ...F }'), false);
  assert.equal(refused(`{ a { ...F } } fragment F on T { ${repeat(20, (index) => `b${index} { ...F }`)} }`), true);
});

const documents = fc.letrec<{ set: string; selection: string }>((tie) => ({
  set: fc.array(tie('selection'), { minLength: 1, maxLength: 5 }).map((all) => `{ ${all.join(' ')} }`),
  selection: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('a', 'b', 'c: a'),
    fc.tuple(fc.constantFrom('a', 'b', '... on T'), tie('set')).map(([head, set]) => `${head} ${set}`),
    fc.constantFrom('...F', '...G'),
  ),
})).set;

test('any document is judged, and what it repeats a thousand times is refused', () => {
  fc.assert(
    fc.property(documents, documents, documents, (query, f, g) => {
      const fragments = `fragment F on T ${f} fragment G on T ${g}`;
      const judged = refuseComparisons(parse(`query ${query} ${fragments}`));
      assert.ok(judged === null || judged instanceof GraphQLError);
      assert.equal(refused(`{ ${repeat(1000, () => `x ${query}`)} } ${fragments}`), true);
    }),
    { numRuns: 200 },
  );
});
