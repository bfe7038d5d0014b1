import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createQuotas } from '../../src/lib/quotas.ts';

test('a name holds no more than its bound; what is given back once can be taken again', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.double({ min: 0.1, max: 5, noNaN: true }), fc.boolean())), (steps) => {
      const quotas = createQuotas();
      const open: { name: string; whole: number; release: () => void }[] = [];
      const sum = (name: string) => open.filter((one) => one.name === name).reduce((total, { whole }) => total + whole, 0);
      for (const [name, amount, isTaking] of steps) {
        if (isTaking) {
          const release = quotas.take(name, { amount, max: 10 });
          const whole = Math.ceil(amount);
          assert.equal(release !== null, sum(name) + whole <= 10);
          if (release) open.push({ name, whole, release });
        } else {
          const { release } = open.shift() ?? { release: () => undefined };
          release();
          release();
        }
        for (const each of ['a', 'b']) assert.equal(quotas.held(each), sum(each));
      }
    }),
  );
});
