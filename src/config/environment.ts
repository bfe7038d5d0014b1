/** Replaces `${NAME}` in every string of a parsed YAML document by the environment's value. */

export interface Fault {
  /** Such as `sources.0.auth.password`. */
  path: string;
  message: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

interface Substitution {
  environment: Environment;
  /** Takes each name that is not set, at the path of the string that reads it. */
  faults: Fault[];
  /** Takes each text that comes from the environment as a whole. */
  fromEnvironment: Set<unknown>;
}

export const substitutionFrom = (environment: Environment): Substitution => ({ environment, faults: [], fromEnvironment: new Set() });

/** The value, which stands at `path`, with the environment's values in it; `$${` stands for a literal `${`. */
export const substitute = (context: Substitution, value: unknown, path = ''): unknown => {
  const { environment, faults, fromEnvironment } = context;
  if (typeof value === 'string') {
    const text = value.replace(/\$\$\{|\$\{([^}]{0,200})\}/g, (match, name: string | undefined) => {
      if (name === undefined) return '${';
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
        faults.push({ path, message: `\${${name}} is not the name of an environment variable; write $\${ for a literal \${` });
        return match;
      }
      const found = environment[name];
      if (found === undefined)
        faults.push({ path, message: `the environment variable ${name} is not set; set it, or write the value here` });
      return found ?? '';
    });
    if (/^\$\{[^}]*\}$/.test(value)) fromEnvironment.add(text);
    return text;
  }
  const within = (step: string | number) => (path === '' ? `${step}` : `${path}.${step}`);
  if (Array.isArray(value)) return value.map((one, index) => substitute(context, one, within(index)));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, substitute(context, one, within(name))]));
};
