/** Work that many want done is cut into slices; what is urgent comes between them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSlices, turnsBetween } from '../../src/lib/slices.ts';
import { createWorkingClock } from '../support/working-clock.ts';

/** A clock that goes on by what is worked. */
const arrange = () => {
  const clock = createWorkingClock();
  const done: string[] = [];
  return {
    slices: createSlices(clock),
    clock,
    done,
    work: (name: string, ms: number) => {
      clock.work(ms);
      done.push(name);
    },
  };
};

const nextSlice = async () => {
  for (let turn = 0; turn < turnsBetween; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
};

type Bits = Record<'many' | 'few', readonly number[]>;

/** Has both callers ask for all their bits at once; asserts what holds for bits of any length. */
const runAll = async ({ many, few }: Bits, onBit: (caller: string, ms: number, nowMs: number) => void = () => undefined) => {
  const { slices, clock, done, work } = arrange();
  const bits = { many, few };
  const all = (['many', 'few'] as const).flatMap((caller) =>
    bits[caller].map((ms, index) =>
      slices.next(caller).then(() => {
        onBit(caller, ms, clock.monotonicMs());
        work(`${caller} ${index}`, ms);
      }),
    ),
  );
  const longest = Math.max(0, ...many, ...few);
  // The first turn has a slice of its own, beside that in which all was requested.
  for (let beganMs = 0, seen = 0, cut = 2; done.length < all.length; beganMs = clock.workedMs(), cut = 1) {
    await clock.turn();
    assert.ok(clock.workedMs() - beganMs < cut * (5 + longest), `${clock.workedMs() - beganMs} ms in one turn`);
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
  return done;
};

const bitsOf = (max: number) => {
  const bit = fc.double({ min: 0.1, max, noNaN: true });
  return fc.record({ many: fc.array(bit, { maxLength: 60 }), few: fc.array(bit, { maxLength: 10 }) });
};

test('in a turn of the event loop bits are begun for five milliseconds; nothing is lost, and nobody waits for all of another’s', async () => {
  await fc.assert(
    fc.asyncProperty(bitsOf(9.9), async (bits) => {
      const done = await runAll(bits);
      for (const index of bits.few.keys()) assert.ok(done.indexOf(`few ${index}`) <= 2 * index + 1, done.join());
    }),
    { numRuns: 100 },
  );
});

test('a caller rests after a long bit for as long as it lasted', async () => {
  await fc.assert(
    fc.asyncProperty(bitsOf(80), async (bits) => {
      const restsUntilMs: Record<string, number> = {};
      // Both have asked at the beginning, and count as there for a second.
      const areBoth = bits.many.length > 0 && bits.few.length > 0;
      await runAll(bits, (caller, ms, nowMs) => {
        assert.ok(nowMs >= (restsUntilMs[caller] ?? 0) - 1e-6, `${caller} at ${nowMs}`);
        restsUntilMs[caller] = areBoth && ms >= 10 && nowMs + ms < 1000 ? nowMs + 2 * ms : 0;
      });
    }),
    { numRuns: 100 },
  );
});

test('a bit that begins at once is measured too: its caller rests, another does not', async () => {
  const { slices, clock } = arrange();
  assert.equal(slices.begin('one'), true);
  await null;
  clock.work(30);
  assert.equal(slices.begin('other'), false, 'the slice is over');
  await nextSlice();
  assert.equal(slices.begin('one'), false, 'it rests');
  assert.equal(slices.begin('other'), true);
  await clock.turn();
  assert.equal(slices.begin('one'), true);
});

test('who is alone does not rest, and whoever asks counts as there for a second', async () => {
  const { slices, clock } = arrange();
  const work = async (caller: string, ms: number) => {
    await nextSlice();
    assert.equal(slices.begin(caller), true);
    clock.work(ms);
    await nextSlice();
  };
  const rests = () => !slices.begin('one');
  await work('one', 30);
  assert.equal(rests(), false, 'alone');
  await work('other', 1);
  await work('one', 960);
  assert.equal(rests(), true, 'the other was there a moment ago');
  await clock.turn();
  await work('one', 1001);
  assert.equal(rests(), false, 'the other has been gone for more than a second');
});

test('a bit is done as far as it goes by itself before the next one, whatever it awaits that is ready', async () => {
  const { slices, clock, done, work } = arrange();
  const run = async (name: string) => {
    await slices.next('one');
    for (let step = 0; step < 5; step += 1) {
      work(name, 2);
      await null;
    }
  };
  const all = Promise.all(['a', 'b', 'c'].map(run));
  while (done.length < 15) await clock.turn();
  await all;
  assert.equal(done.join(''), 'aaaaabbbbbccccc');
});

test('a slice is over after five milliseconds; some turns later, in which connections are accepted, a new one begins', async () => {
  const { slices, work } = arrange();
  assert.equal(slices.isOver(), false);
  work('x', 4.9);
  assert.equal(slices.isOver(), false);
  work('x', 0.1);
  for (let turn = 0; turn < turnsBetween; turn += 1) {
    assert.equal(slices.isOver(), true, `in turn ${turn}`);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  assert.equal(slices.isOver(), false);
});

test('a slice that is not over ends with its turn', async () => {
  const { slices, work } = arrange();
  assert.equal(slices.isOver(), false);
  work('x', 4);
  await new Promise<void>((resolve) => setImmediate(resolve));
  assert.equal(slices.isOver(), false);
  work('x', 4);
  assert.equal(slices.isOver(), false, 'it is a new one');
});
