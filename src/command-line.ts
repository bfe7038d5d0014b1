/** Does what the command line asks for. */
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { usageOf } from './commands/help.ts';
import { commands } from './commands/index.ts';
import { UsageError } from './commands/options.ts';
import { readCommandLine } from './commands/read.ts';
import { ConfigurationError } from './config/load.ts';

const version = (): string => JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;

const isExpected = (error: Error): boolean =>
  error instanceof ConfigurationError || error.name === 'ExpectedError' || (error as NodeJS.ErrnoException).code === 'EADDRINUSE';

try {
  const asked = readCommandLine(process.argv.slice(2));
  if ('command' in asked) await asked.command.run(asked.flags);
  else process.stdout.write(asked.print === 'help' ? asked.text : `${version()}\n`);
} catch (caught) {
  const error = caught instanceof Error ? caught : new Error(String(caught));
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${usageOf(commands)}`);
    process.exit(2);
  }
  process.stderr.write(`${isExpected(error) ? error.message : (error.stack ?? error.message)}\n`);
  process.exit(1);
}
