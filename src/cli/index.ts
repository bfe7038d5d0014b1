/** Every command of the command line, by name, in the order in which the help lists them. */

import { checkConfig } from './check-config.ts';
import { completionOf } from './completion.ts';
import { configSchema } from './config-schema.ts';
import { listDeadLetters, replayDeadLetter, showDeadLetter } from './dead-letters.ts';
import { erase } from './erase.ts';
import type { Command } from './options.ts';
import { simulate } from './simulate.ts';
import { start } from './start.ts';
import { auditVerify, backup, migrate, restore } from './store.ts';

export const commands: Readonly<Record<string, Command>> = {
  start,
  simulate,
  'check-config': checkConfig,
  'config-schema': configSchema,
  migrate,
  backup,
  restore,
  erase,
  'audit verify': auditVerify,
  'dead-letters list': listDeadLetters,
  'dead-letters show': showDeadLetter,
  'dead-letters replay': replayDeadLetter,
  completion: completionOf(() => commands),
};
