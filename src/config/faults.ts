/** Turns what a schema finds wrong into sentences for an operator: the thing, the rule and the remedy. */
import type * as z from 'zod';
import { nearest } from '../lib/nearest.ts';
import type { Fault } from './environment.ts';
import { knownKeys } from './known-keys.ts';
import { valueAt } from './scalars.ts';

/** Joins a path to `sources.0.auth`. */
const placeOf = (path: readonly PropertyKey[], prefix = ''): string =>
  [prefix, ...path.map(String)].filter((part) => part !== '').join('.');

/** Suggests the word that was meant, else lists all that are known. */
const unknownWord = (kind: string, given: string, known: readonly string[]): string => {
  const meant = nearest(given, known);
  return `unknown ${kind} ${given}; ${meant === null ? `give one of ${known.join(', ')}` : `did you mean ${meant}?`}`;
};

const unknownKey = (key: string, known: readonly string[]): string => {
  const meant = nearest(key, known);
  return `unknown key ${key}; ${meant === null ? 'check the spelling, or remove it' : `did you mean ${meant}?`}`;
};

/** Names what stands at a path: the last key, in the singular within a list. */
const subjectAt = (path: readonly PropertyKey[]): string => {
  const key = String(path.findLast((step) => typeof step === 'string') ?? 'value');
  return typeof path.at(-1) === 'number' ? key.replace(/s$/, '') : key;
};

/** Units of a length, by what is measured. */
const units: Readonly<Record<string, string>> = { string: ' characters long', array: ' entries long' };

const outOfRange = (issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string => {
  const [bound, compared] =
    issue.code === 'too_small'
      ? [issue.minimum, issue.inclusive === false ? 'more than' : 'at least']
      : [issue.maximum, issue.inclusive === false ? 'less than' : 'at most'];
  if (bound === 1 && issue.origin in units) return 'must not be empty';
  return `must be ${compared} ${bound}${units[issue.origin] ?? ''}`;
};

/** Names the kind of value that is wanted, by zod's name for it. */
const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'settings, a line each (key: value)',
  record: 'settings, a line each (key: value)',
};

const kindOf = (value: unknown): string => {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'settings';
  return typeof value === 'string' ? 'text' : `a ${typeof value}`;
};

/** A message that the schema does not word itself. */
const isWorded = ({ message }: z.core.$ZodIssue): boolean =>
  !/^(?:Invalid (?:input|option|discriminator|URL)|Too (?:small|big):)/.test(message);

interface Place {
  path: readonly PropertyKey[];
  given: unknown;
  isSecret: boolean;
}

const sentence = (issue: z.core.$ZodIssue, { path, given, isSecret }: Place): string => {
  if (isWorded(issue)) return issue.message;
  const known =
    issue.code === 'invalid_value' ? issue.values : issue.code === 'invalid_union' && 'options' in issue ? (issue.options ?? []) : [];
  if (known.length > 0) {
    const words = known.map(String);
    if (given === undefined) return `give one of ${words.join(', ')}`;
    return typeof given === 'string' && given.trim() !== '' && !isSecret
      ? unknownWord(subjectAt(path), given, words)
      : `must be one of ${words.join(', ')}`;
  }
  if (issue.code === 'too_small' || issue.code === 'too_big') return outOfRange(issue);
  if (issue.code === 'invalid_format' && issue.format === 'url') return 'must be a URL';
  const kind = issue.code === 'invalid_type' ? kinds[issue.expected] : undefined;
  if (kind !== undefined && given === undefined) return `give ${kind}`;
  if (kind === kinds.int && typeof given === 'number') return `must be ${kind}`;
  if (kind === kinds.string && given === null) return 'must be text, and is empty; write it in quotes';
  if (kind !== undefined) return `must be ${kind}, and is ${kindOf(given)}`;
  return issue.message.replace(/^Invalid input: /, '').replace(/, received undefined$/, '');
};

export interface DocumentReading {
  schema: z.ZodType;
  document: unknown;
  /** Stands before each path. */
  prefix?: string;
  /** Texts that came from the environment, which are never reported: one of them may be a secret in the wrong place. */
  fromEnvironment: ReadonlySet<unknown>;
}

/** Faults of a union are those of its nearest member, so that half a block names what it lacks. */
export const faultsOf = (issue: z.core.$ZodIssue, reading: DocumentReading, above: readonly PropertyKey[] = []): readonly Fault[] => {
  const { schema, document, prefix, fromEnvironment } = reading;
  const path = [...above, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const closest = [...issue.errors].sort((a, b) => a.length - b.length)[0]!;
    if (closest.length > 0) return closest.flatMap((inner) => faultsOf(inner, reading, path));
  }
  const place = placeOf(path, prefix);
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, path);
    return issue.keys.map((key) => ({ path: place, message: unknownKey(key, known) }));
  }
  const given = valueAt(document, path);
  const message = sentence(issue, { path, given, isSecret: fromEnvironment.has(given) });
  return [
    { path: place, message: path.length > 0 && given === undefined ? `is missing; ${message.replace(/^must /, 'it must ')}` : message },
  ];
};
