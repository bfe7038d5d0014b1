/** Works on the store without a running server. */
import { storeUrlFault } from '../config/store-schema.ts';
import { systemClock } from '../lib/clock.ts';
import { backupStore, restoreStore } from '../storage/backup.ts';
import { verifyAudit } from '../storage/index.ts';
import { moveStore } from '../storage/move.ts';
import { required, requiredWithStore } from './configured.ts';
import { type Command, UsageError } from './options.ts';
import { createProgress, type Progress } from './progress.ts';
import { withStore } from './with-store.ts';

const showing = async <T>(work: (progress: Progress) => Promise<T>): Promise<T> => {
  const progress = createProgress(process.stderr);
  try {
    return await work(progress);
  } finally {
    progress.end();
  }
};

const verifyAt = (url: string, progress: Progress) =>
  withStore(url, (store) => verifyAudit(store, (rows, total) => progress.show('audit trail', rows, total)));

const verified = (url: string) => showing((progress) => verifyAt(url, progress));

export const migrate: Command = {
  summary: "upgrade the store's schema, or move everything to another store",
  details: 'The server upgrades the schema when it starts. Stop every server before you use --to. The copy is one transaction.',
  options: ['config', 'to'],
  run: async (flags) => {
    const { to } = flags;
    const fault = to === undefined ? null : storeUrlFault(to);
    if (fault !== null) throw new UsageError(`--to ${fault}.`);
    const { store } = await (to === undefined ? required : requiredWithStore)(flags);
    if (to !== undefined) await showing((progress) => moveStore(store.url, to, progress.show));
    else await withStore(store.url, async () => undefined);
    process.stdout.write(to === undefined ? 'the store is up to date\n' : 'everything is copied; now set store.url to the target\n');
  },
};

export const backup: Command = {
  summary: 'copy the SQLite store to a new file; the server can be running',
  details: 'The copy is consistent, and its audit trail is verified.',
  options: ['config'],
  operands: ['FILE'],
  run: async (flags) => {
    const file = flags.operands[0]!;
    const { store } = await required(flags);
    await showing((progress) => backupStore(store.url, file, (pages, total) => progress.show('pages', pages, total)));
    const { rows, fault } = await verified(`sqlite:${file}`);
    if (fault !== null) throw new Error(`The copy's audit trail is broken at row ${fault.sequence}: ${fault.what}`);
    process.stdout.write(`backed up, and read back: the audit trail of ${rows} rows is whole\n`);
  },
};

export const restore: Command = {
  summary: 'replace the SQLite store by a backup',
  details:
    'Stop the server first. The backup is verified before anything changes. The former store is kept beside the new one; its name ends\nin .replaced.',
  options: ['config'],
  operands: ['FILE'],
  run: async (flags) => {
    const { store } = await required(flags);
    const { rows, kept } = await showing((progress) =>
      restoreStore({ url: store.url, file: flags.operands[0]!, nowMs: systemClock.now(), verify: (url) => verifyAt(url, progress) }),
    );
    process.stdout.write(`restored: the audit trail of ${rows} rows is whole\n${kept === null ? '' : `the former store is ${kept}\n`}`);
  },
};

export const auditVerify: Command = {
  summary: 'check the audit trail for changed, missing and reordered rows',
  details: 'If there is such a row, the first one is printed and the exit status is 1.',
  options: ['config'],
  run: async (flags) => {
    const { rows, fault } = await verified((await requiredWithStore(flags)).store.url);
    process.stdout.write(
      fault === null ? `the audit trail is whole: ${rows} rows\n` : `the audit trail is broken at row ${fault.sequence}: ${fault.what}\n`,
    );
    if (fault !== null) process.exitCode = 1;
  },
};
