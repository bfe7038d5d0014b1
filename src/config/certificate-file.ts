import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Environment, type Fault, substitute, substitutionFrom } from './environment.ts';
import { fileFault } from './file-fault.ts';

/** Tells what is wrong with a file that is to hold a certificate in PEM; null where nothing is. */
const certificateFault = (file: string): string | null => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return `${file}: ${fileFault(error)}`;
  }
  try {
    new X509Certificate(text);
    return null;
  } catch {
    return `${file}: it contains no certificate; use a PEM file, which begins with -----BEGIN CERTIFICATE-----`;
  }
};

/** The faults of the files that sources name as `caFile`. */
export const certificateFaults = (document: unknown, environment: Environment): readonly Fault[] => {
  const sources = (document as { sources?: unknown } | null)?.sources;
  return (Array.isArray(sources) ? sources : []).flatMap((source: { caFile?: unknown } | null, index) => {
    const file = substitute(substitutionFrom(environment), source?.caFile);
    const message = typeof file === 'string' ? certificateFault(file) : null;
    return message === null ? [] : [{ path: `sources.${index}.caFile`, message }];
  });
};
