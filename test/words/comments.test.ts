/** Tests that the check of comments finds openings that hide the subject, and no others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openingsOf } from './comments.ts';

/** With # for the slashes of a line comment, so that this file has no such comment itself. */
const code = [
  '/** What it keeps. */',
  "const files = globSync('src/**/*.ts'); # Whether it is there.",
  '/**',
  ' * Returns the row. Whoever asks',
  ' * first waits. What, then?',
  ' */',
  '# A line that goes on in the next. As much as',
  '# fits is read.',
  "const url = 'http://What.example'; # Reads what is there, whoever asks.",
]
  .join('\n')
  .replaceAll('#', '//');

test('a sentence of a comment that opens with a question word is found, with its line', () => {
  assert.deepEqual(openingsOf(code), [
    { line: 1, sentence: 'What it keeps.' },
    { line: 2, sentence: 'Whether it is there.' },
    { line: 3, sentence: 'Whoever asks first waits.' },
    { line: 7, sentence: 'As much as fits is read.' },
  ]);
});
