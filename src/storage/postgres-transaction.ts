/** A transaction on PostgreSQL in few round trips: statements that are issued together are sent together, and the last ones with the commit. */
import { type CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import type { Executor, Send as SendStatements, Tables } from './tables.ts';

/**
 * The locks of a server that hangs or was cut off are gone after this time. Set for each transaction, since PgBouncer refuses such
 * settings at the start of a connection, and in transaction pooling hands a connection with what was set for good to other clients.
 */
export const begin = 'begin; set local statement_timeout = 30000; set local idle_in_transaction_session_timeout = 15000';

type Send = (text: string, values?: readonly unknown[]) => Promise<pg.QueryResult>;

/** SQLSTATE of what is refused, or rolled back, because an earlier statement of the transaction failed. */
const afterFailure = '25P02';

/** Sends on one connection. `causeOf` answers, for an error that only follows from an earlier one, the first in the order of the answers. */
const senderOn = (client: pg.PoolClient): { send: Send; causeOf(error: unknown): unknown } => {
  let first: unknown;
  return {
    send: (text, values = []) =>
      client.query(text, [...values]).catch((error: unknown) => {
        first ??= error;
        throw error;
      }),
    causeOf: (error) => ((error as { code?: unknown } | null)?.code === afterFailure ? (first ?? error) : error),
  };
};

/** Its statements go through `send` without waiting for those before, which the one connection of Kysely's own transactions would do. */
const databaseOver = (send: Send) => {
  const client = { query: send, release: () => undefined } as never;
  const pool = { connect: async () => client, end: async () => undefined, options: {} };
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
};

/** Sends these statements and the commit together: where one fails, PostgreSQL makes a rollback of the commit. */
const commit = async (send: Send, last: readonly CompiledQuery[]): Promise<void> => {
  const sent = [...last.map(({ sql, parameters }) => send(sql, parameters)), send('commit')];
  const failed = (await Promise.allSettled(sent)).find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
  if (failed) throw failed.reason;
  if ((await sent.at(-1)!).command !== 'COMMIT') {
    throw Object.assign(new Error('PostgreSQL rolled the transaction back.'), { code: afterFailure });
  }
};

/**
 * Runs `work` in one transaction that begins with `opening`. Sends its first reads with that; writes nothing before it was done. Where a statement
 * failed, throws its error, whichever of those that follow from it was awaited first: callers repeat the work by its code.
 */
export const inTransaction = async <T>(pool: pg.Pool, work: (inside: Executor) => Promise<T>, opening = begin): Promise<T> => {
  const client = await pool.connect();
  const { send, causeOf } = senderOn(client);
  let isOver = false;
  const refuseLate = (): void => {
    if (isOver) throw new Error('The transaction is over.');
  };
  const database = databaseOver(async (text, values) => {
    refuseLate();
    return send(text, values);
  });
  const last: CompiledQuery[] = [];
  const begun = send(opening);
  begun.catch(() => undefined);
  const read: Executor['read'] = (inner) => inner(database);
  const sendAhead: SendStatements = async (...statements) => {
    refuseLate();
    for (const { sql, parameters } of statements.map((one) => one.compile())) send(sql, parameters).catch(() => undefined);
  };
  const write: Executor['write'] = async (inner) => {
    await begun;
    return inner(database, sendAhead);
  };
  try {
    const result = await work({
      read,
      readLog: read,
      write,
      statement: write,
      append: async (statements) => {
        refuseLate();
        last.push(...statements(database).map((one) => one.compile()));
      },
      locks: true,
    });
    await begun;
    isOver = true;
    await commit(send, last);
    client.release();
    return result;
  } catch (error) {
    isOver = true;
    await send('rollback').then(
      () => client.release(),
      (failure: Error) => client.release(failure),
    );
    throw causeOf(error);
  }
};
