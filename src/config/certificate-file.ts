import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Fault, substitute } from './environment.ts';

/** Tells what is wrong with a file that is to hold a certificate in PEM; null where nothing is. */
const certificateFault = (file: string): string | null => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a directory' : 'it cannot be read';
    return `${file}: ${what}; use the CA's certificate in PEM`;
  }
  try {
    new X509Certificate(text);
    return null;
  } catch {
    return `${file}: it contains no certificate; use a PEM file, which begins with -----BEGIN CERTIFICATE-----`;
  }
};

/** The faults of the files that sources name as `caFile`. */
export const certificateFaults = (document: unknown, environment: Readonly<Record<string, string | undefined>>): readonly Fault[] => {
  const sources = (document as { sources?: unknown } | null)?.sources;
  return (Array.isArray(sources) ? sources : []).flatMap((source: { caFile?: unknown } | null, index) => {
    const file = substitute(source?.caFile, environment, []);
    const message = typeof file === 'string' ? certificateFault(file) : null;
    return message === null ? [] : [{ path: `sources.${index}.caFile`, message }];
  });
};
