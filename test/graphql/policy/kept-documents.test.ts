/** Parsed documents are kept as long as there is room, which dense ones fill sooner than their texts say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'graphql';
import { createDocumentStore } from '../../../src/graphql/policy/kept-documents.ts';

const keep = (count: number, textOf: (index: number) => string) => {
  const store = createDocumentStore<ReturnType<typeof parse>>(1000, (document) => document);
  for (let index = 0; index < count; index += 1) store.set(`${index}`, parse(textOf(index)));
  return store;
};

test('of small documents a thousand are kept, of dense and of long ones 32 MiB', () => {
  assert.equal(keep(1200, (index) => `{ a${index} { id name } }`).size, 1000);
  const tokens = 4000;
  const dense = keep(120, () => `{ ${'x '.repeat(tokens - 2)}}`);
  assert.ok(dense.size > 50 && dense.size * tokens * 120 <= 32 * 1024 * 1024, `${dense.size} dense ones`);
  const long = keep(200, () => `{ x } # ${'y'.repeat(250_000)}`);
  assert.ok(long.size > 100 && long.size * 250_000 <= 32 * 1024 * 1024, `${long.size} long ones`);
  assert.equal(dense.has('119'), true, 'the newest stays');
  assert.equal(dense.has('0'), false);
});
