import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { ExpectedError } from '../../src/domain/model/errors.ts';
import { backupStore } from '../../src/storage/backup.ts';
import { openStore, verifyAudit } from '../../src/storage/index.ts';
import { dialects, migrations } from '../../src/storage/migrations.ts';
import { moveStore } from '../../src/storage/move.ts';
import { openPostgres } from '../../src/storage/postgres.ts';
import { isUnavailable } from '../../src/storage/postgres-errors.ts';
import { openSqlite } from '../../src/storage/sqlite.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { createTestDatabase, type TestDatabase } from '../support/services.ts';
import { openWithTwoMore } from './migrator.ts';
import { agent, at, blackout, call, command, event, recording, temporaryFolder } from './stores.ts';

const tools = { clock: createManualClock(), ids: { next: () => 'id' } };
const folder = temporaryFolder();
after(folder.remove);
let files = 0;
const newFile = () => join(folder.path, `${++files}.db`);

const refused = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ExpectedError, String(error));
  assert.match(error.message, pattern);
  assert.doesNotMatch(error.message, /root:password|tapegraph-/);
  return true;
};

test('a URL that names no store', async () => {
  for (const url of ['mysql://root:password@host/db', 'sqlite:', '']) await assert.rejects(openStore(url, tools), refused(/sqlite:<path>/));
});

test('an error is of a PostgreSQL that cannot be used only if it is its own', async () => {
  const ofPostgres = [
    Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' }),
    Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
    new Error('Connection terminated unexpectedly'),
    new Error('Query read timeout'),
    new Error('timeout expired'),
    new Error('timeout exceeded when trying to connect'),
    new Error('Client has encountered a connection error and is not queryable'),
  ];
  const others = [new DOMException('The operation was aborted due to timeout', 'TimeoutError'), new Error('a worker terminated'), null];
  assert.deepEqual(ofPostgres.map(isUnavailable), Array(ofPostgres.length).fill(true));
  assert.deepEqual(others.map(isUnavailable), Array(others.length).fill(false));
});

test('a file that is no database, and one that is damaged inside, are refused with the way out', async () => {
  const text = newFile();
  writeFileSync(text, 'this was never a database, whatever its name says. '.repeat(100));
  await assert.rejects(openStore(`sqlite:${text}`, tools), refused(/damaged.*backup.*\.recover/));

  const file = newFile();
  const store = await openStore(`sqlite:${file}`, tools);
  await store.recordings.put(Array.from({ length: 2_000 }, (_, index) => recording(`r${index}`)));
  await store.close();
  const handle = openSync(file, 'r+');
  for (let page = 40; page < 80; page += 1) writeSync(handle, Buffer.alloc(4096, 0x5a), 0, 4096, page * 4096);
  closeSync(handle);
  await assert.rejects(openStore(`sqlite:${file}`, tools), refused(/damaged.*backup.*\.recover/));
});

test('a folder that is missing is made', async () => {
  const store = await openStore(`sqlite:${join(folder.path, 'new', 'folder', 'a.db')}`, tools);
  await store.ping();
  await store.close();
  await assert.rejects(store.ping());
});

test('another process that holds the lock is waited for', async () => {
  const file = newFile();
  const store = await openStore(`sqlite:${file}`, tools);
  const other = new DatabaseSync(file);
  other.exec('begin immediate');
  const write = store.agents.put([agent('1')]);
  setTimeout(() => other.exec('commit'), 300);
  await write;
  other.close();
  assert.equal((await store.agents.all(['hq'])).length, 1);
  await store.close();
});

for (const kind of ['SQLite', 'PostgreSQL'] as const) {
  describe(`migrations in ${kind}`, () => {
    let database: TestDatabase | null = null;
    let url = '';
    const steps = (more: Record<string, Migration> = {}) => ({
      ...migrations(kind === 'SQLite' ? dialects.sqlite : dialects.postgres),
      ...more,
    });
    const open = (more?: Record<string, Migration>) =>
      kind === 'SQLite' ? openSqlite(url.slice('sqlite:'.length), steps(more)) : openPostgres(url, steps(more));
    before(async () => {
      database = kind === 'SQLite' ? null : await createTestDatabase();
      url = database?.url ?? `sqlite:${newFile()}`;
    });
    after(() => database?.drop());

    test('servers that start at once do not get in each other’s way', async () => {
      const engines = await Promise.all(Array.from({ length: 4 }, () => open()));
      for (const engine of engines) await engine.close();
    });

    test('a number that was stored without a key is read anew', async () => {
      const store = await openStore(url, tools);
      await store.calls.put([call('keyless', { caller: '+4512345678' }), call('nobody')]);
      await store.close();
      const before = await open();
      await before.outside.write(async (db) => {
        await db.updateTable('calls').set({ caller_key: null, caller_suffix: null }).execute();
        await sql`delete from kysely_migration where name = '0011-numbers-without-a-key'`.execute(db);
      });
      await before.close();
      const after = await open();
      const rows = await after.outside.read((db) => db.selectFrom('calls').select(['caller_key', 'caller_suffix']).orderBy('id').execute());
      assert.deepEqual(
        rows.map((row) => [row.caller_key, row.caller_suffix]),
        [
          ['8765432154', '87654321'],
          [null, null],
        ],
      );
      await after.close();
    });

    test('one that breaks off leaves nothing, and runs again', async () => {
      const second = (work: () => void): Migration => ({
        up: async (db) => {
          await db.schema.createTable('second').addColumn('id', 'integer').execute();
          work();
          await sql`insert into second (id) values (1)`.execute(db);
        },
      });
      const broken = second(() => {
        throw new Error('power cut');
      });
      await assert.rejects(open({ '9001-second': broken }), /power cut/);
      const engine = await open({ '9001-second': second(() => undefined) });
      const rows = await engine.outside.read((db) => sql<{ id: number }>`select id from second`.execute(db));
      assert.deepEqual(
        rows.rows.map((row) => row.id),
        [1],
      );
      await engine.close();
    });

    test('one whose server is killed half-way is taken up by the next start', async () => {
      const child = spawn(process.execPath, ['--import', 'tsx', 'test/storage/migrator.ts', url], { stdio: ['ignore', 'pipe', 'inherit'] });
      for await (const line of createInterface({ input: child.stdout })) if (line === 'half-way') child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      assert.equal(child.signalCode, 'SIGKILL');
      const engine = await openWithTwoMore(url);
      for (const table of ['second', 'third']) {
        const { rows } = await engine.outside.read((db) => sql`select id from ${sql.table(table)}`.execute(db));
        assert.deepEqual(
          rows.map((row) => (row as { id: number }).id),
          [1],
          table,
        );
      }
      await engine.close();
    });

    test('a database of a newer program is refused', async () => {
      await assert.rejects(openStore(url, tools), refused(/newer version.*9001-second/));
    });
  });
}

