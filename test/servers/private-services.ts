/** A PostgreSQL and a RabbitMQ of the test's own, to be killed and started again; null where their programs are not installed. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import pg from 'pg';
import { Connection } from 'rabbitmq-client';
import { freePort } from '../support/free-port.ts';
import { eventually } from './cluster.ts';

export interface PrivateService {
  url: string;
  /** SIGKILL to all of its processes; resolves when they are gone. */
  kill(): Promise<void>;
  /** Starts it again on its port and its data; resolves when it answers. */
  start(): Promise<void>;
}

/** Neither program runs as root. */
const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

const ownFolder = (test: TestContext): string => {
  const folder = join(tmpdir(), `tapegraph-${randomUUID()}`);
  mkdirSync(folder);
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
  test.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

/** The newest version's folder below `parent` that holds `program`. */
const findProgram = (parent: string, program: string): string | null => {
  const versions = existsSync(parent) ? readdirSync(parent).sort().reverse() : [];
  return versions.map((version) => join(parent, version, program)).find((path) => existsSync(path)) ?? null;
};

const answersSql = async (url: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  return client
    .connect()
    .then(() => true)
    .catch(() => false)
    .finally(() => client.end().catch(() => undefined));
};

/** Runs SQL, each time in a connection of its own. */
export const queryAt = (url: string) => async (text: string, values?: unknown[]) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client.query(text, values).finally(() => client.end());
};

const answersAmqp = async (url: string): Promise<boolean> => {
  const connection = new Connection({ url });
  connection.on('error', () => undefined);
  try {
    await connection.onConnect(1000);
    return true;
  } catch {
    return false;
  } finally {
    connection.unsafeDestroy();
  }
};

const run = (test: TestContext, url: string, launch: () => ChildProcess, answers: (url: string) => Promise<boolean>): PrivateService => {
  let child: ChildProcess | null = null;
  const kill = async () => {
    if (child === null) return;
    const { pid } = child;
    const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
    child = null;
    // The whole process group: a database has a process a connection.
    process.kill(-pid!, 'SIGKILL');
    await gone;
  };
  test.after(() => kill().catch(() => undefined));
  return {
    url,
    kill,
    start: async () => {
      child = launch();
      let said = '';
      for (const stream of [child.stdout!, child.stderr!])
        stream.on('data', (chunk) => {
          said = `${said}${chunk}`.slice(-4000);
        });
      await eventually(`a service of the test's own answers; it says ${said}`, () => answers(url), 60_000);
    },
  };
};

const postgresPrograms = findProgram('/usr/lib/postgresql', 'bin');
export const hasPostgres = postgresPrograms !== null;

const runPostgres = async (test: TestContext, make: (programs: string, data: string) => [string, string[]]): Promise<PrivateService> => {
  const programs = postgresPrograms!;
  const data = join(ownFolder(test), 'data');
  const port = await freePort();
  const made = spawnSync(...make(programs, data), { ...user, cwd: tmpdir(), encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  const settings = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', ''];
  const launch = () =>
    spawn(join(programs, 'postgres'), settings, { ...user, cwd: tmpdir(), detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  return run(test, `postgres://tapegraph@127.0.0.1:${port}/postgres`, launch, answersSql);
};

export const preparePostgres = async (test: TestContext): Promise<PrivateService | null> => {
  if (!hasPostgres) return null;
  return runPostgres(test, (programs, data) => [
    join(programs, 'initdb'),
    ['-D', data, '-U', 'tapegraph', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C'],
  ]);
};

/** A hot standby of a PostgreSQL that runs: read-only until it is promoted. */
export const preparePostgresStandby = (test: TestContext, primary: PrivateService): Promise<PrivateService> =>
  runPostgres(test, (programs, data) => [
    join(programs, 'pg_basebackup'),
    ['-D', data, '-d', primary.url, '--write-recovery-conf', '--checkpoint=fast', '--no-sync'],
  ]);

export const prepareRabbit = async (test: TestContext): Promise<PrivateService | null> => {
  const program = findProgram('/usr/lib/rabbitmq/lib', 'sbin/rabbitmq-server');
  if (program === null) return null;
  const folder = ownFolder(test);
  const [port, distributionPort] = [await freePort(), await freePort()];
  writeFileSync(join(folder, 'rabbitmq.conf'), `listeners.tcp.default = 127.0.0.1:${port}\n`);
  writeFileSync(join(folder, 'plugins'), '[].\n');
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    LANG: 'C.UTF-8',
    RABBITMQ_NODENAME: `tapegraph-${randomUUID().slice(0, 8)}@localhost`,
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_GENERATED_CONFIG_DIR: join(folder, 'config'),
    RABBITMQ_SCHEMA_DIR: join(folder, 'schema'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_DIST_PORT: String(distributionPort),
  };
  const launch = () => spawn(program, [], { ...user, env, cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  return run(test, `amqp://guest:guest@127.0.0.1:${port}`, launch, answersAmqp);
};
