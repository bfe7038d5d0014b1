/** Reads the command line and runs what it asks for. */
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { helpOf, usageOf } from './commands/help.ts';
import { commands } from './commands/index.ts';
import { type Command, type Flags, options, UsageError } from './commands/options.ts';
import { ConfigurationError } from './config/load.ts';

const versionOf = (): string => JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;

const read = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { ...options, help: { type: 'boolean', short: 'h' }, version: { type: 'boolean', short: 'v' } },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
};

/** The longest name that the words begin with; what stands behind it are its operands. */
const commandOf = (words: readonly string[]): { name: string; command: Command; operands: readonly string[] } => {
  for (let length = Math.min(2, words.length); length > 0; length -= 1) {
    const name = words.slice(0, length).join(' ');
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command) return { name, command, operands: words.slice(length) };
  }
  throw new UsageError(`tapegraph has no command "${words.join(' ')}".`);
};

const requireFitting = (name: string, { options: taken, operands: wanted = [] }: Command, flags: Flags): void => {
  for (const option of Object.keys(options) as (keyof typeof options)[]) {
    if (flags[option] !== undefined && !taken.includes(option)) throw new UsageError(`tapegraph ${name} takes no --${option}.`);
  }
  if (flags.operands.length === wanted.length) return;
  const missing = wanted.slice(flags.operands.length);
  throw new UsageError(
    missing.length > 0 ? `tapegraph ${name} wants ${missing.join(' ')}.` : `tapegraph ${name} takes no "${flags.operands.at(-1)}".`,
  );
};

const run = async (): Promise<void> => {
  const { positionals, values } = read();
  const { help, version, ...given } = values;
  if (version) {
    process.stdout.write(`${versionOf()}\n`);
    return;
  }
  if (help && positionals.length === 0) {
    process.stdout.write(usageOf(commands));
    return;
  }
  const { name, command, operands } = commandOf(positionals.length === 0 ? ['start'] : positionals);
  if (help) {
    process.stdout.write(helpOf(name, command));
    return;
  }
  const flags = { ...given, operands };
  requireFitting(name, command, flags);
  await command.run(flags);
};

const isExpected = (error: Error): boolean =>
  error instanceof ConfigurationError || error.name === 'ExpectedError' || (error as NodeJS.ErrnoException).code === 'EADDRINUSE';

try {
  await run();
} catch (caught) {
  const error = caught instanceof Error ? caught : new Error(String(caught));
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${usageOf(commands)}`);
    process.exit(2);
  }
  process.stderr.write(`${isExpected(error) ? error.message : (error.stack ?? error.message)}\n`);
  process.exit(1);
}
