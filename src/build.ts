/** Builds the server into a few files, of which a start loads what it needs, and the pages beside them. */
import { readFile, rm } from 'node:fs/promises';
import { build, type Plugin, transform } from 'esbuild';
import { build as buildPages } from 'vite';

const root = new URL('..', import.meta.url).pathname;
const tsconfig = await readFile(`${root}tsconfig.json`, 'utf8');

/** Schemas are refused by another copy of graphql than their own, so whoever imports or requires it gets the same: its modules. */
const oneGraphql: Plugin = {
  name: 'one-graphql',
  setup: (bundler) => {
    bundler.onResolve({ filter: /^graphql($|\/)/ }, async ({ path, pluginData }) => {
      if (pluginData === 'resolved') return null;
      const found = await bundler.resolve(path, { resolveDir: root, kind: 'import-statement', pluginData: 'resolved' });
      return { ...found, path: found.path.replace(/\.js$/, '.mjs') };
    });
  },
};

/** Types of the contract are named for their classes. Everywhere else, a name would be set anew on each closure that a request makes. */
const typeNames: Plugin = {
  name: 'type-names',
  setup: (bundler) => {
    bundler.onLoad({ filter: /\/src\/graphql\/[\w-]+\.ts$/ }, async ({ path }) => {
      const options = { loader: 'ts', keepNames: true, sourcefile: path, sourcemap: 'inline', tsconfigRaw: tsconfig } as const;
      return { contents: (await transform(await readFile(path, 'utf8'), options)).code };
    });
  },
};

/** Of undici what asks vendors: its index also loads a browser's fetch, caches and mocks, which are two thirds of it. */
const undiciParts: Plugin = {
  name: 'undici-parts',
  setup: (bundler) => {
    bundler.onResolve({ filter: /^undici$/ }, ({ path }) => ({ path, namespace: 'parts' }));
    bundler.onLoad({ filter: /^undici$/, namespace: 'parts' }, () => ({
      resolveDir: root,
      contents: `
        import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
        import requests from 'undici/lib/api/index.js';
        export { default as Agent } from 'undici/lib/dispatcher/agent.js';
        Object.assign(Dispatcher.prototype, requests);`,
    }));
  },
};

/** Whoever imports a module of Node has all its properties read, and some load what nobody asks for: one of node:http, an undici. */
const requiredBuiltins: Plugin = {
  name: 'required-builtins',
  setup: (bundler) => {
    bundler.onResolve({ filter: /^node:/ }, ({ path, kind }) => (kind === 'import-statement' ? { path, namespace: 'required' } : null));
    bundler.onLoad({ filter: /^node:/, namespace: 'required' }, ({ path }) => ({ contents: `module.exports = require('${path}');` }));
  },
};

/** graphql-jit loads two validators of JSON Schema for a way to write answers that is not used here. */
const withoutSerializer: Plugin = {
  name: 'without-serializer',
  setup: (bundler) => {
    bundler.onResolve({ filter: /^fast-json-stringify$/ }, ({ path }) => ({ path, namespace: 'absent' }));
    bundler.onLoad({ filter: /./, namespace: 'absent' }, ({ path }) => ({
      contents: `module.exports = () => { throw new Error('${path} is not part of this build'); };`,
    }));
  },
};

/** Apollo finds Node's own hashes where it is not bundled, and else hashes each request's document in JavaScript. */
const nodeHashes: Plugin = {
  name: 'node-hashes',
  setup: (bundler) => {
    bundler.onResolve({ filter: /^@apollo\/utils\.createhash$/ }, ({ path }) => ({ path, namespace: 'hashes' }));
    bundler.onLoad({ filter: /./, namespace: 'hashes' }, () => ({ contents: "export { createHash } from 'node:crypto';" }));
  },
};

await rm(`${root}dist`, { recursive: true, force: true });
await Promise.all([
  build({
    entryPoints: { tapegraph: `${root}src/cli/tapegraph.ts` },
    outdir: `${root}dist`,
    bundle: true,
    // A few files are read faster than thousands; what stays outside is optional.
    external: ['pg-native', 'class-validator', 'bufferutil', 'utf-8-validate'],
    plugins: [oneGraphql, typeNames, undiciParts, requiredBuiltins, withoutSerializer, nodeHashes],
    minifyWhitespace: true,
    minifySyntax: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    splitting: true,
    sourcemap: true,
    // In the code, a single name with an umlaut would have the whole file kept in two bytes a character.
    legalComments: 'linked',
    // As Node builds it: without undici's second, experimental parser.
    define: { esbuildDetection: 'true' },
    banner: {
      js: "#!/usr/bin/env node\nimport { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
    },
    logLevel: 'warning',
  }),
  buildPages({ configFile: `${root}src/web/vite.config.ts`, logLevel: 'warn' }),
]);
