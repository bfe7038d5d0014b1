import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import pg from 'pg';
import type { StoreOperations } from '../../src/domain/ports/store.ts';
import { inTransaction } from '../../src/storage/postgres-transaction.ts';
import { verifyAudit } from '../../src/storage/verify-audit.ts';
import { agent, allStores, at, blackout, call, createPostgres, event, type StoreUnderTest, sharedStores } from './stores.ts';

const key = (externalId: string) => ({ source: 'hq', externalId });

for (const [name, create] of allStores) {
  describe(`transactions in ${name}`, () => {
    let subject: StoreUnderTest;
    before(async () => {
      subject = await create();
    });
    after(() => subject.close());

    test('all of it or nothing, and a failure takes nobody else along', async () => {
      const { store } = subject;
      const outcomes = await Promise.allSettled(
        Array.from({ length: 9 }, (_, index) =>
          store.transaction(async (open) => {
            await open.agents.put([agent(`t${index}`)]);
            await open.calls.put([call(`t${index}`)]);
            assert.equal((await open.agents.byKeys([key(`t${index}`)]))[0]?.externalId, `t${index}`);
            // The second of the two is refused; PostgreSQL runs them side by side.
            if ((index === 4 || index === 5) && !(await open.blackouts.insert(blackout('same')))) throw new Error('another is open');
            if (index === 7) throw new Error('no');
            return index;
          }),
        ),
      );
      const landed = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      assert.equal(landed.length, 7);
      const keys = Array.from({ length: 9 }, (_, index) => key(`t${index}`));
      const there = (await store.agents.byKeys(keys)).flatMap((row, index) => (row === null ? [] : [index]));
      assert.deepEqual(there, landed);
      assert.deepEqual(
        (await store.calls.byKeys(keys)).flatMap((row, index) => (row === null ? [] : [index])),
        landed,
      );
    });

    test('a read outside sees nothing of a transaction that is still open', async () => {
      const { store } = subject;
      const written = Promise.withResolvers<void>();
      let outside: Promise<unknown> = Promise.resolve();
      const inside = store.transaction(async (open) => {
        await open.agents.put([agent('unseen')]);
        written.resolve();
        await new Promise((resolve) => setImmediate(resolve));
        throw new Error('undone');
      });
      await written.promise;
      outside = store.agents.byKeys([key('unseen')]);
      await assert.rejects(inside, /undone/);
      assert.deepEqual(await outside, [null]);
    });

    test('what a transaction appends to the trail stands in it in that order, and only where it was committed', async () => {
      const { store } = subject;
      const head = await store.audit.head();
      const entry = (number: number) => ({ at: at(number), actor: 'writer', action: 'wrote', subject: { number } });
      const append = (number: number, fails = false) =>
        store.transaction(async (open) => {
          await open.audit.append([entry(number), entry(number + 1)]);
          if (number % 20 === 0) await open.events.append([event(String(number))]);
          await open.audit.append([entry(number + 2)]);
          if (fails) throw new Error('undone');
        });
      const outcomes = await Promise.allSettled([append(0), append(10), append(20, true), append(30), store.audit.append([entry(99)])]);
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
      );
      const rows = await store.audit.rows(head.sequence, 100);
      const numbers = rows.map(({ subject }) => (subject as { number: number }).number);
      assert.deepEqual(
        [...numbers].sort((left, right) => left - right),
        [0, 1, 2, 10, 11, 12, 30, 31, 32, 99],
      );
      for (const first of [0, 10, 30]) {
        const own = numbers.filter((number) => number >= first && number < first + 10);
        assert.deepEqual(own, [first, first + 1, first + 2]);
      }
      assert.deepEqual(await verifyAudit(store), { rows: head.sequence + 10, fault: null });
    });

    test('what is read to be written is not written by another meanwhile', async () => {
      const { store } = subject;
      await store.agents.put([agent('count', { businessUnit: '0' }), agent('count2', { businessUnit: '0' })]);
      const keys = [key('count'), key('count2')];
      await Promise.all(
        Array.from({ length: 25 }, (_, index) =>
          store.transaction(async (open) => {
            const rows = await open.agents.byKeys(index % 2 ? keys : [...keys].reverse());
            await open.agents.put(rows.map((row) => ({ ...row!, businessUnit: String(Number(row!.businessUnit) + 1) })));
          }),
        ),
      );
      assert.deepEqual(
        (await store.agents.byKeys(keys)).map((row) => row?.businessUnit),
        ['25', '25'],
      );
    });
  });
}

