/** Tests the effects of a failing store, as seen from outside the running server. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, mkdtempSync, openSync, rmSync, statfsSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { openTcpProxy, type TcpProxy } from '../servers/tcp-proxy.ts';
import { runTapegraph } from '../support/program.ts';
import { createTestDatabase, type TestDatabase } from '../support/services.ts';
import { type Answer, blockOf, type RunningTapegraph, startRecorder, startServer, storeFile } from '../support/tapegraph.ts';

const startBlackout = `mutation ($id: String!) {
  startBlackout(input: { agent: { key: { source: "hq", identifier: ID, value: $id } } }) {
    __typename
    ... on BlackoutSuccess { blackout { id state } }
    ... on Problem { code message retryable correlationId }
  }
}`;
const stopBlackout = startBlackout.replace('startBlackout', 'stopBlackout');

const readiness = async ({ url }: RunningTapegraph): Promise<Record<string, unknown>> => {
  const response = await fetch(`${url}/health/ready`);
  return { status: response.status, ...((await response.json()) as { checks: Record<string, string> }).checks };
};
const until = async (what: string, holds: () => Promise<boolean>, mostMs = 20_000): Promise<void> => {
  const startedAt = performance.now();
  while (!(await holds().catch(() => false))) {
    assert.ok(performance.now() - startedAt < mostMs, `${what}, but not within ${mostMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};
const folderOf = (t: TestContext): string => {
  const path = mkdtempSync(join(tmpdir(), 'tapegraph-faults-'));
  t.after(() => {
    spawnSync('umount', ['-l', path], { stdio: 'ignore' });
    rmSync(path, { recursive: true, force: true });
  });
  return path;
};
const succeeds = async (server: RunningTapegraph, operation: string, id: string): Promise<boolean> => {
  const { data } = await server.ask(operation, { id });
  return Object.values(data ?? {}).some((answer) => (answer as { __typename?: string } | null)?.__typename === 'BlackoutSuccess');
};

test('a database that another process locks holds commands up, loses none, and does not stop reads', async (t) => {
  const url = await storeFile(t);
  const recorder = await startRecorder(t, { agents: 2 });
  const server = await startServer(t, [blockOf(recorder, { maxStalenessSeconds: 3600 })], { store: { url } });
  await until('ready', async () => (await readiness(server)).status === 200);
  const other = new DatabaseSync(url.slice('sqlite:'.length));
  other.exec('begin immediate');
  let answered = false;
  const commanding = succeeds(server, startBlackout, '2').finally(() => {
    answered = true;
  });
  assert.equal((await server.ask('{ sources { name } }')).data.sources[0].name, 'hq');
  assert.equal(answered, false);
  other.exec('commit');
  other.close();
  assert.equal(await commanding, true);
});

interface SmallDisk {
  fill(): void;
  makeRoom(): void;
}

const mountsSmallDisk = (folder: string): boolean => spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]).status === 0;

/** A file system of its own, with another file on it that grows. */
const smallFileSystem = (folder: string): SmallDisk => {
  const filler = join(folder, 'filler');
  return {
    fill: () => {
      for (const bytes of [262_144, 4096]) {
        while (statfsSync(folder).bavail * 4096 >= bytes) writeFileSync(filler, Buffer.alloc(bytes), { flag: 'a' });
      }
    },
    makeRoom: () => rmSync(filler),
  };
};

