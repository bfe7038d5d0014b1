import { parseArgs } from 'node:util';
import { nearest } from '../lib/nearest.ts';
import { helpOf, usageOf } from './help.ts';
import { commands } from './index.ts';
import { type Command, type Flags, type OptionName, options, UsageError } from './options.ts';

/** A command line, parsed. */
type ParsedCommandLine = { print: 'version' } | { print: 'help'; text: string } | { command: Command; flags: Flags };

/** Words Node's fault in one line: some of its own take three. */
const parseFault = (error: unknown): UsageError => {
  const { code, message } = error as NodeJS.ErrnoException;
  const option = /'(?:-\w, )?(--?[\w-]*)/.exec(message)?.[1] ?? '';
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const meant = nearest(option.replace(/^-+/, ''), Object.keys(options));
    return new UsageError(`tapegraph has no option ${option}${meant === null ? '.' : `; did you mean --${meant}?`}`);
  }
  return new UsageError(/does not take/.test(message) ? `${option} takes no value.` : `${option} needs a value.`);
};

const parse = (words: readonly string[]) => {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { ...options, help: { type: 'boolean', short: 'h' }, version: { type: 'boolean', short: 'v' } },
    });
  } catch (error) {
    throw parseFault(error);
  }
};

/** The longest name that the words begin with; what stands behind it are its operands. */
const commandOf = (words: readonly string[]): { name: string; command: Command; operands: readonly string[] } => {
  for (let length = Math.min(2, words.length); length > 0; length -= 1) {
    const name = words.slice(0, length).join(' ');
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command) return { name, command, operands: words.slice(length) };
  }
  const parts = Object.keys(commands).filter((name) => name.startsWith(`${words[0]} `));
  if (parts.length > 0) throw new UsageError(`tapegraph has no command "${words.join(' ')}"; give ${parts.join(', ')}.`);
  const meant = nearest(words.join(' '), Object.keys(commands));
  throw new UsageError(`tapegraph has no command "${words.join(' ')}"${meant === null ? '.' : `; did you mean ${meant}?`}`);
};

const requireFitting = (name: string, { options: taken, operands: wanted = [] }: Command, flags: Flags): void => {
  for (const option of Object.keys(options) as OptionName[]) {
    if (flags[option] !== undefined && !taken.includes(option)) throw new UsageError(`tapegraph ${name} does not accept --${option}.`);
  }
  const missing = wanted.slice(flags.operands.length);
  if (missing.length > 0) throw new UsageError(`tapegraph ${name} needs ${missing.join(' ')}.`);
  const surplus = flags.operands[wanted.length];
  if (surplus !== undefined) throw new UsageError(`tapegraph ${name} does not accept "${surplus}".`);
};

/** Reads the words behind the program's name; throws `UsageError`. */
export const readCommandLine = (words: readonly string[]): ParsedCommandLine => {
  const { positionals, values } = parse(words);
  const { help, version, ...given } = values;
  if (version) return { print: 'version' };
  const [first, ...rest] = positionals;
  const isHelp = help === true || first === 'help';
  const named = first === 'help' ? rest : positionals;
  if (isHelp && named.length === 0) return { print: 'help', text: usageOf(commands) };
  const { name, command, operands } = commandOf(named.length === 0 ? ['start'] : named);
  if (isHelp) return { print: 'help', text: helpOf(name, command) };
  const flags = { ...given, operands };
  requireFitting(name, command, flags);
  return { command, flags };
};
