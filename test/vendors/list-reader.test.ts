import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as z from 'zod';
import { createListReader } from '../../src/vendors/kit/index.ts';

const entry = z.object({ id: z.string().min(1), state: z.unknown().transform((state) => ({ read: state ?? null })) });
const states = fc.oneof(fc.constantFrom(null, 'OnCall', 0), fc.dictionary(fc.constantFrom('a', 'b'), fc.integer({ max: 1, min: 0 })));
const items = fc.oneof(fc.record({ id: fc.constantFrom('1', '2', ''), state: states }), fc.constantFrom(null, 'text', 7));
const lists = fc.array(fc.array(items, { maxLength: 5 }), { minLength: 1, maxLength: 8 });

const outcome = ({ success, data }: z.ZodSafeParseResult<z.output<typeof entry>>) => (success ? data : 'unreadable');

test('each list is read as if it were the first, whatever was in those before', () => {
  fc.assert(
    fc.property(lists, (given) => {
      const read = createListReader(entry);
      for (const list of given) {
        // As from the wire: no two lists share an object.
        const fromWire = (): unknown[] => JSON.parse(JSON.stringify(list));
        assert.deepEqual(
          read(fromWire()).map(outcome),
          fromWire().map((item) => outcome(entry.safeParse(item))),
        );
      }
    }),
  );
});

test('an item is read anew where it changed, and only then', () => {
  let count = 0;
  const counted = z.object({ id: z.string() }).transform((read) => {
    count += 1;
    return read;
  });
  const read = createListReader(counted);
  read([{ id: '1' }, { id: '2' }, { id: '3' }]);
  assert.equal(count, 3);
  const changed = read([{ id: '1' }, { id: 'x' }, { id: '3' }]);
  assert.deepEqual(
    changed.map(({ data }) => data?.id),
    ['1', 'x', '3'],
  );
  assert.equal(count, 4);
  read([{ id: '1' }]);
  read([{ id: '1' }, { id: 'x' }]);
  assert.equal(count, 5, 'what left the list is forgotten');
});
