import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { createListReader } from '../../../src/vendors/miralix/last-lists.ts';

const schema = z.object({ id: z.number() });

const createLists = () => {
  const read = createListReader();
  const setAside: unknown[] = [];
  const parsed: string[] = [];
  const show = (name: string, items: readonly unknown[]) => {
    const parse = () => {
      parsed.push(name);
      return items;
    };
    return read({ name, text: JSON.stringify(items), parse, schema }, async (item) => void setAside.push(item));
  };
  return { show, setAside, parsed };
};

test('an item that cannot be read is set aside once, however long its list is', async () => {
  const { show, setAside } = createLists();
  const long = [...Array.from({ length: 25_000 }, (_, id) => ({ id })), { id: 'none' }];
  assert.equal((await show('long', long)).length, 25_000);
  await show('long', long);
  await show('long', [...long, { id: 25_000 }]);
  assert.deepEqual(setAside, [{ id: 'none' }]);
});

test('a long list makes room for others as soon as they come', async () => {
  const { show, parsed } = createLists();
  const long = Array.from({ length: 25_000 }, (_, id) => ({ id }));
  for (const name of ['a', 'long', 'b', 'b', 'long']) await show(name, name === 'long' ? long : [{ id: 1 }]);
  assert.deepEqual(parsed, ['a', 'long', 'b', 'long']);
});

test('empty lists are not remembered without end', async () => {
  const { show } = createLists();
  const first = await show('first', []);
  assert.equal(await show('first', []), first);
  for (let other = 0; other < 20_000; other += 1) await show(`other ${other}`, []);
  assert.notEqual(await show('first', []), first);
});
