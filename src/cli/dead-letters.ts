/** Messages of vendors that could not be read: what there is, and what it says. */
import { randomIds, systemClock } from '../clock.ts';
import { ExpectedError } from '../domain/model/errors.ts';
import { letterIn } from '../domain/observe/dead-letters.ts';
import type { Store } from '../domain/ports/store.ts';
import { openStore } from '../storage/index.ts';
import { required } from './configured.ts';
import type { Command, Flags } from './options.ts';

const maxListed = 1_000;

const withStore = async (flags: Flags, work: (store: Store) => Promise<void>): Promise<void> => {
  const store = await openStore((await required(flags)).store.url, { clock: systemClock, ids: randomIds });
  try {
    await work(store);
  } finally {
    await store.close();
  }
};

export const listDeadLetters: Command = {
  summary: 'list the messages of vendors that could not be read',
  details: 'A line each: its id, when it came, its source, why it could not be read. Oldest first, at most 1,000.',
  options: ['config'],
  run: (flags) =>
    withStore(flags, async (store) => {
      for (const { id, at, source, reason } of await store.deadLetters.list(maxListed)) {
        process.stdout.write(`${id}  ${at}  ${source}  ${reason}\n`);
      }
    }),
};

export const showDeadLetter: Command = {
  summary: 'print the bytes of a message that could not be read',
  options: ['config'],
  operands: ['ID'],
  run: (flags) =>
    withStore(flags, async (store) => {
      const found = await store.deadLetters.byId(flags.operands[0]!);
      if (found === null)
        throw new ExpectedError('NOT_FOUND', 'There is no dead letter of this id; tapegraph dead-letters list shows them.');
      process.stdout.write(letterIn(found).body);
    }),
};
