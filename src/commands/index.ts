/** Every command of the command line, by name. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { randomIds, systemClock } from '../clock.ts';
import { findConfiguration, loadConfiguration } from '../config/load.ts';
import { startDemo } from '../demo.ts';
import { createLog } from '../log.ts';
import { startTapegraph } from '../main.ts';
import { backupStore } from '../storage/backup.ts';
import { openStore, verifyAudit } from '../storage/index.ts';
import { moveStore } from '../storage/move.ts';
import { vendorModules } from '../vendors/registry.ts';

export interface Flags {
  config?: string | undefined;
  port?: string | undefined;
  host?: string | undefined;
  seed?: string | undefined;
  to?: string | undefined;
  /** What stands behind the command's name. */
  operands?: readonly string[];
}

export const usage = `tapegraph: one federated GraphQL API over every call recorder

  tapegraph start           run the server; without a configuration, the demo   [--config FILE] [--host HOST] [--port PORT] [--seed N]
  tapegraph simulate        run the simulated vendors alone, and print their configuration   [--seed N]
  tapegraph check-config    read the configuration and tell every fault in it   [--config FILE]
  tapegraph migrate         bring the store's schema up to date, or move it to another store   [--config FILE] [--to URL]
  tapegraph backup FILE     copy the SQLite store into a new file, also while the server runs   [--config FILE]
  tapegraph audit verify    check the audit trail for changed, missing and reordered rows   [--config FILE]
  tapegraph --help          this text

The configuration is the file named by --config or TAPEGRAPH_CONFIG, else ./tapegraph.yaml.
`;

/** The built pages, beside the built server or below the sources' parent. */
const pagesDirectory = (): string => {
  const candidates = ['./web', '../web', '../../dist/web'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  return candidates.find((path) => existsSync(`${path}/index.html`)) ?? candidates[0]!;
};

const configured = (flags: Flags) => {
  const file = flags.config ?? findConfiguration(process.env);
  return file === null ? null : loadConfiguration(file, vendorModules, process.env);
};

const required = (flags: Flags) => {
  const configuration = configured(flags);
  if (configuration) return configuration;
  process.stderr.write('There is no configuration: name one with --config or TAPEGRAPH_CONFIG, or write ./tapegraph.yaml.\n');
  process.exit(2);
};

const untilSignal = (close: () => Promise<void>): void => {
  let closing = false;
  const stop = async () => {
    if (closing) return;
    closing = true;
    const late = setTimeout(() => process.exit(1), 10_000);
    late.unref();
    await close();
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
};

const start = async (flags: Flags): Promise<void> => {
  const configuration = configured(flags);
  const demo =
    configuration === null
      ? await startDemo({
          ...(flags.host === undefined ? {} : { host: flags.host }),
          port: Number(flags.port ?? process.env.PORT ?? 4000),
          seed: Number(flags.seed ?? 1),
        })
      : null;
  const chosen = configuration ?? demo!.configuration;
  if (configuration && flags.port !== undefined) chosen.server.port = Number(flags.port);
  const log = createLog(demo ? 'warn' : chosen.log.level);
  const tapegraph = await startTapegraph(chosen, { log, pagesDirectory: pagesDirectory() });
  demo?.connect(tapegraph.url);
  if (configuration && tapegraph.replaceKeys) {
    process.on('SIGHUP', () => {
      try {
        tapegraph.replaceKeys?.(configured(flags)?.auth.apiKeys ?? []);
        log.info('API keys taken in anew');
      } catch (error) {
        log.error('the configuration was not taken in', { error });
      }
    });
  }
  untilSignal(async () => {
    await tapegraph.close(8000);
    await demo?.close();
  });
  process.stdout.write(`ready at ${tapegraph.url}\n`);
};

const simulate = async (flags: Flags): Promise<void> => {
  const demo = await startDemo({ seed: Number(flags.seed ?? 1) });
  process.stdout.write(
    `${JSON.stringify({ sources: demo.configuration.sources.map(({ module, settings }) => ({ vendor: module.type, ...settings })) }, null, 2)}\n`,
  );
  untilSignal(demo.close);
};

const checkConfig = async (flags: Flags): Promise<void> => {
  const { sources, server } = required(flags);
  process.stdout.write(
    `good: ${sources.length} ${sources.length === 1 ? 'source' : 'sources'} (${sources.map(({ settings }) => settings.name).join(', ')}), listening on ${server.host}:${server.port}\n`,
  );
};

const migrate = async (flags: Flags): Promise<void> => {
  const { store } = required(flags);
  if (flags.to !== undefined) {
    const progress = (table: string, done: number) => process.stderr.write(`\r${table}: ${done} rows        `);
    await moveStore(store.url, flags.to, progress as never);
    process.stderr.write('\n');
  } else {
    const opened = await openStore(store.url, { clock: systemClock, ids: randomIds });
    await opened.close();
  }
  process.stdout.write('the store is up to date\n');
};

const backup = async (flags: Flags): Promise<void> => {
  const [file, ...others] = flags.operands ?? [];
  if (file === undefined || others.length > 0) {
    process.stderr.write('Name one file to back up to: tapegraph backup FILE\n');
    process.exit(2);
  }
  await backupStore(required(flags).store.url, file);
  const copy = await openStore(`sqlite:${file}`, { clock: systemClock, ids: randomIds });
  try {
    const { rows, fault } = await verifyAudit(copy);
    if (fault !== null) throw new Error(`The copy's audit trail is broken at row ${fault.sequence}: ${fault.what}`);
    process.stdout.write(`backed up, and read back: the audit trail of ${rows} rows is whole\n`);
  } finally {
    await copy.close();
  }
};

const auditVerify = async (flags: Flags): Promise<void> => {
  const opened = await openStore(required(flags).store.url, { clock: systemClock, ids: randomIds });
  try {
    const { rows, fault } = await verifyAudit(opened);
    process.stdout.write(
      fault === null ? `the audit trail is whole: ${rows} rows\n` : `the audit trail is broken at row ${fault.sequence}: ${fault.what}\n`,
    );
    if (fault !== null) process.exitCode = 1;
  } finally {
    await opened.close();
  }
};

/** Commands behind whose name something may stand. */
export const takesOperands: ReadonlySet<string> = new Set(['backup']);

export const commands: Readonly<Record<string, (flags: Flags) => Promise<void>>> = {
  start,
  simulate,
  'check-config': checkConfig,
  migrate,
  backup,
  'audit verify': auditVerify,
};
