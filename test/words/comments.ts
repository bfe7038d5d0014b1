/** Finds comments of code, and the sentences in them that open with a question word. */
import { opening } from './terms.ts';

/** A block comment, or consecutive lines of `//`; one behind code counts by itself. */
const comment = /(?<=^|[\s({[,;])\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*(?:\n[ \t]*\/\/.*)*/gm;
const decoration = /^\s*(?:\/\*\*?|\*(?!\/)|\/\/)|\*\/\s*$/gm;
const sentenceEnd = /(?<=[.:;?!)`*"])\s+(?=[A-Z])/;

export interface OpeningFound {
  line: number;
  sentence: string;
}

/** Returns the sentences of `code`'s comments that open with a question word and are no question; lines count from 1. */
export const openingsOf = (code: string): readonly OpeningFound[] =>
  [...code.matchAll(comment)].flatMap(({ 0: text, index }) =>
    text
      .replace(decoration, '')
      .split(sentenceEnd)
      .map((sentence) => sentence.trim().replace(/\s+/g, ' '))
      .filter((sentence) => opening.test(sentence) && !sentence.endsWith('?'))
      .map((sentence) => ({ line: code.slice(0, index).split('\n').length, sentence })),
  );
