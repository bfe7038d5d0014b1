import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchDatabaseClock } from '../../src/storage/watch-database-clock.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { createListLog } from '../support/list-log.ts';
import { createPostgres, createSqlite } from './stores.ts';

test("PostgreSQL: a clock that differs from the database's is reported once, and again when it agrees", async (t) => {
  const subject = await createPostgres();
  t.after(() => subject.close());
  const { log, lines } = createListLog();
  const timers = createManualClock();
  let offMs = 3_200;
  let looks = 0;
  const looked = async (times: number) => {
    while (looks < times) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  };
  const store = {
    now: async () => {
      const now = await subject.store.now();
      looks += 1;
      return now;
    },
  };
  const clock = { now: () => Date.now() + offMs, monotonicMs: () => performance.now(), after: timers.after };
  const stop = watchDatabaseClock({ store, clock, log });
  await looked(1);
  const reported = () => lines.map(({ level, message }) => [level, message.match(/is [\d.]+ s (?:ahead of|behind)|end \w+|agrees/g)]);
  assert.deepEqual(reported(), [['warn', ['is 3.2 s ahead of', 'end early']]]);
  for (const [index, next] of [3_200, 0, -2_000, 900].entries()) {
    offMs = next;
    await timers.advance(60_000);
    await looked(index + 2);
  }
  assert.deepEqual(reported().slice(1), [
    ['info', ['agrees']],
    ['warn', ['is 2 s behind', 'end late']],
    ['info', ['agrees']],
  ]);
  stop();
  assert.equal(timers.pending(), 0);
});

test("SQLite: the database's time is the server's own", async (t) => {
  const subject = await createSqlite();
  t.after(() => subject.close());
  assert.equal(await subject.store.now(), subject.clock.now());
});
