/** Lists, prints and replays vendor messages that could not be read. */

import { ExpectedError } from '../domain/model/errors.ts';
import { letterIn } from '../domain/observe/dead-letters.ts';
import type { Store } from '../domain/ports/store.ts';
import { createProcessLog } from '../observability/log.ts';
import { requiredWithStore } from './configured.ts';
import type { Command, Flags } from './options.ts';
import { withStore } from './with-store.ts';

const maxListed = 1_000;

const withConfigured = async (flags: Flags, work: (store: Store) => Promise<void>): Promise<void> =>
  withStore((await requiredWithStore(flags)).store.url, work);

export const listDeadLetters: Command = {
  summary: 'list the vendor messages that could not be read',
  details: 'One line for each: id, time of receipt, source, reason. Oldest first, at most 1,000.',
  options: ['config'],
  run: (flags) =>
    withConfigured(flags, async (store) => {
      const letters = await store.deadLetters.list(maxListed);
      for (const { id, at, source, reason } of letters) process.stdout.write(`${id}  ${at}  ${source}  ${reason}\n`);
      // Apart from the list, so that its lines can be counted.
      if (letters.length === 0) process.stderr.write('there are no dead letters\n');
    }),
};

export const showDeadLetter: Command = {
  summary: 'print the bytes of a vendor message that could not be read',
  options: ['config'],
  operands: ['ID'],
  run: (flags) =>
    withConfigured(flags, async (store) => {
      const found = await store.deadLetters.byId(flags.operands[0]!);
      if (found === null)
        throw new ExpectedError('NOT_FOUND', 'There is no dead letter with this id. List them with: tapegraph dead-letters list');
      process.stdout.write(letterIn(found).body);
    }),
};

export const replayDeadLetter: Command = {
  summary: 'read a vendor message again, or all of them',
  details:
    'Use it after an upgrade, or after you corrected a setting. ID can be "all". A message that is read is no longer a dead letter. If a\nmessage still cannot be read, the exit status is 1. Servers can be running.',
  options: ['config'],
  operands: ['ID'],
  run: async (flags) => {
    const configuration = await requiredWithStore(flags);
    const [id] = flags.operands;
    const { replayDeadLetters } = await import('./replay.ts');
    const results = await replayDeadLetters(configuration, id === 'all' ? null : id!, createProcessLog('warn'));
    for (const { id: letter, fault } of results) process.stdout.write(`${letter}  ${fault ?? 'read'}\n`);
    if (results.length === 0) process.stdout.write('there are no dead letters\n');
    if (results.some(({ fault }) => fault !== null)) process.exitCode = 1;
  },
};
