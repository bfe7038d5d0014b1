/**
 * The hash of an audit row. The chain is over salted digests of what a row's subject holds, one for each text and number in it, so that a value
 * can be erased together with its salt and the row still be verified: the digest that replaces it discloses nothing of it.
 */
import { hash, randomBytes } from 'node:crypto';
import type { AuditRow } from '../domain/ports/store.ts';
import { canonicalJson } from '../lib/canonical-json.ts';

/** The previous hash of the first row. */
export const firstPreviousHash = '0'.repeat(64);

const sha256 = (text: string): string => hash('sha256', text);

export const newSalt = (): string => randomBytes(16).toString('hex');

/** Salts of the values that are left in a row, by JSON pointer, once one of them was erased; before that one text stands for all. */
type Salts = string | Readonly<Record<string, string>>;

const readSalts = (salt: string): Salts => (salt.startsWith('{') ? (JSON.parse(salt) as Record<string, string>) : salt);

const saltOf = (salts: Salts, path: string): string | undefined =>
  typeof salts === 'string' ? sha256(`${salts} ${path}`) : Object.hasOwn(salts, path) ? salts[path] : undefined;

const digestOf = (salt: string, value: unknown): string => sha256(`${salt} ${JSON.stringify(value)}`);

type Leaf = string | number;
const isLeaf = (value: unknown): value is Leaf => typeof value === 'string' || typeof value === 'number';

/** The digest that stands where a value was erased; null for everything else. */
const erasedDigest = (value: unknown): string | null => {
  const { erased, ...others } = (value ?? {}) as { erased?: unknown };
  return typeof erased === 'string' && Object.keys(others).length === 0 ? erased : null;
};

const inner = (path: string, name: string): string => `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** `subject` with each text and number replaced by what `change` makes of it and its path. */
const mapLeaves = (subject: unknown, change: (value: Leaf, path: string) => unknown, path = ''): unknown => {
  if (isLeaf(subject)) return change(subject, path);
  if (Array.isArray(subject)) return subject.map((one, index) => mapLeaves(one, change, inner(path, String(index))));
  if (subject === null || typeof subject !== 'object') return subject;
  return Object.fromEntries(Object.entries(subject).map(([name, one]) => [name, mapLeaves(one, change, inner(path, name))]));
};

const digested = (subject: unknown, salts: Salts, path = ''): unknown => {
  const erased = typeof salts === 'string' ? null : erasedDigest(subject);
  if (erased !== null && saltOf(salts, inner(path, 'erased')) === undefined) return erased;
  if (isLeaf(subject)) return digestOf(saltOf(salts, path) ?? '', subject);
  if (Array.isArray(subject)) return subject.map((one, index) => digested(one, salts, inner(path, String(index))));
  if (subject === null || typeof subject !== 'object') return subject;
  return Object.fromEntries(Object.entries(subject).map(([name, one]) => [name, digested(one, salts, inner(path, name))]));
};

/** SHA-256, in hex, over the canonical JSON of everything in the row but the hash itself and the salts. */
export const auditHash = ({ sequence, at, actor, action, subject, previousHash, salt }: Omit<AuditRow, 'hash'>): string =>
  sha256(
    canonicalJson({
      sequence,
      at,
      actor,
      action,
      subject: salt === null ? subject : digested(JSON.parse(JSON.stringify(subject)), readSalts(salt)),
      previousHash,
    }),
  );

/** The row without the values for which `isPersonal` holds (of a value and its JSON pointer), and without their salts; null where it holds none. Its hash stays what it was. */
export const eraseValues = (
  { subject, salt }: Pick<AuditRow, 'subject'> & { salt: string },
  isPersonal: (value: Leaf, path: string) => boolean,
): { subject: AuditRow['subject']; salt: string } | null => {
  const salts = readSalts(salt);
  const left: Record<string, string> = {};
  let found = false;
  const kept = mapLeaves(subject, (value, path) => {
    const own = saltOf(salts, path);
    // Without a salt of its own it is the digest of what was erased before.
    if (own === undefined) return value;
    if (isPersonal(value, path)) {
      found = true;
      return { erased: digestOf(own, value) };
    }
    left[path] = own;
    return value;
  });
  return found ? { subject: kept as AuditRow['subject'], salt: JSON.stringify(left) } : null;
};
