/** Every pattern in the sources takes time in proportion to the text that it is tried on. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'acorn';
import { transformSync } from 'esbuild';
import { checkSync } from 'recheck';

interface Pattern {
  source: string;
  flags: string;
  file: string;
}

const root = path.resolve(import.meta.dirname, '../..');

/** Walks every node of a syntax tree. */
const walk = (node: unknown, visit: (node: Record<string, unknown>) => void): void => {
  if (Array.isArray(node)) for (const one of node) walk(one, visit);
  else if (typeof node === 'object' && node !== null) {
    visit(node as Record<string, unknown>);
    for (const [name, inner] of Object.entries(node)) if (name !== 'regex') walk(inner, visit);
  }
};

const patternsIn = (file: string, text: string): Pattern[] => {
  const found: Pattern[] = [];
  const { code } = transformSync(text, {
    loader: file.endsWith('x') ? 'tsx' : 'ts',
    target: 'es2023',
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
  });
  walk(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }), ({ type, regex, callee, arguments: given }) => {
    if (type === 'Literal' && regex)
      found.push({ ...(regex as { pattern: string; flags: string }), source: (regex as { pattern: string }).pattern, file });
    // A pattern that is made while the server runs, of a literal text.
    if (type === 'NewExpression' && (callee as { name?: string }).name === 'RegExp') {
      const [source, flags] = given as { value?: unknown }[];
      if (typeof source?.value === 'string') found.push({ source: source.value, flags: String(flags?.value ?? ''), file });
    }
  });
  return found;
};

/** The simulators and the build read nothing that a stranger sends. */
const files = globSync('src/**/*.{ts,tsx}', { cwd: root }).filter(
  (file) => !/^src\/(simulators|build|gateway)/.test(file) && !file.includes('generated'),
);
const patterns = files.flatMap((file) => patternsIn(file, readFileSync(path.join(root, file), 'utf8')));
const distinct = [...new Map(patterns.map((pattern) => [`/${pattern.source}/${pattern.flags}`, pattern])).entries()];

/** Texts on which a pattern that tries again and again would show. */
const hardTexts = (length: number): string[] =>
  ['1', '1 ', '11-', '2026-01-01T', 'a', 'a@a.', ' ', '1. ', '0123456-', '11111111-1111-', '$', '${', '${a'].map(
    (piece) => `${piece.repeat(length / piece.length)}!`,
  );

/** Patterns with bounded repeats that the analysis gives up on: each is timed instead. */
const measured = new Set(['src/observability/log.ts', 'src/graphql/masking.ts', 'src/config/environment.ts']);

const msOn = (pattern: RegExp, texts: readonly string[]): number => {
  const startedAt = performance.now();
  for (const text of texts) text.replace(pattern, '');
  return performance.now() - startedAt;
};

describe('patterns', () => {
  test('a backtracking one is distinguished from a linear one', () => {
    assert.equal(checkSync('^(a|a)*$', '').status, 'vulnerable');
    assert.equal(checkSync('\\s+$', '').status, 'vulnerable');
    assert.equal(checkSync('^[a-z]+$', '').status, 'safe');
    assert.deepEqual(patternsIn('a.ts', 'const a: RegExp = /x+/u;'), [{ pattern: 'x+', source: 'x+', flags: 'u', file: 'a.ts' }]);
  });

  test(`each of the sources is linear`, () => {
    assert.ok(distinct.length > 100, `${distinct.length} patterns were found`);
    const slow = distinct.flatMap(([text, { source, flags, file }]) => {
      const found = checkSync(source, flags.replace('v', 'u'), { timeout: 10_000 });
      const { status } = found;
      if (status !== 'safe' && measured.has(file)) {
        // A quadratic one takes minutes here.
        const ms = msOn(new RegExp(source, flags), hardTexts(200_000));
        return ms < 5000 ? [] : [`${file}: ${text} takes ${ms} ms on 200,000 characters`];
      }
      return status === 'safe' ? [] : [`${file}: ${text} is ${status === 'vulnerable' ? found.complexity.summary : status}`];
    });
    assert.deepEqual(slow, []);
  });
});
