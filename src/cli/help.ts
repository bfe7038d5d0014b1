import { type Command, options } from './options.ts';

type Commands = Readonly<Record<string, Command>>;

const wordsOf = (name: string, { operands = [] }: Command): string => ['tapegraph', name, ...operands].join(' ');

/** Returns the text of `tapegraph --help`. */
export const usageOf = (commands: Commands): string => {
  const names = [...Object.entries(commands).map(([name, command]) => wordsOf(name, command)), 'tapegraph help COMMAND'];
  const width = Math.max(...names.map(({ length }) => length)) + 2;
  const lines = Object.entries(commands).map(([name, command]) => `  ${wordsOf(name, command).padEnd(width)}${command.summary}`);
  return `tapegraph: one federated GraphQL API over every call recorder

${lines.join('\n')}

  ${'tapegraph help COMMAND'.padEnd(width)}show the options of a command
  ${'tapegraph --version'.padEnd(width)}show the version

Without a command, the server starts. The configuration is the file that --config or TAPEGRAPH_CONFIG names, else ./tapegraph.yaml.
`;
};

/** Returns the text of `tapegraph COMMAND --help`. */
export const helpOf = (name: string, command: Command): string => {
  const lines = command.options.map((option) => {
    const { value, about } = options[option];
    return `  ${`--${option}${value === null ? '' : ` ${value}`}`.padEnd(18)}${about}`;
  });
  const details = command.details === undefined ? '' : `\n${command.details}\n`;
  return `${wordsOf(name, command)}: ${command.summary}\n${details}${lines.length === 0 ? '' : `\n${lines.join('\n')}\n`}`;
};
