/** Every option of the command line: its name, its value and its purpose. */
export const options = {
  config: { type: 'string', value: 'FILE', about: 'the configuration (default: TAPEGRAPH_CONFIG, then ./tapegraph.yaml)' },
  host: { type: 'string', value: 'HOST', about: 'the address to listen on (demo only)' },
  port: { type: 'string', value: 'PORT', about: 'the port to listen on; 0 selects a free port' },
  seed: { type: 'string', value: 'NUMBER', about: 'the seed of the simulation; the same seed produces the same day' },
  to: { type: 'string', value: 'URL', about: 'the empty store that receives everything' },
  number: { type: 'string', value: 'NUMBER', about: 'a caller, by the complete phone number' },
  agent: { type: 'string', value: 'SOURCE:ID', about: 'an agent, by source name and external id, or by the id in the API' },
  server: { type: 'string', value: 'URL', about: 'the server that receives pushes (default: http://127.0.0.1:4000)' },
  json: { type: 'boolean', value: null, about: 'print JSON instead of YAML' },
  offline: { type: 'boolean', value: null, about: 'check only the files, not the port, the database or the broker' },
} as const;

export type OptionName = keyof typeof options;

export type Flags = {
  readonly [Name in OptionName]?: ((typeof options)[Name]['type'] extends 'boolean' ? boolean : string) | undefined;
} & {
  /** The words after the command's name. */
  readonly operands: readonly string[];
};

export interface Command {
  /** One line, for the list of commands. */
  summary: string;
  /** Further lines of its own help. */
  details?: string;
  options: readonly OptionName[];
  /** Names of the operands that follow the command. */
  operands?: readonly string[];
  run(flags: Flags): Promise<void>;
}

/** Reports a wrong command line in a sentence; the program adds where the help is. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const maxPort = 65_535;

interface Bounds {
  least: number;
  most: number;
}

const wholeNumberIn = (text: string, name: string, { least, most }: Bounds): number => {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`${name} must be a whole number from ${least} to ${most}.`);
};

/** A whole number within the bounds; throws `UsageError`. */
export const wholeNumber = (flags: Flags, name: 'port' | 'seed', bounds: Bounds): number | undefined => {
  const text = flags[name];
  return text === undefined ? undefined : wholeNumberIn(text, `--${name}`, bounds);
};

/** The port to listen on; throws `UsageError`. */
export const portIn = (flags: Flags): number | undefined => wholeNumber(flags, 'port', { least: 0, most: maxPort });

/** The port of the demo in the environment; throws `UsageError`. */
export const portOf = ({ PORT: text }: Readonly<Record<string, string | undefined>>): number | undefined =>
  text ? wholeNumberIn(text, 'The environment variable PORT', { least: 0, most: maxPort }) : undefined;