/** Takes from this process what it may write to files, which needs no right to mount. */
const noBytesLeft = (): SmallDisk => {
  const limit = (bytes: string) => {
    const { status, stderr, error } = spawnSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`], { encoding: 'utf8' });
    assert.equal(status, 0, `prlimit: ${stderr || error?.message}`);
  };
  const { stdout } = spawnSync('prlimit', ['--pid', String(process.pid), '--fsize', '--output=HARD', '--noheadings'], { encoding: 'utf8' });
  return { fill: () => limit('0'), makeRoom: () => limit(stdout.trim()) };
};

const cannotBeUsed =
  "The server's database cannot be used now, and it is not known whether the request was carried out. Repeat it, with the same idempotencyKey if it had one, when the server is ready again.";

const fullDisk = async (t: TestContext, folder: string, { fill, makeRoom }: SmallDisk): Promise<void> => {
  const recorder = await startRecorder(t, { agents: 2 });
  const server = await startServer(t, [blockOf(recorder)], { store: { url: `sqlite:${join(folder, 'tapegraph.db')}` } });
  await until('ready', async () => (await readiness(server)).status === 200);
  const short = startBlackout.replace('value: $id } }', 'value: $id } }, maxDuration: "PT3S"');
  assert.equal(await succeeds(server, short, '1'), true);
  assert.equal(recorder.isMasked(1), true);
  fill();
  let refused: Record<string, unknown> = {};
  await until('the log is full', async () => {
    recorder.forgetRequests();
    refused = (await server.ask(startBlackout, { id: '2' })).data.startBlackout;
    if (refused.__typename !== 'Problem') await server.ask(stopBlackout, { id: '2' });
    fill();
    return refused.__typename === 'Problem';
  });
  assert.equal(recorder.callsMade('POST /api/Blackout/StartForAgent'), 0, 'what cannot be written down is not commanded');
  const { correlationId, ...problem } = refused;
  assert.deepEqual(problem, { __typename: 'Problem', code: 'CONFLICT', message: cannotBeUsed, retryable: true });
  assert.ok(server.logged.some(({ level, fields }) => level === 'error' && fields?.correlationId === correlationId));
  await until('readiness says that the store takes no writes', async () => (await readiness(server)).leases !== 'ok');
  assert.equal((await fetch(`${server.url}/health/live`)).status, 200);
  await until('the stop of a deadline is sent', async () => !recorder.isMasked(1));
  const stateOf1 = async () => (await server.ask('{ blackouts(first: 10) { nodes { state agent { externalId } } } }')).data.blackouts.nodes;
  const open1 = async () =>
    (await stateOf1()).filter((one: Answer['data']) => one.agent.externalId === '1' && one.state !== 'ENDED').length;
  assert.equal(await open1(), 1, 'it is not written yet');
  assert.ok(server.logged.some(({ message }) => /stop of a blackout was sent, and is written once the store/.test(message)));
  makeRoom();
  await until('the end is written', async () => (await open1()) === 0);
  await until('ready again', async () => (await readiness(server)).status === 200);
  await until('commands again', () => succeeds(server, startBlackout, '2'));
};

const fullDiskSays = 'nothing is commanded that cannot be written down, readiness says so, and room is all it takes';

test(`files that may not grow: ${fullDiskSays}`, async (t) => {
  const disk = noBytesLeft();
  t.after(disk.makeRoom);
  await fullDisk(t, folderOf(t), disk);
});

const probe = mkdtempSync(join(tmpdir(), 'tapegraph-mount-'));
const mayMount = mountsSmallDisk(probe);
if (mayMount) spawnSync('umount', ['-l', probe]);
rmSync(probe, { recursive: true, force: true });

test(`a full disk: ${fullDiskSays}`, { skip: mayMount ? false : 'no disk may be mounted here' }, async (t) => {
  const folder = folderOf(t);
  assert.ok(mountsSmallDisk(folder));
  await fullDisk(t, folder, smallFileSystem(folder));
});

test('a damaged file: the program refuses to start, says how to recover, and starts with the backup', async (t) => {
  const folder = folderOf(t);
  const file = join(folder, 'tapegraph.db');
  const copy = join(folder, 'copy.db');
  const recorder = await startRecorder(t, { agents: 2 });
  const configuration = join(folder, 'tapegraph.yaml');
  const document = { server: { port: 0 }, auth: { mode: 'none' }, store: { url: `sqlite:${file}` }, sources: [blockOf(recorder)] };
  writeFileSync(configuration, JSON.stringify(document));
  const { vendor, ...rest } = document.sources[0]!;
  assert.equal(vendor, 'uptivity');
  const server = await startServer(t, [{ vendor, ...rest }], { store: document.store });
  assert.equal(await succeeds(server, startBlackout, '2'), true);

  const backed = await runTapegraph(['backup', copy, '--config', configuration]);
  assert.equal(backed.code, 0, backed.err);
  assert.match(backed.out, /backed up, and read back/);
  const again = await runTapegraph(['backup', copy, '--config', configuration]);
  assert.equal(again.code, 1);
  assert.match(again.err, /exists already/);
  assert.equal((await runTapegraph(['backup', '--config', configuration])).code, 2);
  await server.stop();

  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(8192, 0x5a), 0, 8192, 0);
  closeSync(handle);
  for (const suffix of ['-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
  const refused = await runTapegraph(['start', '--config', configuration]);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /damaged.*backup.*\.recover/);
  assert.doesNotMatch(refused.err, /at .*\.ts:\d+/, 'no stack, for it is no bug');
  assert.doesNotMatch(refused.out, /ready at/);

  copyFileSync(copy, file);
  const started = await runTapegraph(['start', '--config', configuration], (out) => out.includes('ready at'));
  assert.match(started.out, /^ready at http:\/\/127\.0\.0\.1:\d+\n$/);
  const verified = await runTapegraph(['audit', 'verify', '--config', configuration]);
  assert.match(verified.out, /the audit trail is whole/);
});

test('PostgreSQL that cuts every connection costs at most the requests of that moment', async (t) => {
  const database = await createTestDatabase();
  t.after(database.drop);
  const recorder = await startRecorder(t, { agents: 2 });
  const server = await startServer(t, [blockOf(recorder)], { store: { url: database.url } });
  t.after(server.stop);
  assert.equal(await succeeds(server, startBlackout, '2'), true);
  for (let round = 0; round < 3; round += 1) {
    await database.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await until('ready again', async () => (await readiness(server)).status === 200);
  }
  await until('the blackout ends', () => succeeds(server, stopBlackout, '2'));
  assert.equal(recorder.callsMade('POST /api/Blackout/StopForAgent'), 1);
});

const commandOf = (name: string, more = '') => `mutation ($id: String!) {
  ${name}(input: { agent: { key: { source: "hq", identifier: ID, value: $id } }${more} }) { __typename ... on Problem { code message retryable } }
}`;
const commands = [
  ...['startBlackout', 'stopBlackout', 'renewBlackout', 'startRecording'].map((name) => commandOf(name)),
  commandOf('updateRecording', ', metadata: [{ key: "user1", value: "x" }]'),
];

interface Failing {
  what: string;
  /** Returns what mends it. */
  fail(database: TestDatabase, proxy: TcpProxy): Promise<() => Promise<unknown> | unknown>;
}

const failings: readonly Failing[] = [
  {
    what: 'takes no writes',
    fail: async ({ query }) => {
      const set = (to: string) =>
        query(`begin read write;
          do $$ begin execute format('alter database %I set default_transaction_read_only = ${to}', current_database()); end $$;
          commit;
          select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`);
      await set('on');
      return () => set('off');
    },
  },
  {
    what: 'cannot be reached',
    fail: async (_, { cut, mend }) => {
      cut();
      return mend;
    },
  },
];

for (const { what, fail } of failings) {
  test(`PostgreSQL that ${what}: every command is answered with a Problem that says so, sends nothing, and works again after that`, async (t) => {
    const database = await createTestDatabase();
    t.after(database.drop);
    const proxy = await openTcpProxy(t, database.url, 5432);
    const recorder = await startRecorder(t, { agents: 2 });
    const server = await startServer(t, [blockOf(recorder)], { store: { url: proxy.url } });
    t.after(server.stop);
    await until('ready', async () => (await readiness(server)).status === 200);
    const mend = await fail(database, proxy);
    recorder.forgetRequests();
    for (const command of commands) {
      const { data, errors } = await server.ask(command, { id: '2' });
      assert.deepEqual(errors, undefined, command);
      assert.deepEqual(Object.values(data), [{ __typename: 'Problem', code: 'CONFLICT', message: cannotBeUsed, retryable: true }], command);
    }
    for (const path of ['StartForAgent', 'StopForAgent']) assert.equal(recorder.callsMade(`POST /api/Blackout/${path}`), 0);
    await mend();
    await until('ready again', async () => (await readiness(server)).status === 200);
    assert.equal(await succeeds(server, startBlackout, '2'), true);
  });
}

test('a slow query holds up who needs it, and nobody else', async (t) => {
  const database = await createTestDatabase();
  t.after(database.drop);
  const recorder = await startRecorder(t, { agents: 2 });
  const server = await startServer(t, [blockOf(recorder, { maxStalenessSeconds: 3600 })], { store: { url: database.url } });
  t.after(server.stop);
  await until(
    'the agents are known',
    async () => (await server.ask('{ agents(first: 1) { nodes { id } } }')).data.agents.nodes.length === 1,
  );
  const holding = database.query('begin; lock table commands in access exclusive mode; select pg_sleep(1.5); commit');
  await until('locked', async () => {
    const { rows } = await database.query(
      "select 1 from pg_locks where mode = 'AccessExclusiveLock' and granted and relation = 'commands'::regclass",
    );
    return rows.length > 0;
  });
  let answered = false;
  const commanding = succeeds(server, startBlackout, '2').finally(() => {
    answered = true;
  });
  for (let round = 0; round < 5; round += 1) {
    assert.equal((await server.ask('{ agents(first: 1) { nodes { id } } }')).data.agents.nodes.length, 1);
  }
  assert.equal(answered, false, 'reads overtake the command that waits');
  await holding;
  assert.equal(await commanding, true);
});
