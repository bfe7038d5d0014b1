/** What is done to the store while no server needs to run. */
import { randomIds, systemClock } from '../clock.ts';
import { backupStore } from '../storage/backup.ts';
import { openStore, verifyAudit } from '../storage/index.ts';
import { moveStore } from '../storage/move.ts';
import { required } from './configured.ts';
import type { Command } from './options.ts';
import { createProgress, type Progress } from './progress.ts';

const showing = async <T>(work: (progress: Progress) => Promise<T>): Promise<T> => {
  const progress = createProgress(process.stderr);
  try {
    return await work(progress);
  } finally {
    progress.end();
  }
};

const verified = async (url: string) => {
  const store = await openStore(url, { clock: systemClock, ids: randomIds });
  try {
    return await showing((progress) => verifyAudit(store, (rows, total) => progress.show('audit trail', rows, total)));
  } finally {
    await store.close();
  }
};

export const migrate: Command = {
  summary: "bring the store's schema up to date, or move it to another store",
  details: 'The server does the first at its start by itself. For --to, stop every server; the copy is one transaction.',
  options: ['config', 'to'],
  run: async (flags) => {
    const { store } = await required(flags);
    const { to } = flags;
    if (to !== undefined) await showing((progress) => moveStore(store.url, to, progress.show));
    else await (await openStore(store.url, { clock: systemClock, ids: randomIds })).close();
    process.stdout.write('the store is up to date\n');
  },
};

export const backup: Command = {
  summary: 'copy the SQLite store into a new file, also while the server runs',
  details: 'The copy is as of one moment, and its audit trail is verified.',
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

export const auditVerify: Command = {
  summary: 'check the audit trail for changed, missing and reordered rows',
  details: 'It ends with 1 and the first such row where there is one.',
  options: ['config'],
  run: async (flags) => {
    const { rows, fault } = await verified((await required(flags)).store.url);
    process.stdout.write(
      fault === null ? `the audit trail is whole: ${rows} rows\n` : `the audit trail is broken at row ${fault.sequence}: ${fault.what}\n`,
    );
    if (fault !== null) process.exitCode = 1;
  },
};
