import { readFileSync } from 'node:fs';

/** A manifest of operations, id to text, as code generators write it. */
export const trustedDocumentsOf = (file: string): ReadonlyMap<string, string> => {
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (manifest === null || typeof manifest !== 'object' || Array.isArray(manifest))
    throw new Error(`${file} is not a manifest: it must be an object of operation ids and texts.`);
  return new Map(Object.entries(manifest).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
};
