import type { Migration } from 'kysely/migration';
import { callQueues } from './migrations/call-queues.ts';
import type { Dialect } from './migrations/dialect.ts';
import { first } from './migrations/first.ts';
import { liveRecordings } from './migrations/live-recordings.ts';
import { numberSuffixes, numbersReadAnew } from './migrations/number-suffixes.ts';
import { oneOpenBlackout } from './migrations/one-open-blackout.ts';
import { openCommands, openCommandsOfAgents } from './migrations/open-commands.ts';
import { positionsAfterCommit } from './migrations/positions-after-commit.ts';

export { dialects } from './migrations/dialect.ts';

/** In the order in which they run. One that was released stays as it is; another is added behind it. */
export const migrations = (dialect: Dialect): Record<string, Migration> => ({
  '0001-first': first(dialect),
  '0002-open-commands': openCommands(dialect),
  '0003-live-recordings': liveRecordings(),
  '0004-one-open-blackout': oneOpenBlackout(),
  '0005-call-queues': callQueues(dialect),
  '0006-positions-after-commit': positionsAfterCommit(dialect),
  '0007-number-suffixes': numberSuffixes(dialect),
  '0008-open-commands-of-agents': openCommandsOfAgents(),
  '0009-numbers-read-anew': numbersReadAnew(dialect),
  '0010-trunk-eight-and-brackets': numbersReadAnew(dialect),
  '0011-numbers-without-a-key': numbersReadAnew(dialect),
});
