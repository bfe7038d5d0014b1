import { readFileSync } from 'node:fs';

/** Returns the code blocks of a document that open with `// <file name>`, by that name. */
export const namedSnippets = (path: string): ReadonlyMap<string, string> => {
  const text = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  const blocks = text.matchAll(/^```\w+\n(?:\/\/|#) ([\w.-]+)[^\n]*\n([\s\S]*?)^```$/gm);
  return new Map([...blocks].map((block) => [block[1]!, block[2]!]));
};
