/** Checks the prose of documents, descriptions, command-line help, messages and comments; prints each finding and ends with 1 where there is one. */
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse as parseGraphQL, visit } from 'graphql';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import remarkRetext from 'remark-retext';
import retextEnglish from 'retext-english';
import retextIndefiniteArticle from 'retext-indefinite-article';
import retextRepeatedWords from 'retext-repeated-words';
import { unified } from 'unified';
import { VFile } from 'vfile';
import { commands } from '../../src/cli/index.ts';
import { options } from '../../src/cli/options.ts';
import { openingsOf } from './comments.ts';
import { maxSentenceWords, opening, terms } from './terms.ts';

interface Node {
  type: string;
  value?: string;
  children?: Node[];
}

const root = resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(resolve(root, file), 'utf8');

/** Returns the text of a node without what is set in code type. */
const textOf = ({ type, value, children = [] }: Node): string => (type === 'SourceNode' ? '' : (value ?? children.map(textOf).join('')));

const sentencesOf = (node: Node): readonly Node[] => (node.type === 'SentenceNode' ? [node] : (node.children ?? []).flatMap(sentencesOf));

const wordsIn = ({ type, children = [] }: Node): number =>
  type === 'WordNode' ? 1 : children.reduce((count, child) => count + wordsIn(child), 0);

interface Messages {
  message(reason: string, place?: unknown): unknown;
}

/** Reports terms of the list, openings that hide the subject, and sentences that are too long. */
const house = () => (tree: unknown, file: Messages) => {
  for (const sentence of sentencesOf(tree as Node)) {
    const text = textOf(sentence).trim();
    for (const { pattern, advice } of terms) {
      const found = pattern.exec(text);
      if (found) file.message(`"${found[0]}": ${advice}`, sentence);
    }
    if (opening.test(text) && !text.endsWith('?'))
      file.message(`"${text.slice(0, 40)}…" opens with a question word; start with the subject`, sentence);
    const length = wordsIn(sentence);
    if (length > maxSentenceWords) file.message(`a sentence of ${length} words; at most ${maxSentenceWords}`, sentence);
  }
};

const prose = unified().use(retextEnglish).use(retextRepeatedWords).use(retextIndefiniteArticle).use(house);
const markdown = unified()
  .use(remarkParse)
  .use(remarkGfm)
  .use(remarkRetext, prose as never);

let findings = 0;
const report = (where: string, reason: string): void => {
  findings += 1;
  process.stdout.write(`${where}: ${reason}\n`);
};

/** Checks a text in Markdown; `where` names it, `line` says whether a finding has a line. */
const check = async (where: string, text: string, line: boolean): Promise<void> => {
  const file = new VFile({ value: text });
  await markdown.run(markdown.parse(file), file);
  for (const { reason, line: at } of file.messages) report(line && at ? `${where}:${at}` : where, reason);
};

const checkTerms = (where: string, text: string): void => {
  for (const { pattern, advice } of terms) {
    const found = pattern.exec(text);
    if (found) report(where, `"${found[0]}": ${advice}`);
  }
};

for (const file of globSync(['*.md', 'src/**/*.md'], { cwd: root })) await check(file, read(file), true);

const described: [string, string][] = [];
visit(parseGraphQL(read('schema/api.graphql')), {
  enter: (node) => {
    if ('description' in node && node.description)
      described.push([`schema/api.graphql:${node.loc!.startToken.line}`, node.description.value]);
  },
});
const walk = (path: string, node: unknown): void => {
  if (typeof node !== 'object' || node === null) return;
  const { description } = node as { description?: unknown };
  if (typeof description === 'string') described.push([path, description]);
  for (const [key, value] of Object.entries(node)) walk(`${path}.${key}`, value);
};
walk('schema/config.schema.json', JSON.parse(read('schema/config.schema.json')));
for (const [name, { summary, details = '' }] of Object.entries(commands))
  described.push([`tapegraph ${name} --help`, `${summary}.\n\n${details}`]);
for (const [name, { about }] of Object.entries(options)) described.push([`--${name}`, about]);
for (const [where, text] of described) await check(where, text, false);

/** Texts of three words or more in the code: messages to clients and operators, and what pages show between two tags. */
const literal = /'((?:[^'\\\n]|\\.)+)'|"((?:[^"\\\n]|\\.)+)"|`((?:[^`\\]|\\.)+)`/g;
const betweenTags = /[>}]([^<>{}()=;]+)[<{]/g;
for (const file of globSync('src/**/*.{ts,tsx}', { cwd: root, exclude: ['src/simulators/**', 'src/**/generated/**'] })) {
  const code = read(file).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, (comment) => comment.replace(/[^\n]/g, ''));
  const found = [...code.matchAll(literal), ...(file.endsWith('x') ? code.matchAll(betweenTags) : [])];
  for (const match of found) {
    const text = (match[1] ?? match[2] ?? match[3])!.trim().replace(/\$\{[^}]*\}/g, 'X');
    if (text.split(/\s+/).length >= 3) checkTerms(`${file}:${code.slice(0, match.index).split('\n').length}`, text);
  }
}

for (const file of globSync(['src/**/*.{ts,tsx}', 'test/**/*.{ts,mjs}'], {
  cwd: root,
  exclude: ['src/**/generated/**', '**/node_modules/**'],
})) {
  for (const { line, sentence } of openingsOf(read(file)))
    report(`${file}:${line}`, `the comment "${sentence.slice(0, 40)}…" opens with a question word; start with a verb or name the thing`);
}

if (findings > 0) {
  process.stdout.write(`${findings} findings\n`);
  process.exitCode = 1;
}
