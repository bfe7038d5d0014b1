/** Every command of the command line, by name, in the order in which the help lists them. */

import { checkConfig } from './check-config.ts';
import { configSchema } from './config-schema.ts';
import { listDeadLetters, showDeadLetter } from './dead-letters.ts';
import type { Command } from './options.ts';
import { simulate } from './simulate.ts';
import { start } from './start.ts';
import { auditVerify, backup, migrate } from './store.ts';

export const commands: Readonly<Record<string, Command>> = {
  start,
  simulate,
  'check-config': checkConfig,
  'config-schema': configSchema,
  migrate,
  backup,
  'audit verify': auditVerify,
  'dead-letters list': listDeadLetters,
  'dead-letters show': showDeadLetter,
};
