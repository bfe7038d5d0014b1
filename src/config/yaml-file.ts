/** Reads the operator's file as YAML. No message quotes the file: what is written wrong may be a secret. */
import { readFileSync } from 'node:fs';
import { type Document, isAlias, isScalar, parseDocument, visit, type YAMLError } from 'yaml';
import type { Fault } from './environment.ts';
import { fileFault } from './file-fault.ts';
import { keepTexts } from './scalars.ts';

const unexpected = 'YAML does not expect what is written here; write a text with special characters in quotes';
const quoteIt = 'write the text in quotes';

/** The rule and the remedy, by the parser's code. */
const sentences: Readonly<Record<string, string>> = {
  BAD_ALIAS: `a text that begins with * or & has a meaning of its own in YAML; ${quoteIt}`,
  BAD_DQ_ESCAPE: 'a text in double quotes contains a \\ that starts no known escape; write \\\\, or use single quotes',
  BAD_INDENT: 'the indentation does not fit the lines above, or a bracket or a quote is not closed; align it, or close it',
  BAD_SCALAR_START: `a text begins with a character that YAML reserves; ${quoteIt}`,
  BLOCK_AS_IMPLICIT_KEY: `a text contains a colon and a space, which begin a value; ${quoteIt}`,
  BLOCK_IN_FLOW: 'a bracket { or [ is not closed, or a text within it contains a colon; close the bracket, or write the text in quotes',
  DUPLICATE_KEY: 'a key is written twice; remove one of them',
  MISSING_CHAR: 'a quote, a bracket, a colon, a comma, a dash or a space is missing, here or above; add it',
  MULTILINE_IMPLICIT_KEY: 'a key has no value; write key: value in a line',
  MULTIPLE_DOCS: 'the file contains a second document (---); keep one',
  TAB_AS_INDENT: 'tabs are not allowed as indentation; use spaces',
  TAG_RESOLVE_FAILED: `a text that begins with ! is a tag in YAML; ${quoteIt}`,
};

/** A variable within { } or [ ] that is not in quotes; in braces itself, it is YAML of another meaning. */
const isFlowVariable = (line: string): boolean => {
  const bracket = line.search(/[{[]/);
  return bracket !== -1 && line.includes('${', bracket + 1);
};

/** As many lines as are corrected to find what is wrong below them. */
const maxCorrections = 20;

const lineOf = ({ linePos }: YAMLError): number => linePos?.[0].line ?? 0;

/** Errors, and warnings of a text that is dropped: a tag, such as a password that begins with !. */
const problemsOf = ({ errors, warnings }: Document): readonly YAMLError[] => [
  ...errors,
  ...warnings.filter(({ code }) => code === 'TAG_RESOLVE_FAILED'),
];

/**
 * Returns the faults of the lines. Leaves out all that the parser finds after the first one that is about more than its line, since it may follow
 * from that. Reports lines with a variable that lacks its quotes together.
 */
const lineFaults = (text: string): readonly Fault[] => {
  const lines = text.split('\n');
  const faults = new Map<string, string>();
  for (let round = 0; round < maxCorrections; round += 1) {
    const all = problemsOf(parseDocument(lines.join('\n'), { prettyErrors: true }));
    const first = all.find(({ code }) => code !== 'DUPLICATE_KEY');
    for (const error of all.slice(0, first === undefined ? undefined : all.indexOf(first)))
      faults.set(`line ${lineOf(error)}`, sentences.DUPLICATE_KEY!);
    if (first === undefined) break;
    const at = lineOf(first);
    const written = lines[at - 1] ?? '';
    if (!isFlowVariable(written) || faults.has(`line ${at}`)) {
      if (!faults.has(`line ${at}`)) faults.set(`line ${at}`, sentences[first.code] ?? unexpected);
      break;
    }
    faults.set(`line ${at}`, `a variable within { } or [ ] lacks its quotes; write it as "$\{NAME}"`);
    lines[at - 1] = written.replace(/\$\{\w*\}/g, 'x');
  }
  return [...faults].map(([path, message]) => ({ path, message }));
};

/** An alias, such as a password that begins with *, that names nothing. */
const aliasFaults = (document: Document, text: string): readonly Fault[] => {
  const faults: Fault[] = [];
  visit(document, {
    Alias: (_, node) => {
      if (!isAlias(node) || node.resolve(document) !== undefined) return;
      const line = text.slice(0, node.range?.[0] ?? 0).split('\n').length;
      faults.push({
        path: `line ${line}`,
        message: `a text that begins with * is an alias in YAML, and this one names nothing; ${quoteIt}`,
      });
    },
  });
  return faults;
};

const fault = (message: string) => ({ faults: [{ path: '', message }] });

/** Without its aliases: those that would unfold into millions of values, or into themselves, are a fault and not a hang. */
const plain = (document: Document): { document: unknown } | { faults: readonly Fault[] } => {
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    // Throws for a value that holds itself.
    JSON.stringify(value);
    return { document: value };
  } catch {
    return fault('its aliases (*name) are circular or too large; write out their values');
  }
};

/** The document in a file, or all that keeps it from being read. */
export const readYaml = (file: string): { document: unknown } | { faults: readonly Fault[] } => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return fault(fileFault(error));
  }
  const document = parseDocument(text, { prettyErrors: true });
  if (problemsOf(document).length > 0) return { faults: lineFaults(text) };
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null))
    return fault('the file is empty; it needs at least `sources:`');
  const faults = aliasFaults(document, text);
  if (faults.length > 0) return { faults };
  keepTexts(document);
  return plain(document);
};
