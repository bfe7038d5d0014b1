/** Scalars of YAML and of the environment, read as what the setting is to be. */
import { type Document, isScalar, visit } from 'yaml';
import type * as z from 'zod';

/**
 * Keeps the text of numbers and booleans that are written in another way than JSON's: leading zeros, a plus, hexadecimal and exponents
 * stand for themselves where a text is meant, such as a phone or an account. A lone surrogate, which an escape may write, becomes U+FFFD.
 */
export const keepTexts = (document: Document): void => {
  visit(document, {
    Scalar: (_, node) => {
      if (!isScalar(node)) return;
      const { value, source } = node;
      if (typeof value === 'string') node.value = value.toWellFormed();
      else if ((typeof value === 'number' || typeof value === 'boolean') && source !== undefined && String(value) !== source)
        node.value = source;
    },
  });
};

const numberText = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

/** Reads `value` as the expected scalar; undefined where it is none. */
const readAs = (expected: string, value: unknown, isFromEnvironment: boolean): unknown => {
  if (expected === 'string') return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
  if (typeof value !== 'string') return undefined;
  if (expected === 'number' || expected === 'int') return numberText.test(value.trim()) ? Number(value) : undefined;
  if (expected === 'boolean') return booleans.get(value.trim().toLowerCase());
  if (!isFromEnvironment) return undefined;
  if (expected === 'array') return value.split(',').flatMap((one) => one.trim() || []);
  return undefined;
};

export const valueAt = (document: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce((value, step) => (value as Record<PropertyKey, unknown> | null | undefined)?.[step], document);

const replaceAt = (document: unknown, path: readonly PropertyKey[], value: unknown): void => {
  const parent = valueAt(document, path.slice(0, -1)) as Record<PropertyKey, unknown>;
  parent[path.at(-1)!] = value;
};

/** The issues of a schema, those of a union's members too, with their whole path. */
const flatIssues = (issues: readonly z.core.$ZodIssue[], above: readonly PropertyKey[] = []): { path: PropertyKey[]; expected: string }[] =>
  issues.flatMap((issue) => {
    const path = [...above, ...issue.path];
    if (issue.code === 'invalid_union') return issue.errors.flatMap((inner) => flatIssues(inner, path));
    return issue.code === 'invalid_type' ? [{ path, expected: issue.expected }] : [];
  });

/** Parses; where a scalar is of another type than is wanted and can be read as it, it is, in place. */
export const parseScalars = <Schema extends z.ZodType>(schema: Schema, document: unknown, fromEnvironment: ReadonlySet<unknown>) => {
  const options = { jitless: true } as const;
  let result = schema.safeParse(document, options);
  for (let round = 0; round < 5 && !result.success; round += 1) {
    let changed = false;
    for (const { path, expected } of flatIssues(result.error.issues)) {
      if (path.length === 0) continue;
      const value = valueAt(document, path);
      const read = readAs(expected, value, fromEnvironment.has(value));
      if (read === undefined) continue;
      replaceAt(document, path, read);
      changed = true;
    }
    if (!changed) break;
    result = schema.safeParse(document, options);
  }
  return result;
};
