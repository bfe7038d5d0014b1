import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { wellFormedJson } from '../lib/well-formed-json.ts';
import { fileFault } from './file-fault.ts';

const apolloManifest = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(z.object({ id: z.string().min(1), body: z.string().min(1) })),
});
const plainMap = z.record(z.string(), z.string());

/**
 * Reads a manifest of operations: a map from id to text, as code generators write it, or Apollo's with its format and version. Throws an
 * error that says what is wrong with the file.
 */
export const readTrustedDocuments = (file: string): ReadonlyMap<string, string> => {
  let value: unknown;
  try {
    value = JSON.parse(wellFormedJson(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new Error(cause instanceof SyntaxError ? 'it is not JSON; generate it again' : fileFault(cause), { cause });
  }
  const apollo = apolloManifest.safeParse(value);
  const plain = plainMap.safeParse(value);
  if (!apollo.success && !plain.success) {
    throw new Error('it is not a manifest; it must be a map from id to text, or Apollo\u2019s with format, version 1 and operations');
  }
  const documents = apollo.success
    ? new Map(apollo.data.operations.map(({ id, body }) => [id, body]))
    : new Map(Object.entries(plain.data!));
  if (documents.size === 0) throw new Error('it has no operations, so nothing could be executed');
  return documents;
};
