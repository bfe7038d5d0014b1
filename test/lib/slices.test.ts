/** Work that many want done is cut into slices; what is urgent comes between them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSlices } from '../../src/lib/slices.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A clock that goes on by what is worked. */
const arrange = () => {
  let nowMs = 0;
  const slices = createSlices(() => nowMs);
  const done: string[] = [];
  return {
    slices,
    done,
    work: (name: string, ms: number) => {
      nowMs += ms;
      done.push(name);
    },
    nowMs: () => nowMs,
  };
};

test('in a turn of the event loop bits are begun for five milliseconds; nothing is lost, and nobody waits for all of another’s', async () => {
  const bit = fc.double({ min: 0.1, max: 20, noNaN: true });
  await fc.assert(
    fc.asyncProperty(fc.array(bit, { maxLength: 60 }), fc.array(bit, { maxLength: 10 }), async (many, few) => {
      const { slices, done, work, nowMs } = arrange();
      const bits = { many, few };
      const all = (['many', 'few'] as const).flatMap((caller) =>
        bits[caller].map((ms, index) => slices.next(caller).then(() => work(`${caller} ${index}`, ms))),
      );
      const longest = Math.max(0, ...many, ...few);
      // The first turn has a slice of its own, beside that in which all was asked for.
      for (let beganMs = 0, seen = 0, cut = 2; done.length < all.length; beganMs = nowMs(), cut = 1) {
        await turn();
        assert.ok(nowMs() - beganMs < cut * (5 + longest), `${nowMs() - beganMs} ms in one turn`);
        assert.ok(done.length > seen, 'each turn gets on');
        seen = done.length;
      }
      await Promise.all(all);
      for (const caller of ['many', 'few'] as const) {
        assert.deepEqual(
          done.filter((name) => name.startsWith(caller)),
          bits[caller].map((_, index) => `${caller} ${index}`),
        );
      }
      for (const index of few.keys()) assert.ok(done.indexOf(`few ${index}`) <= 2 * index + 1, done.join());
    }),
    { numRuns: 100 },
  );
});

test('a bit is done as far as it goes by itself before the next one, whatever it awaits that is ready', async () => {
  const { slices, done, work } = arrange();
  const run = async (name: string) => {
    await slices.next('one');
    for (let step = 0; step < 5; step += 1) {
      work(name, 2);
      await null;
    }
  };
  await Promise.all(['a', 'b', 'c'].map(run));
  assert.equal(done.join(''), 'aaaaabbbbbccccc');
});

test('a slice is over after five milliseconds, and a new one begins in the next turn', async () => {
  const { slices, work } = arrange();
  assert.equal(slices.isOver(), false);
  work('x', 4.9);
  assert.equal(slices.isOver(), false);
  work('x', 0.1);
  assert.equal(slices.isOver(), true);
  await turn();
  assert.equal(slices.isOver(), false);
});
