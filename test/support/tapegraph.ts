import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { readConfiguration } from '../../src/config/load.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { startTapegraph, type Tapegraph } from '../../src/main.ts';
import { startUptivitySimulator, type UptivitySimulator, type UptivitySimulatorOptions } from '../../src/simulators/uptivity/index.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import type { GraphQLBody } from './graphql-server.ts';
import { createListLog, type LogLine } from './list-log.ts';

export interface Answer extends GraphQLBody {
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at as JSON.
  data?: any;
}

export interface RunningTapegraph {
  url: string;
  logged: readonly LogLine[];
  ask(query: string, variables?: Record<string, unknown>, headers?: Record<string, string>): Promise<Answer>;
  /** Stops it before the test ends, as a restart does. */
  stop(): Promise<void>;
}

/** The real server with these blocks of `sources:`, on a free port; closed with the test. */
export const startServer = async (
  test: TestContext,
  sources: readonly object[],
  rest: Record<string, unknown> = {},
): Promise<RunningTapegraph> => {
  const document = { auth: { mode: 'none' }, store: { url: 'sqlite::memory:' }, ...rest, sources };
  const configuration = readConfiguration(
    { ...document, server: { port: 0, ...(rest.server as object) } },
    { modules: vendorModules, environment: {}, where: 'the test' },
  );
  const { log, lines } = createListLog();
  const tapegraph: Tapegraph = await startTapegraph(configuration, { log, pagesDirectory: '/nowhere' });
  let stopped: Promise<void> | null = null;
  const stop = () => (stopped ??= tapegraph.close(200));
  test.after(stop);
  return {
    url: tapegraph.url,
    logged: lines,
    stop,
    ask: async (query, variables = {}, headers = {}) => {
      const response = await fetch(`${tapegraph.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers },
        body: JSON.stringify({ query, variables }),
      });
      return (await response.json()) as Answer;
    },
  };
};

/** A simulated recorder on the machine's own clock; closed with the test. */
export const startRecorder = async (test: TestContext, options: Partial<UptivitySimulatorOptions> = {}): Promise<UptivitySimulator> => {
  const simulator = await startUptivitySimulator({ clock: systemClock, ...options });
  test.after(simulator.close);
  return simulator;
};

/** A block of `sources:` for a simulated recorder. It polls once at the start, and then as good as never. */
export const blockOf = (simulator: Pick<UptivitySimulator, 'url'>, changes: Record<string, unknown> = {}) => ({
  name: 'hq',
  vendor: 'uptivity',
  baseUrl: simulator.url,
  timeZone: 'America/New_York',
  pollSeconds: 3600,
  maxStalenessSeconds: 0,
  circuit: { failures: 1000 },
  ...changes,
});

/** A recorder and the server in front of it, once the first poll has come; calls made so far are forgotten. */
export const startPair = async (
  test: TestContext,
  options: Partial<UptivitySimulatorOptions> = {},
  changes: Record<string, unknown> = {},
  rest: Record<string, unknown> = {},
) => {
  const simulator = await startRecorder(test, options);
  const server = await startServer(test, [blockOf(simulator, changes)], rest);
  while ((await server.ask('{ sources { health { lastContactAt } } }')).data.sources[0].health.lastContactAt === null) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  simulator.forgetRequests();
  return { simulator, ...server };
};

/** A path for a store in a file, in a folder that goes with the test. */
export const storeFile = async (test: TestContext): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'tapegraph-store-'));
  test.after(() => rm(folder, { recursive: true, force: true }));
  return `sqlite:${join(folder, 'tapegraph.db')}`;
};