for (const [name, create] of sharedStores) {
  test(`${name}: two servers give event ids in commit order`, async () => {
    const subject = await create();
    try {
      const other = await subject.open();
      const seen: number[] = [];
      const follow = async () => {
        for (let last = 0; seen.length < 60; last = seen.at(-1) ?? 0) {
          seen.push(...(await subject.store.events.after(last, 100)).map((row) => row.id));
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      const append = (index: number) =>
        (index % 2 ? subject.store : other).transaction(async (open) => {
          await open.agents.put([agent(String(index % 5))]);
          await open.events.append([event('one'), event('two')]);
        });
      await Promise.all([follow(), ...Array.from({ length: 30 }, (_, index) => append(index))]);
      assert.deepEqual(
        seen,
        Array.from({ length: 60 }, (_, index) => index + 1),
      );
    } finally {
      await subject.close();
    }
  });

  test(`${name}: what was acknowledged is there after kill -9, and the trail is whole`, async () => {
    const subject = await create();
    try {
      const child = spawn(process.execPath, ['--import', 'tsx', 'test/storage/writer.ts', subject.url], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const acknowledged: number[] = [];
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged.push(Number(line));
        if (acknowledged.length === 300) child.kill('SIGKILL');
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      assert.equal(child.signalCode, 'SIGKILL');
      const store = await subject.open();
      const rows = await store.agents.byKeys(acknowledged.map((number) => key(String(number))));
      assert.deepEqual(
        rows.map((row) => Number(row?.externalId)),
        acknowledged,
      );
      const { fault, rows: audited } = await verifyAudit(store);
      assert.equal(fault, null);
      assert.ok(audited >= acknowledged.length);
      assert.equal((await store.events.bounds()).last, audited);
    } finally {
      await subject.close();
    }
  });
}

describe('PostgreSQL: a connection that breaks fails its transaction and nothing else', () => {
  const mine = "from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database() and application_name = 'tapegraph'";
  let subject: StoreUnderTest;
  before(async () => {
    subject = await createPostgres();
  });
  after(() => subject.close());

  const isStored = async (externalId: string) => (await subject.store.agents.byKeys([key(externalId)]))[0] !== null;

  test('between two statements', async () => {
    const { store, tamper } = subject;
    const broken = store.transaction(async (open) => {
      await open.agents.put([agent('between')]);
      await tamper(`select pg_terminate_backend(pid, 5000) ${mine}`);
      // The news of the end may come after another answer.
      for (;;) await open.agents.byKeys([key('between')]);
    });
    await assert.rejects(broken);
    assert.equal(await isStored('between'), false);
  });

  test('what is written with the commit undoes all of it where it fails', async () => {
    const { store } = subject;
    const undone = store.transaction(async (open) => {
      await open.agents.put([agent('before')]);
      await open.events.append([event('before', { at: 'at no time' })]);
    });
    await assert.rejects(undone, /bigint/);
    assert.equal(await isStored('before'), false);
    await store.transaction((open) => open.agents.put([agent('before')]));
    assert.equal(await isStored('before'), true);
  });

  type Run = (text: string) => Promise<unknown>;
  const failures: Record<string, (run: Run) => Promise<unknown>> = {
    'where one that it made fail is awaited before it': async (run) => {
      const deep = Promise.all([Promise.all([run('select 1/0')])]);
      deep.catch(() => undefined);
      await run('select 1');
      await deep;
    },
    'where nobody awaits it': async (run) => run('select 1/0').catch(() => undefined),
  };
  for (const [how, work] of Object.entries(failures)) {
    test(`the statement that failed first is the one reported, also ${how}`, async () => {
      const pool = new pg.Pool({ connectionString: subject.url, max: 1 });
      const failing = inTransaction(pool, ({ read }) => work((text) => read((database) => sql.raw(text).execute(database))));
      await assert.rejects(failing, { code: '22012' });
      await pool.end();
    });
  }

  test('what is sent ahead is seen by what is sent after it, and fails the commit where it failed', async () => {
    const pool = new pg.Pool({ connectionString: subject.url, max: 1 });
    const sendAhead = (key: string, value: string) =>
      inTransaction(pool, ({ write }) =>
        write(async (database, send) => {
          await send(database.insertInto('vendor_state').values({ source: 'hq', key, value }));
          return database.selectFrom('vendor_state').select('value').where('key', '=', key).execute();
        }),
      );
    assert.deepEqual(await sendAhead('ahead', '1'), [{ value: '1' }]);
    await assert.rejects(sendAhead('ahead', '2'), { code: '23505' });
    const unanswered = inTransaction(pool, ({ write }) =>
      write((database, send) => send(database.insertInto('vendor_state').values({ source: 'hq', key: 'ahead', value: '3' }))),
    );
    await assert.rejects(unanswered, { code: '23505' });
    await pool.end();
    assert.equal(await subject.store.vendorState('hq').get('ahead'), 1);
  });

  test('what is read unlocked holds nobody up, shows what the transaction wrote, and leaves the other reads their locks', async () => {
    const { store } = subject;
    const keys = [key('judged')];
    await store.agents.put([agent('judged', { businessUnit: 'before' })]);
    const unitIn = async (operations: StoreOperations) => (await operations.agents.byKeys(keys))[0]?.businessUnit;
    await store.transaction(async (open) => {
      await open.agents.byKeys(keys);
      await open.agents.put([agent('judged', { businessUnit: 'within' })]);
      assert.equal(await unitIn(open.unlocked), 'within');
      assert.equal(await store.transaction((other) => unitIn(other.unlocked)), 'before');
    });
    let isRead = false;
    const locked = store.transaction(async (open) => {
      await open.unlocked.agents.byKeys(keys);
      await open.agents.byKeys(keys);
      const other = store.transaction(async (late) => {
        await late.agents.byKeys(keys);
        isRead = true;
      });
      while ((await subject.tamper(`select pid ${mine} and wait_event_type = 'Lock'`)).length === 0);
      assert.equal(isRead, false);
      return { other };
    });
    await (await locked).other;
  });

  test('what comes after the end is refused', async () => {
    const { store } = subject;
    const late = await store.transaction(async (open) => open.agents);
    await assert.rejects(late.put([agent('late')]), /transaction is over/);
    await assert.rejects(late.byKeys([key('late')]), /transaction is over/);
    const log = await store.transaction(async (open) => open.events);
    await assert.rejects(log.append([event('late')]), /transaction is over/);
    assert.equal(await isStored('late'), false);
  });

  test('in a statement', async () => {
    const { store, tamper } = subject;
    await store.transaction(async (open) => {
      await open.agents.put([agent('within')]);
      // A write waits for no answer; the read behind it does, and the row is locked then.
      await open.agents.byKeys([key('within')]);
      const broken = assert.rejects(store.agents.put([agent('within')]));
      const waits = `${mine} and wait_event_type = 'Lock'`;
      while ((await tamper(`select pid ${waits}`)).length === 0);
      await tamper(`select pg_terminate_backend(pid) ${waits}`);
      await broken;
    });
    assert.equal(await isStored('within'), true);
  });
});
