import assert from 'node:assert/strict';
import { join } from 'node:path';
import { constants, DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { sql } from 'kysely';
import { openStore } from '../../src/storage/index.ts';
import { openSqlite } from '../../src/storage/sqlite.ts';
import { createWriteQueue } from '../../src/storage/write-queue.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { agent, temporaryFolder } from './stores.ts';

const folder = temporaryFolder();
after(folder.remove);

test('a full disk fails what could not be written, keeps what was, and is got over when there is room again', async () => {
  const connection = new DatabaseSync(join(folder.path, 'full.db'));
  connection.exec('pragma journal_mode = wal; create table big (body text); pragma max_page_count = 40');
  const queue = createWriteQueue(connection);
  const insert = (bytes: number) => queue.run(async () => connection.prepare('insert into big values (?)').run('x'.repeat(bytes)));
  await insert(1_000);
  const outcomes = await Promise.allSettled([insert(10_000), insert(400_000), insert(10_000)]);
  assert.equal(outcomes[1]!.status, 'rejected');
  const landed = outcomes.filter((outcome) => outcome.status === 'fulfilled').length;
  assert.deepEqual({ ...connection.prepare('select count(*) as n from big').get() }, { n: landed + 1 });
  connection.exec('pragma max_page_count = 4000');
  await insert(400_000);
  assert.deepEqual({ ...connection.prepare('select count(*) as n from big').get() }, { n: landed + 2 });
  connection.close();
});

test('works that wait together share a commit, and each has its own outcome', async () => {
  const connection = new DatabaseSync(':memory:');
  connection.exec('create table rows (id integer primary key)');
  const queue = createWriteQueue(connection);
  const insert = (id: number) => queue.run(async () => connection.prepare('insert into rows values (?)').run(id).changes);
  const outcomes = await Promise.allSettled([insert(1), insert(1), insert(2)]);
  assert.deepEqual(
    outcomes.map((outcome) => outcome.status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  await queue.idle();
  connection.close();
});

test('a first work that throws gets its error, and harms no other, also where somebody else takes the lock at once', async () => {
  const file = join(folder.path, 'taken.db');
  const connection = new DatabaseSync(file, { timeout: 0 });
  const other = new DatabaseSync(file);
  connection.exec('pragma journal_mode = wal; create table rows (id integer primary key)');
  const queue = createWriteQueue(connection);
  const first = queue.run(async () => {
    connection.exec('rollback');
    other.exec('begin immediate');
    connection.exec('begin');
    throw new Error('no');
  });
  const second = queue.run(async () => connection.prepare('insert into rows values (2)').run().changes);
  await assert.rejects(first, /^Error: no$/);
  other.exec('rollback');
  assert.equal(await second, 1);
  await queue.idle();
  connection.close();
  other.close();
});

test('while another process has the lock, each work waits for it as long, however many wait, and stops nothing else meanwhile', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const file = join(folder.path, 'locked.db');
  const connection = new DatabaseSync(file, { timeout: 0 });
  const other = new DatabaseSync(file);
  connection.exec('pragma journal_mode = wal; create table rows (id integer primary key)');
  const queue = createWriteQueue(connection);
  const ended: string[] = [];
  const insert = (id: number) =>
    queue
      .run(async () => connection.prepare('insert into rows values (?)').run(id))
      .then(
        () => ended.push(`${id} written`),
        ({ errcode }: { errcode: number }) => ended.push(`${id} failed with ${errcode}`),
      );
  const pass = async (ms: number) => {
    for (let passedMs = 0; passedMs < ms; passedMs += 50) {
      for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      t.mock.timers.tick(50);
    }
  };
  other.exec('begin immediate');
  const early = [insert(1), insert(2), insert(3)];
  await pass(3_000);
  const late = insert(4);
  await pass(1_900);
  assert.deepEqual(ended, []);
  await pass(200);
  await Promise.all(early);
  assert.deepEqual(ended.splice(0), ['1 failed with 5', '2 failed with 5', '3 failed with 5']);
  await pass(1_000);
  other.exec('commit');
  await pass(100);
  await late;
  assert.deepEqual(ended, ['4 written']);
  await queue.idle();
  connection.close();
  other.close();
});

test('a store leaves the wait for the lock to its queue: SQLite’s own wait stops the process', async () => {
  const engine = await openSqlite(join(folder.path, 'waits.db'));
  const { rows } = await engine.outside.write((database) => sql<{ timeout: number }>`pragma busy_timeout`.execute(database));
  assert.equal(rows[0]?.timeout, 0);
  await engine.close();
});

test('a work whose savepoint fails is answered, and so is what shared its transaction', async () => {
  const connection = new DatabaseSync(':memory:');
  connection.exec('create table rows (id integer primary key)');
  const queue = createWriteQueue(connection);
  const insert = (id: number) => queue.run(async () => connection.prepare('insert into rows values (?)').run(id).changes);
  const forbidding = queue.run(async () => {
    connection.setAuthorizer((action) => (action === constants.SQLITE_SAVEPOINT ? constants.SQLITE_DENY : constants.SQLITE_OK));
  });
  const outcomes = await Promise.allSettled([forbidding, insert(1)]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  connection.setAuthorizer(null);
  assert.equal(await insert(1), 1);
  await queue.idle();
  connection.close();
});

test('every work that finds the database closed is answered, and the queue comes to rest', async () => {
  const connection = new DatabaseSync(':memory:');
  const queue = createWriteQueue(connection);
  const late = [1, 2, 3].map((value) => queue.run(async () => value));
  connection.close();
  const outcomes = await Promise.allSettled(late);
  assert.deepEqual(
    outcomes.map((outcome) => outcome.status),
    ['rejected', 'rejected', 'rejected'],
  );
  await queue.idle();
});

test('a write through the store from inside a transaction is refused, instead of waiting for itself', async () => {
  const store = await openStore('sqlite::memory:', { clock: createManualClock(), ids: { next: () => 'id' } });
  await assert.rejects(
    store.transaction(() => store.agents.put([agent('1')])),
    /A transaction is open/,
  );
  const rows = await store.transaction(async (open) => {
    await open.agents.put([agent('2')]);
    return store.agents.all(['hq']);
  });
  assert.equal(rows.length, 1);
  await store.close();
});
