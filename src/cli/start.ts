import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import packageJson from '../../package.json' with { type: 'json' };
import type { Log } from '../domain/ports/log.ts';
import type { Tapegraph } from '../main.ts';
import { createProcessLog } from '../observability/log.ts';
import { configured, required } from './configured.ts';
import type { Demo } from './demo.ts';
import { type Command, type Flags, portIn, portOf, UsageError, wholeNumber } from './options.ts';
import { assertCanStart } from './start-checks.ts';
import { untilSignal } from './until-signal.ts';

/** How long streams, requests and commands may take to end, of the ten seconds for the whole. */
const graceMs = 8000;

/** The built pages: beside the built server, or below the root of the sources. */
const pagesDirectory = (): string => {
  const candidates = ['./web', '../../dist/web'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  return candidates.find((path) => existsSync(`${path}/index.html`)) ?? candidates[0]!;
};

const demoOf = async (flags: Flags, port: number | undefined): Promise<Demo> => {
  const { startDemo } = await import('./demo.ts');
  return startDemo({
    host: flags.host,
    port: port ?? portOf(process.env),
    seed: wholeNumber(flags, 'seed', { least: 0, most: 2 ** 31 }) ?? 1,
  });
};

const demoText = (url: string): string =>
  `No configuration found: running the demo with simulated recorders.
  wallboard   ${url}/
  playground  ${url}/graphql
Stop it with Ctrl-C. To use your own recorders, write ./tapegraph.yaml; see src/docs/operating.md.
`;

/** Names the kind of store or bus: the rest of the URL may hold a password. */
const schemeOf = (url: string): string => url.slice(0, url.indexOf(':'));

/** Loads changed API keys; keeps the current keys if the configuration has an error. */
const reload = async (flags: Flags, { replaceKeys }: Tapegraph, log: Log): Promise<void> => {
  if (!replaceKeys) {
    log.warn('nothing was reloaded: a reload changes API keys, which this server does not use; every other change needs a restart');
    return;
  }
  try {
    const { auth } = await required(flags);
    if (auth.mode !== 'apiKeys')
      throw new Error(`auth.mode is now ${auth.mode}; restart the server to change it. The API keys stay as they are.`);
    replaceKeys(auth.apiKeys);
    log.info('API keys reloaded');
  } catch (error) {
    log.error('the configuration was not reloaded', { error });
  }
};

export const start: Command = {
  summary: 'run the server; without a configuration, the demo',
  details: 'It prints "ready at URL" when it listens. SIGTERM stops it within ten seconds. SIGHUP reloads the API keys.',
  options: ['config', 'host', 'port', 'seed'],
  run: async (flags) => {
    const configuration = await configured(flags);
    const port = portIn(flags);
    for (const name of ['host', 'seed'] as const)
      if (configuration && flags[name] !== undefined)
        throw new UsageError(`--${name} is for the demo; ${name === 'host' ? 'set server.host in the configuration' : 'leave it out'}.`);
    const demo = configuration === null ? await demoOf(flags, port) : null;
    const chosen = configuration ?? demo!.configuration;
    if (configuration && port !== undefined) chosen.server.port = port;
    await assertCanStart(chosen);
    const { startTapegraph } = await import('../main.ts');
    const log = createProcessLog(demo ? 'warn' : chosen.log.level);
    // graphql-js leaves a rejection behind where a later item of a list fails at once: a fault to log, no reason to end.
    process.on('unhandledRejection', (error) => log.error('a promise was rejected and nothing handled it', { error }));
    const starting = startTapegraph(chosen, {
      log,
      logLinesDropped: log.dropped,
      pagesDirectory: pagesDirectory(),
      isDemo: demo !== null,
    });
    if (configuration) {
      const reloadOnceStarted = () => starting.then((started) => reload(flags, started, log)).catch(() => undefined);
      process.on('SIGHUP', () => void reloadOnceStarted());
    }
    const tapegraph = await starting;
    demo?.connect(tapegraph.url);
    untilSignal(async (signal) => {
      log.info('the server stops', { signal });
      await tapegraph.close(graceMs);
      await demo?.close();
      log.info('the server has stopped', {});
    });
    const { server, store, bus, sources } = chosen;
    log.info('the server is ready', {
      version: packageJson.version,
      host: server.host,
      port: server.port,
      store: schemeOf(store.url),
      bus: schemeOf(bus.url),
      sources: sources.map(({ settings }) => settings.name).join(' '),
    });
    process.stdout.write(`${demo ? demoText(tapegraph.url) : ''}ready at ${tapegraph.url}\n`);
  },
};
