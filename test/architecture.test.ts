/** Which way imports point, and where a vendor may be named. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';

const root = resolve(import.meta.dirname, '..');
const source = resolve(root, 'src');

const files = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
  .map((entry) => resolve(entry.parentPath, entry.name))
  .filter((file) => !file.includes('/generated/'));

const importsOf = (file: string): string[] => {
  const code = readFileSync(file, 'utf8');
  const declared = code.matchAll(/^(?:import|export)\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]/gm);
  const bare = code.matchAll(/^import\s*['"]([^'"]+)['"]/gm);
  const dynamic = code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g);
  return [...declared, ...bare, ...dynamic].map((match) => match[1]!);
};

/** The part of `src` that a file belongs to; files at its top wire things up. */
const partOf = (file: string): string => {
  const path = relative(source, file).split('/');
  return path.length === 1 ? 'wire-up' : path[0]!;
};

const mayImport: Record<string, readonly string[]> = {
  lib: [],
  domain: ['lib'],
  vendors: ['domain', 'lib'],
  storage: ['domain', 'lib'],
  events: ['domain', 'lib'],
  observability: ['domain', 'lib'],
  media: ['domain', 'lib'],
  graphql: ['domain', 'lib', 'observability', 'media'],
  http: ['domain', 'lib', 'observability', 'media', 'graphql'],
  simulators: ['domain', 'lib', 'vendors'],
  config: ['domain', 'lib', 'graphql', 'vendors'],
  web: [],
  client: [],
  gateway: [],
  build: ['config', 'gateway', 'graphql', 'vendors'],
};

/** The makes of recorder, as their folders are called. */
const vendorNames = readdirSync(resolve(source, 'vendors'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'kit')
  .map((entry) => entry.name);

it('the page about the design shows the same directions', () => {
  const page = readFileSync(resolve(root, 'src/docs/design.md'), 'utf8');
  const shown = [...page.matchAll(/^\| `src\/(\w+)` \| [^|]+ \| ([^|;]+)/gm)].map(([, part, imports]) => [
    part!,
    [...imports!.matchAll(/`(\w+)`/g)].map(([, name]) => name!),
  ]);
  assert.deepEqual(Object.fromEntries(shown), { ...mayImport, cli: [] });
});

describe('imports', () => {
  for (const file of files) {
    const name = relative(root, file);
    const part = partOf(file);
    if (part === 'wire-up' || part === 'cli') continue;
    it(`of ${name} point inwards`, () => {
      assert.ok(mayImport[part], `${part} is no known part of src; say in test/architecture.test.ts what it may import`);
      for (const specifier of importsOf(file)) {
        if (!specifier.startsWith('.')) {
          if (part === 'domain') assert.fail(`domain imports nothing but itself, not ${specifier}`);
          continue;
        }
        const target = resolve(dirname(file), specifier);
        if (!target.startsWith(source)) continue;
        const to = partOf(target);
        assert.ok(to === part || mayImport[part].includes(to), `${part} may not import ${relative(source, target)}`);
        if (part === 'vendors' && to === 'vendors') {
          const [, own] = relative(source, file).split('/');
          const [, other, entry] = relative(source, target).split('/');
          const isFolder = entry !== undefined && own !== other && other !== 'kit';
          if (isFolder)
            assert.equal(`${own} → ${entry}`, 'registry.ts → index.ts', 'a vendor is entered by its index, from the registry only');
        }
        if (part === 'simulators' && to === 'vendors') assert.match(target, /\/wire\.ts$/, "a simulator knows only a vendor's wire types");
      }
    });
  }

  it('are found at all', () => {
    assert.ok(files.length > 50);
    assert.ok(importsOf(resolve(source, 'main.ts')).includes('./vendors/registry.ts'));
  });
});

describe('circles of imports', () => {
  const imported = new Map(
    files.map((file) => [
      file,
      importsOf(file)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => resolve(dirname(file), specifier)),
    ]),
  );
  /** The files on the way from `file` back to itself; null where there is none. */
  const circleFrom = (file: string): readonly string[] | null => {
    const came = new Map<string, string>();
    const waiting = [file];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      for (const next of imported.get(at) ?? []) {
        if (next === file) {
          const way = [file];
          for (let step = at; step !== file; step = came.get(step)!) way.unshift(step);
          return way;
        }
        if (came.has(next)) continue;
        came.set(next, at);
        waiting.push(next);
      }
    }
    return null;
  };

  it('are none', () => {
    const circles = files.map(circleFrom).filter((way) => way !== null);
    assert.deepEqual(
      circles.map((way) => way.map((file) => relative(source, file)).join(' → ')),
      [],
    );
  });
});

describe('a vendor is named', () => {
  for (const file of files) {
    const path = relative(source, file);
    const isHome = vendorNames.some((vendor) => path.startsWith(`vendors/${vendor}/`) || path.startsWith(`simulators/${vendor}/`));
    if (isHome || path === 'vendors/registry.ts' || path === 'simulators/registry.ts') continue;
    it(`nowhere in src/${path}`, () => {
      const code = readFileSync(file, 'utf8')
        .replace(/\/\*[\s\S]*?\*\//g, '')
        .replace(/(^|\s)\/\/.*$/gm, '');
      for (const vendor of vendorNames) assert.ok(!new RegExp(`\\b${vendor}\\b`, 'i').test(code), `${vendor} is named outside its folder`);
    });
  }
});