describe('moving and backing up', () => {
  const fill = async (url: string) => {
    const store = await openStore(url, tools);
    await store.agents.put([agent('1')]);
    await store.calls.put([call('c', { agents: ['1'], caller: '+4512345678' })]);
    await store.recordings.put(Array.from({ length: 1_201 }, (_, index) => recording(`r${index}`, { call: 'c', startedAt: at(index) })));
    await store.blackouts.insert(blackout('b'));
    await store.commands.insert(command('k', { idempotencyKey: 'key' }));
    await store.events.append([event('1'), event('2')]);
    await store.events.trim(at(0), 1);
    await store.audit.append([{ at: at(0), actor: 'board', action: 'test', subject: { a: 1 } }]);
    await store.vendorState('hq').put('cursor', 7);
    await store.receipts.add('hq', ['r'], at(0));
    await store.deadLetters.add({ source: 'hq', at: at(0), reason: 'why', body: 'body' });
    await store.close();
  };

  const check = async (url: string) => {
    const store = await openStore(url, tools);
    assert.deepEqual(await store.agents.all(['hq']), [agent('1')]);
    assert.equal(await store.calls.count({ agent: { source: 'hq', externalId: '1' }, number: '12345678' }, 10_000), 1);
    assert.equal(await store.recordings.count({}, 10_000), 1_201);
    assert.deepEqual(await store.blackouts.byIds(['b']), [blackout('b')]);
    assert.equal((await store.commands.insert(command('other', { idempotencyKey: 'key' }))).row.id, 'k');
    assert.deepEqual(await store.events.bounds(), { last: 2, trimmedTo: 1 });
    assert.deepEqual(await verifyAudit(store), { rows: 1, fault: null });
    assert.equal(await store.vendorState('hq').get('cursor'), 7);
    assert.equal((await store.receipts.add('hq', ['r'], at(0))).size, 0);
    assert.equal(await store.deadLetters.count('hq'), 1);
    await store.close();
  };

  test('from SQLite to PostgreSQL and back, row for row, and never over rows that are there', async () => {
    const database = await createTestDatabase();
    try {
      const [from, back] = [`sqlite:${newFile()}`, `sqlite:${newFile()}`];
      await fill(from);
      const progress: string[] = [];
      await moveStore(from, database.url, (table, rows) => progress.push(`${table} ${rows}`));
      assert.ok(progress.includes('recordings 500') && progress.includes('recordings 1201'));
      await check(database.url);
      await moveStore(database.url, back);
      await check(back);
      for (const copy of [from, back])
        await assert.rejects(moveStore(from, copy), refused(/the source itself, or a copy of it; name an empty/));
      const other = `sqlite:${newFile()}`;
      await fill(other);
      await assert.rejects(moveStore(from, other), refused(/already contains rows/));
    } finally {
      await database.drop();
    }
  });

  /** Does `work` while a server writes to the store. */
  const whileWriting = async (url: string, work: () => Promise<void>): Promise<void> => {
    const store = await openStore(url, tools);
    let writing = true;
    const write = async () => {
      for (let index = 0; writing; index += 1) {
        await store.agents.put([agent('1'), agent(`more-${index}`, { source: 'elsewhere' })]);
      }
    };
    const writer = write();
    await work();
    writing = false;
    await writer;
    await store.close();
  };

  test('a backup made while the server writes is whole, and opens', async () => {
    const url = `sqlite:${newFile()}`;
    await fill(url);
    const file = newFile();
    await whileWriting(url, () => backupStore(url, file));
    await check(`sqlite:${file}`);
    await assert.rejects(backupStore(url, file), refused(/exists already/));
    await assert.rejects(backupStore('postgres://127.0.0.1/test', newFile()), refused(/pg_dump/));
    await assert.rejects(backupStore(`sqlite:${newFile()}`, newFile()), refused(/no database file/));
  });

  if (spawnSync('pg_dump', ['--version']).status === 0) {
    test('what pg_dump saved while the server writes is whole, and opens', async () => {
      const [database, restored] = [await createTestDatabase(), await createTestDatabase()];
      try {
        await fill(database.url);
        const file = newFile();
        const run = async (program: string, ...args: string[]) => {
          const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
          const [code] = await once(child, 'exit');
          assert.equal(code, 0, program);
        };
        await whileWriting(database.url, () => run('pg_dump', '--format=custom', `--file=${file}`, database.url));
        await run('pg_restore', '--no-owner', `--dbname=${restored.url}`, file);
        await check(restored.url);
      } finally {
        await database.drop();
        await restored.drop();
      }
    });
  }
});
