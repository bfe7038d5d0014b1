import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBudgets } from '../../src/lib/budgets.ts';

const here = () => false;
const settled = async (promise: Promise<unknown>): Promise<boolean> => {
  const pending = Symbol('pending');
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  return (await Promise.race([promise, pending])) !== pending;
};

test('works of one name begin in order, as far as they fit together; one alone always does', async () => {
  const budgets = createBudgets(10, 5);
  const first = await budgets.hold('a', { cost: 25, isGone: here });
  const second = budgets.hold('a', { cost: 6, isGone: here });
  const third = budgets.hold('a', { cost: 6, isGone: here });
  const small = budgets.hold('a', { cost: 1, isGone: here });
  assert.deepEqual([await settled(second), await settled(small)], [false, false]);
  assert.ok(await budgets.hold('b', { cost: 9, isGone: here }), 'another name waits for nobody of the first');
  first!();
  assert.deepEqual([await settled(second), await settled(third), await settled(small)], [true, false, false]);
  first!();
  assert.equal(await settled(third), false, 'what was given back is given back once');
  (await second)!();
  assert.deepEqual([await settled(third), await settled(small)], [true, true]);
});

test('more than may wait are told; those that have gone make room', async () => {
  const budgets = createBudgets(1, 2);
  const release = (await budgets.hold('a', { cost: 1, isGone: here }))!;
  let isGone = false;
  const gone = budgets.hold('a', { cost: 1, isGone: () => isGone });
  const waiting = budgets.hold('a', { cost: 1, isGone: here });
  assert.equal(await budgets.hold('a', { cost: 1, isGone: here }), null);
  isGone = true;
  const late = budgets.hold('a', { cost: 1, isGone: here });
  assert.equal(await gone, null);
  release();
  (await waiting)!();
  assert.ok(await late);
});

test('costs of fractions leave nothing behind', async () => {
  const budgets = createBudgets(10, 5);
  const costs = [0.1, 0.2, 0.7, 1.1, 2.3];
  const releases = await Promise.all(costs.map((cost) => budgets.hold('a', { cost, isGone: here })));
  for (const release of releases) release!();
  const whole = await budgets.hold('a', { cost: 10, isGone: here });
  const next = budgets.hold('a', { cost: 10, isGone: here });
  assert.equal(await settled(next), false);
  whole!();
  assert.equal(await settled(next), true);
});

test('where those that have gone made room, what fits behind them begins', async () => {
  const budgets = createBudgets(10, 2);
  const release = await budgets.hold('a', { cost: 6, isGone: here });
  let isGone = false;
  const large = budgets.hold('a', { cost: 10, isGone: () => isGone });
  const small = budgets.hold('a', { cost: 2, isGone: here });
  assert.deepEqual([await settled(large), await settled(small)], [false, false]);
  isGone = true;
  const late = budgets.hold('a', { cost: 2, isGone: here });
  assert.equal(await large, null);
  assert.deepEqual([await settled(small), await settled(late)], [true, true]);
  release!();
});
