/** The store behind PgBouncer as it is shipped: no start-up parameters but the common ones, and in transaction pooling no state between two transactions. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import pg from 'pg';
import { openStore } from '../../src/storage/index.ts';
import { verifyAudit } from '../../src/storage/verify-audit.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { freePort } from '../support/free-port.ts';
import { installPackages } from '../support/packages.ts';
import { createTestDatabase, postgresAnswers, type TestDatabase } from '../support/services.ts';
import { agent, at, event, temporaryFolder } from './stores.ts';

const program = '/usr/sbin/pgbouncer';
if (!existsSync(program)) installPackages(['pgbouncer'], 'true');

const startBouncer = async (database: TestDatabase, mode: 'session' | 'transaction') => {
  const folder = temporaryFolder();
  const target = new URL(database.url);
  const port = await freePort();
  const name = target.pathname.slice(1);
  const login = `user=${target.username}${target.password === '' ? '' : ` password=${target.password}`}`;
  const file = `${folder.path}/pgbouncer.ini`;
  writeFileSync(
    file,
    `[databases]
${name} = host=${target.hostname} port=${target.port || 5432} dbname=${name} ${login}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
`,
  );
  chmodSync(folder.path, 0o755);
  const asRoot = execFileSync('id', ['-u']).toString().trim() === '0';
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(program, [...(asRoot ? ['-u', 'postgres'] : []), '-q', file], { stdio: 'ignore' });
    while (!(await postgresAnswers(url))) {
      if (child.exitCode !== null) throw new Error('PgBouncer did not start.');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return child;
  };
  const stop = async (child: ChildProcess) => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  const url = `postgres://${target.username}@127.0.0.1:${port}/${name}`;
  return { url, start, stop, remove: folder.remove };
};

for (const mode of ['session', 'transaction'] as const) {
  test(`PgBouncer in ${mode} pooling: everything is written, nothing leaks, and it may be started again`, async () => {
    const database = await createTestDatabase();
    const bouncer = await startBouncer(database, mode);
    let child = await bouncer.start();
    const tools = { clock: createManualClock(), ids: { next: () => 'id' } };
    const store = await openStore(bouncer.url, tools);
    const write = (name: string) =>
      store.transaction(async (open) => {
        await open.agents.put([agent(name)]);
        await open.events.append([event(name)]);
        await open.audit.append([{ at: at(0), actor: 'board', action: 'test', subject: { name } }]);
      });
    try {
      await Promise.all(Array.from({ length: 40 }, (_, index) => write(String(index))));
      assert.equal((await store.events.after(0, 100)).length, 40);
      assert.deepEqual(await verifyAudit(store), { rows: 40, fault: null });
      assert.equal(await store.leases.acquire('observe:hq', 'one', 1_000), true);

      const limits = await store.transaction(async () => {
        const client = new pg.Client({ connectionString: bouncer.url });
        await client.connect();
        const { rows } = await client.query(
          "select current_setting('statement_timeout') as statement, current_setting('idle_in_transaction_session_timeout') as idle",
        );
        await client.end();
        return rows;
      });
      assert.deepEqual(limits, [{ statement: '0', idle: '0' }], 'another client meets none of our limits');

      await bouncer.stop(child);
      await assert.rejects(write('away'));
      child = await bouncer.start();
      await write('back');
      assert.equal((await store.agents.byKeys([{ source: 'hq', externalId: 'back' }]))[0]?.externalId, 'back');
    } finally {
      await store.close();
      await bouncer.stop(child);
      bouncer.remove();
      await database.drop();
    }
  });
}
