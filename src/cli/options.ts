/** Every option of the command line, once: what it is called, what stands behind it, what it is for. */
export const options = {
  config: { type: 'string', value: 'FILE', about: 'the configuration; else TAPEGRAPH_CONFIG, else ./tapegraph.yaml' },
  host: { type: 'string', value: 'HOST', about: 'the address to listen on; for the demo' },
  port: { type: 'string', value: 'PORT', about: 'the port to listen on; 0 takes a free one' },
  seed: { type: 'string', value: 'NUMBER', about: 'the same seed plays the same day; for the demo' },
  to: { type: 'string', value: 'URL', about: 'the empty store to move everything to' },
  server: { type: 'string', value: 'URL', about: 'where pushes go; http://127.0.0.1:4000 when absent' },
  json: { type: 'boolean', value: null, about: 'print JSON instead of YAML' },
  offline: { type: 'boolean', value: null, about: 'look at the files alone: at no port, database or broker' },
} as const;

export type OptionName = keyof typeof options;

export type Flags = {
  readonly [Name in OptionName]?: ((typeof options)[Name]['type'] extends 'boolean' ? boolean : string) | undefined;
} & {
  /** What stands behind the command's name. */
  readonly operands: readonly string[];
};

export interface Command {
  /** One line, for the list of commands. */
  summary: string;
  /** What its own help tells besides. */
  details?: string;
  options: readonly OptionName[];
  /** Names of what must stand behind the command. */
  operands?: readonly string[];
  run(flags: Flags): Promise<void>;
}

/** What the caller got wrong about the command line; it is told with the help. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A whole number from `least` to `most`; throws `UsageError`. */
export const wholeNumber = (flags: Flags, name: 'port' | 'seed', least: number, most: number): number | undefined => {
  const text = flags[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`--${name} must be a whole number from ${least} to ${most}.`);
};
