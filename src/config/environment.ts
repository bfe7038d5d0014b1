/** Replaces `${NAME}` in every string of a parsed YAML document by the environment's value. */

export interface Fault {
  /** Such as `sources.0.auth.password`. */
  path: string;
  message: string;
}

/** An unset name is a fault at the path of the string that reads it; `$${` stands for a literal `${`. */
export const substitute = (
  value: unknown,
  environment: Readonly<Record<string, string | undefined>>,
  faults: Fault[],
  path = '',
  /** Takes each text that comes from the environment as a whole. */
  whole: Set<unknown> = new Set(),
): unknown => {
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
    if (/^\$\{[^}]*\}$/.test(value)) whole.add(text);
    return text;
  }
  if (Array.isArray(value))
    return value.map((one, index) => substitute(one, environment, faults, path === '' ? `${index}` : `${path}.${index}`, whole));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [
        name,
        substitute(one, environment, faults, path === '' ? name : `${path}.${name}`, whole),
      ]),
    );
  }
  return value;
};
