/** The real PostgreSQL and RabbitMQ that tests run against: from the environment, else on this machine, installed if need be. */
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import pg from 'pg';
import { installPackages } from './packages.ts';

/** The first that answers, with the URL's database to spare; null when none does. */
const firstAnswering = async <T>(candidates: readonly T[], answers: (candidate: T) => Promise<boolean>): Promise<T | null> => {
  for (const candidate of candidates) if (await answers(candidate)) return candidate;
  return null;
};

const resolve = async (
  candidates: readonly string[],
  answers: (url: string) => Promise<boolean>,
  prepare: () => void,
  help: string,
): Promise<string> => {
  const found = await firstAnswering(candidates, answers);
  if (found !== null) return found;
  prepare();
  for (let attempt = 0; attempt < 60; attempt += 1) {
    const url = await firstAnswering(candidates, answers);
    if (url !== null) return url;
    await new Promise((done) => setTimeout(done, 500));
  }
  throw new Error(help);
};

export const postgresAnswers = async (url: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
};

const portAnswers = (url: string): Promise<boolean> =>
  new Promise((done) => {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) || 5672 });
    const end = (answer: boolean) => {
      socket.destroy();
      done(answer);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });

const { DATABASE_URL: databaseUrl, AMQP_URL: amqpUrl } = process.env;

/** A PostgreSQL URL that answers, whose role may create databases. */
export const postgresUrl = (): Promise<string> =>
  resolve(
    databaseUrl ? [databaseUrl] : ['postgres://root@127.0.0.1:5432/test', 'postgres://tapegraph:tapegraph@127.0.0.1:5432/postgres'],
    postgresAnswers,
    () =>
      databaseUrl ||
      installPackages(
        ['postgresql'],
        `pg_lsclusters -h | grep -q online || service postgresql start
         su postgres -c "psql -qc \\"create role tapegraph superuser login password 'tapegraph'\\"" || true`,
      ),
    'These tests need PostgreSQL: set DATABASE_URL, or run one on 127.0.0.1:5432 with a role tapegraph (password tapegraph) that may create databases.',
  );

/** An AMQP URL that answers. Take an exchange of your own on it. */
export const rabbitUrl = (): Promise<string> =>
  resolve(
    [amqpUrl || 'amqp://guest:guest@127.0.0.1:5672'],
    portAnswers,
    () => amqpUrl || installPackages(['rabbitmq-server'], 'service rabbitmq-server start'),
    'These tests need RabbitMQ: set AMQP_URL, or run one on 127.0.0.1:5672.',
  );

export interface TestDatabase {
  url: string;
  /** Runs SQL beside the store, in a connection of its own. */
  query(text: string, values?: unknown[]): Promise<pg.QueryResult>;
  drop(): Promise<void>;
}

/** A new, empty PostgreSQL database; drop it when the tests are done. */
export const createTestDatabase = async (): Promise<TestDatabase> => {
  const server = await postgresUrl();
  const name = `tapegraph_${randomUUID().replaceAll('-', '')}`;
  const run = async (connectionString: string, text: string, values: unknown[] = []) => {
    const client = new pg.Client({ connectionString });
    await client.connect();
    try {
      return await client.query(text, values);
    } finally {
      await client.end();
    }
  };
  await run(server, `create database ${name}`);
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href;
  return {
    url,
    query: (text, values) => run(url, text, values),
    drop: async () => {
      await run(server, `drop database if exists ${name} with (force)`);
    },
  };
};
