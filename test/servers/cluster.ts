/** Real server processes that share a PostgreSQL database and a RabbitMQ exchange, and the clients that talk to them. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { Connection } from 'rabbitmq-client';
import { tapegraphProgram } from '../support/program.ts';
import { createTestDatabase, rabbitUrl, type TestDatabase } from '../support/services.ts';

const folder = mkdtempSync(join(tmpdir(), 'tapegraph-cluster-'));
after(() => rm(folder, { recursive: true, force: true }));

export interface ServerProcess {
  name: string;
  url: string;
  process: ChildProcess;
  /** Returns its log so far. */
  log(): string;
  /** Such as SIGKILL; resolves when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at as JSON.
  ask(query: string, variables?: Record<string, unknown>): Promise<any>;
}

export interface ServerOptions {
  /** Instead of the shared ones, such as a way that can be cut. */
  busUrl?: string;
  storeUrl?: string;
  sources: readonly Record<string, unknown>[];
}

export interface Cluster {
  database: TestDatabase;
  busUrl: string;
  start(name: string, options: ServerOptions): Promise<ServerProcess>;
  /** Runs the command line with this configuration to its end. */
  run(args: readonly string[], document: Record<string, unknown>): Promise<{ code: number | null; output: string }>;
}

/** Waits until `check` gives something; the deadline is far off, since the machine may be busy. */
export const eventually = async <T>(what: string, check: () => T | Promise<T>, withinMs = 30_000): Promise<NonNullable<T>> => {
  const endMs = performance.now() + withinMs;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (performance.now() > endMs) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

export const createCluster = async (test: TestContext): Promise<Cluster> => {
  const [database, busUrl] = await Promise.all([createTestDatabase(), rabbitUrl()]);
  test.after(database.drop);
  const exchange = `test.${randomUUID()}`;
  test.after(async () => {
    const connection = new Connection(busUrl);
    await connection.exchangeDelete({ exchange });
    await connection.close();
  });

  const write = async (document: Record<string, unknown>): Promise<string> => {
    const file = join(folder, `${randomUUID()}.yaml`);
    await writeFile(file, JSON.stringify(document));
    return file;
  };

  return {
    database,
    busUrl,
    start: async (name, { sources, busUrl: ownBusUrl = busUrl, storeUrl = database.url }) => {
      const file = await write({
        server: { port: 0, name },
        auth: { mode: 'none' },
        store: { url: storeUrl },
        bus: { url: ownBusUrl, exchange },
        media: { signingKey: 'the same for every server of the test' },
        sources,
      });
      const child = spawn(process.execPath, [...tapegraphProgram, 'start'], {
        cwd: folder,
        env: { ...process.env, NODE_OPTIONS: '', TAPEGRAPH_CONFIG: file },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let out = '';
      let logged = '';
      child.stdout.on('data', (chunk) => {
        out += chunk;
      });
      child.stderr.on('data', (chunk) => {
        logged += chunk;
      });
      const gone = once(child, 'exit');
      const kill = async (signal: NodeJS.Signals) => {
        if (child.exitCode === null && child.signalCode === null) child.kill(signal);
        await gone;
      };
      test.after(() => kill('SIGKILL'));
      const url = await eventually(`server ${name} is ready; it says ${logged}`, () => {
        assert.equal(child.exitCode, null, logged);
        return /^ready at (\S+)$/m.exec(out)?.[1];
      });
      return {
        name,
        url,
        process: child,
        log: () => logged,
        kill,
        ask: async (query, variables = {}) => {
          const response = await fetch(`${url}/graphql`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
            body: JSON.stringify({ query, variables }),
          });
          const { data, errors } = (await response.json()) as { data: unknown; errors?: unknown };
          assert.equal(errors, undefined, JSON.stringify(errors));
          return data;
        },
      };
    },
    run: async (args, document) => {
      const child = spawn(process.execPath, [...tapegraphProgram, ...args, '--config', await write(document)], {
        cwd: folder,
        env: { ...process.env, NODE_OPTIONS: '' },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk) => {
          output += chunk;
        });
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, output };
    },
  };
};
