/** From a vendor's bytes to a value that can be relied on. */
import type * as z from 'zod';
import { ExpectedError } from '../../domain/model/errors.ts';
import { isDeeperThan } from '../../lib/json-depth.ts';

const boms: readonly (readonly [readonly number[], string])[] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xfe, 0xff], 'utf-16be'],
  [[0xff, 0xfe], 'utf-16le'],
];

const decoderFor = (charset: string, fatal: boolean): TextDecoder | null => {
  try {
    return new TextDecoder(charset, { fatal });
  } catch {
    return null;
  }
};

/** By its byte order mark, else by the charset of `contentType`, else as UTF-8 or, where it is none, as windows-1252. */
export const decodeText = (bytes: Uint8Array, contentType = ''): string => {
  const bom = boms.find(([mark]) => mark.every((byte, index) => bytes[index] === byte));
  if (bom) return new TextDecoder(bom[1]).decode(bytes);
  const declared = /charset\s*=\s*"?([\w.:-]+)/i.exec(contentType)?.[1]?.replace(/^utf8$/i, 'utf-8');
  const isUtf8 = declared === undefined || /^(utf-8|us-ascii)$/i.test(declared);
  if (!isUtf8) return (decoderFor(declared, false) ?? new TextDecoder()).decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
};

/** Deeper than this nothing is nested that any vendor documents. */
const maxDepth = 64;

/** No vendor documents a field that is longer. */
const maxTextLength = 16_384;

/** Returns true if a text may be longer than that: no two quotation marks stand further apart in others, where none is escaped. */
const mayHoldLongText = (text: string): boolean => {
  if (text.length <= maxTextLength) return false;
  if (text.includes('\\"')) return true;
  for (let at = 0; ; ) {
    const next = text.indexOf('"', at);
    if ((next < 0 ? text.length : next) - at > maxTextLength) return true;
    if (next < 0) return false;
    at = next + 1;
  }
};

/** The value with each text, and each name, cut to the largest length. */
const withoutLongText = (value: unknown): unknown => {
  if (typeof value === 'string') return value.length > maxTextLength ? value.slice(0, maxTextLength).toWellFormed() : value;
  if (Array.isArray(value)) return value.map(withoutLongText);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name.slice(0, maxTextLength), withoutLongText(one)]));
};

/** The source text of a primitive, which lib.es does not declare yet. */
type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;

const wellFormed: Reviver = (_, value, { source }) => {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source)) return source;
  return value === null || typeof value !== 'object' || Array.isArray(value)
    ? value
    : Object.fromEntries(Object.entries(value).map(([key, one]) => [key.toWellFormed(), one]));
};

/**
 * As `JSON.parse`, with lone surrogates as U+FFFD and whole numbers beyond 2^53 as text, digit by digit. Throws a SyntaxError for what is no
 * JSON and for what is nested deeper than 64; texts of more than 16,384 characters are cut to that.
 */
export const parseJson = (text: string): unknown => {
  const needsCare = /\\u[dD][89a-fA-F]/.test(text) || /\d{16}/.test(text) || !text.isWellFormed();
  const value: unknown = needsCare ? JSON.parse(text, wellFormed as (key: string, value: unknown) => unknown) : JSON.parse(text);
  if (isDeeperThan(value, maxDepth)) throw new SyntaxError(`JSON is nested deeper than ${maxDepth}`);
  return mayHoldLongText(text) ? withoutLongText(value) : value;
};

/** Reads a vendor's JSON through a schema of the fields that are used; an unreadable answer is VENDOR_UNAVAILABLE. */
export const readJson = <T>(schema: z.ZodType<T>, text: string, source: string, operation: string): T => {
  const unreadable = (what: string, cause: unknown) =>
    new ExpectedError('VENDOR_UNAVAILABLE', `${source}: the answer to ${operation} is ${what}.`, { cause });
  let value: unknown;
  try {
    value = parseJson(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw unreadable(`not JSON${/^\s*</.test(text) ? ' but a web page' : ''}`, cause);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw unreadable(`not of the documented shape (at ${result.error.issues[0]?.path.join('.') || 'its root'})`, result.error);
};
