import assert from 'node:assert/strict';
import { PerformanceObserver, performance } from 'node:perf_hooks';
import { it } from 'node:test';
import { getHeapSpaceStatistics } from 'node:v8';
import { collectAtRest } from '../src/cli/collect-at-rest.ts';

const lookEveryMs = 50;

const roomForNewObjects = () => getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')!.space_size;

/** Resolves once garbage was collected and that room is smaller than `bytes`. */
const roomBelow = (bytes: number) =>
  new Promise<void>((resolve) => {
    const observer = new PerformanceObserver(() => {
      if (roomForNewObjects() >= bytes) return;
      observer.disconnect();
      resolve();
    });
    observer.observe({ entryTypes: ['gc'] });
  });

/** Works until the time, letting the loop turn, and keeps some of what it makes. */
const work = (untilMs: number) =>
  new Promise<void>((resolve) => {
    const kept: object[][] = [];
    const turn = () => {
      kept.push(Array.from({ length: 20_000 }, (_, index) => ({ index })));
      if (kept.length > 20) kept.shift();
      if (performance.now() < untilMs) setImmediate(turn);
      else resolve();
    };
    turn();
  });

it('waits until there is little to do, and then gives back what the work before had grown', { timeout: 30_000 }, async () => {
  await work(performance.now() + 500);
  const grown = roomForNewObjects();
  await new Promise((resolve) => setTimeout(resolve, 10 * lookEveryMs));
  assert.ok(roomForNewObjects() >= grown, 'left alone, what the work had grown stays');

  collectAtRest(lookEveryMs);
  await work(performance.now() + 500);
  await roomBelow(roomForNewObjects() / 2);
});
