/** Tests by SQLite's query plans that no page of a large table is had by reading the table. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import type { CallFilter, CommandFilter, PageRequest, RecordingFilter } from '../../src/domain/ports/pages.ts';
import type { StoreOperations } from '../../src/domain/ports/store.ts';
import { openStore } from '../../src/storage/index.ts';
import { operationsIn } from '../../src/storage/operations.ts';
import { kyselyOver } from '../../src/storage/sqlite-database.ts';
import type { Executor, Send } from '../../src/storage/tables.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { at, temporaryFolder } from './stores.ts';

const folder = temporaryFolder();
const tools = { clock: createManualClock(), ids: { next: () => 'id' } };
let connection: DatabaseSync;
let operations: StoreOperations;
let statements: string[] = [];

before(async () => {
  const file = join(folder.path, 'plans.db');
  await (await openStore(`sqlite:${file}`, tools)).close();
  connection = new DatabaseSync(file);
  const watched = {
    prepare: (text: string) => {
      statements.push(text);
      return connection.prepare(text);
    },
  };
  const database = kyselyOver(watched as DatabaseSync);
  const send: Send = async (...all) => {
    for (const one of all) await one.execute();
  };
  const run: Executor['write'] = (work) => work(database, send);
  const append: Executor['append'] = async (statements) => {
    for (const one of statements(database)) await one.execute();
  };
  const executor = { read: run, readLog: run, write: run, statement: run, append, locks: false };
  operations = operationsIn(executor, tools, { rowLocks: false, now: null });
});
after(() => {
  connection.close();
  folder.remove();
});

/** The lines of every plan that the work's statements have. */
const plansOf = async (work: () => Promise<unknown>): Promise<string[]> => {
  statements = [];
  await work();
  assert.ok(statements.length > 0);
  return statements.flatMap((text) =>
    connection
      .prepare(`explain query plan ${text}`)
      .all()
      .map((row) => String(row.detail)),
  );
};

const scansWithoutIndex = (line: string) =>
  /^SCAN (?!branch\d+|found|m\b|\(|\d+ CONSTANT|members)/.test(line) && !/USING (COVERING )?INDEX/.test(line);

const isFlat = async (work: () => Promise<unknown>, options: { sorted?: boolean } = {}) => {
  const lines = await plansOf(work);
  assert.deepEqual(lines.filter(scansWithoutIndex), []);
  const sorts = lines.filter((line) => /TEMP B-TREE FOR (LAST \d+ TERMS? OF )?ORDER BY/.test(line));
  assert.deepEqual(options.sorted === false ? [] : sorts, [], lines.join('\n'));
};

const key = { source: 'hq', externalId: '291' };
const places: PageRequest<never>['after'][] = [null, [Date.parse(at(0)), 'hq:x']];
const window = { startedAfter: at(0), startedBefore: at(9) };

test('recordings', async () => {
  const filters: RecordingFilter[] = [
    {},
    window,
    { sources: ['hq'] },
    { sources: ['hq', 'desk'] },
    { states: ['FAILED'] },
    { sources: ['hq', 'desk'], states: ['FAILED', 'PAUSED'] },
    { kinds: ['VOICEMAIL'] },
    { agent: key },
    { agent: key, ...window, states: ['FAILED', 'PAUSED'], kinds: ['AUDIO'] },
    { call: key },
    { number: '+4512345678' },
  ];
  for (const filter of filters) {
    for (const place of places) await isFlat(() => operations.recordings.pages([{ filter, first: 25, after: place }]));
  }
  await isFlat(() => operations.recordings.pages([{ filter: { number: '5678' }, first: 25, after: null }]), { sorted: false });
  await isFlat(() => operations.recordings.byKeys([key]), { sorted: false });
  await isFlat(() => operations.recordings.ofCalls([key, { ...key, externalId: '2' }]), { sorted: false });
  await isFlat(() => operations.recordings.live(['hq', 'desk']), { sorted: false });
  const lines = await plansOf(() => operations.recordings.liveOf([key]));
  assert.match(lines.join('\n'), /USING INDEX recordings_live/);
});

test('calls', async () => {
  const filters: CallFilter[] = [
    {},
    window,
    { sources: ['hq', 'desk'], states: ['HELD'] },
    { agent: key },
    { agent: key, ...window },
    { number: '12345678' },
  ];
  for (const filter of filters) {
    for (const place of places) await isFlat(() => operations.calls.pages([{ filter, first: 25, after: place }]));
  }
  await isFlat(() => operations.calls.live(['hq', 'desk']), { sorted: false });
});

test('commands, blackouts and the logs', async () => {
  const filters: CommandFilter[] = [
    {},
    { requestedAfter: at(0), requestedBefore: at(9) },
    { requestedBy: 'board' },
    { agent: key, requestedAfter: at(0) },
    { statuses: ['FAILED'] },
    { operations: ['START_BLACKOUT', 'STOP_BLACKOUT'], sources: ['hq'] },
  ];
  for (const filter of filters) {
    for (const place of places) await isFlat(() => operations.commands.pages([{ filter, first: 25, after: place }]));
  }
  await isFlat(() => operations.commands.ofKey('board', 'key'));
  await isFlat(() => operations.commands.open(['hq']), { sorted: false });
  await isFlat(() => operations.commands.openOf('hq', ['1', '2']), { sorted: false });
  await isFlat(() => operations.commands.ofBlackouts(['a', 'b']), { sorted: false });
  await isFlat(() => operations.blackouts.overlapping([{ agent: key, from: at(0), to: null }]), { sorted: false });
  await isFlat(() => operations.blackouts.open(['hq']), { sorted: false });
  await isFlat(() => operations.events.after(5, 100));
  await isFlat(() => operations.audit.rows(5, 100));
});

test('what trims the logs', async () => {
  connection.exec("insert into events (id, at_ms, entity_type, data) values (1, 0, 'agent', '{}'); update journal set event_id = 1");
  const lines = [...(await plansOf(() => operations.events.trim(at(9), 10))), ...(await plansOf(() => operations.receipts.trim(at(9))))];
  // The journal has one row, which is read and written.
  assert.deepEqual(lines.filter(scansWithoutIndex), ['SCAN journal', 'SCAN journal']);
});

test('the check itself: a scan is seen', async () => {
  const lines = connection.prepare("explain query plan select * from recordings as t where data = 'x' order by started_ms").all();
  assert.equal(lines.map((row) => String(row.detail)).filter(scansWithoutIndex).length, 1);
});
