import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeCursor, encodeCursor, listName, requireFirst } from '../../../src/domain/read/cursor.ts';

const refused = { code: 'INVALID_INPUT', message: /after is not a cursor of this list/ };
const list = listName('calls', { states: ['ACTIVE'] });

describe('a cursor', () => {
  it('comes back as it went, whatever the row is called', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.string({ minLength: 1, unit: 'grapheme' }), (sortMs, rowId) => {
        const cursor = encodeCursor(list, [sortMs, rowId]);
        assert.match(cursor, /^[\w-]+$/);
        assert.deepEqual(decodeCursor(list, cursor), [sortMs, rowId]);
      }),
    );
    assert.deepEqual([decodeCursor(list, null), decodeCursor(list, undefined)], [null, null]);
  });

  it('of another list, cut short, or made up is refused', () => {
    const cursor = encodeCursor(list, [1_767_603_600_000, 'hq:7']);
    for (const other of [listName('calls', {}), listName('recordings', { states: ['ACTIVE'] }), listName('calls', { states: ['ENDED'] })]) {
      assert.throws(() => decodeCursor(other, cursor), refused);
    }
    for (const wrong of ['', ' ', '%', 'AAAA', cursor.slice(0, 12), `${cursor}=`, '🙂'])
      assert.throws(() => decodeCursor(list, wrong), refused, wrong);
    for (const sortMs of ['1.5', '-0.1', '9007199254740992', '9'.repeat(400), '0x10', '1e3', 'Infinity', 'NaN', '']) {
      const forged = Buffer.from(`${list} ${sortMs} hq:7`).toString('base64url');
      assert.throws(() => decodeCursor(list, forged), refused, sortMs);
    }
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          decodeCursor(list, text);
        } catch (error) {
          assert.equal((error as { code: string }).code, 'INVALID_INPUT');
        }
      }),
    );
  });
});

it('a list is named by what it filters, not by how the filter is written', () => {
  assert.equal(
    listName('calls', { states: ['ACTIVE'], number: null, sources: ['a', 'b'] }),
    listName('calls', { sources: ['a', 'b'], states: ['ACTIVE'] }),
  );
  assert.equal(listName('calls', undefined), listName('calls', { states: null }));
  assert.notEqual(listName('calls', { sources: ['a', 'b'] }), listName('calls', { sources: ['b', 'a'] }));
  assert.notEqual(
    listName('calls', { agent: { source: 'a', externalId: 'b' } }),
    listName('calls', { agent: { source: 'a', externalId: 'c' } }),
  );
});

it('a list keeps its name in every version, so that a cursor outlives an upgrade', () => {
  assert.equal(listName('calls', { states: ['ACTIVE'], sources: ['hq'] }), 'calls.y0jf4y');
  assert.equal(listName('calls', { sources: ['hq'], agent: { source: 'hq', externalId: '7"a":' } }), 'calls.9ghyqb');
});

it('first is from 1 to the largest page', () => {
  assert.deepEqual([requireFirst(1, 100), requireFirst(100, 100)], [1, 100]);
  for (const first of [0, -1, 101, 1000])
    assert.throws(() => requireFirst(first, 100), {
      code: 'INVALID_INPUT',
      message: new RegExp(`first is ${first}; it must be from 1 to 100`),
    });
});
