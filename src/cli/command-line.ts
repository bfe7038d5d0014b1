/** Does what the command line asks for. */
import 'reflect-metadata';
import packageJson from '../../package.json' with { type: 'json' };
import { UsageError } from './options.ts';
import { readCommandLine } from './read.ts';
import { isOperators } from './start-errors.ts';
import { endProcess } from './until-signal.ts';

const version = (): string => packageJson.version;

try {
  const commandLine = readCommandLine(process.argv.slice(2));
  if ('command' in commandLine) await commandLine.command.run(commandLine.flags);
  else process.stdout.write(commandLine.print === 'help' ? commandLine.text : `${version()}\n`);
} catch (caught) {
  const error = caught instanceof Error ? caught : new Error(String(caught));
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message} See tapegraph help.\n`);
    await endProcess(2);
  }
  process.stderr.write(`${isOperators(error) ? error.message : (error.stack ?? error.message)}\n`);
  await endProcess(1);
}
