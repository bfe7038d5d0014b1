/** Builds the server into one file and the pages beside it. */
import { rm } from 'node:fs/promises';
import { build, type Plugin } from 'esbuild';
import { build as buildPages } from 'vite';

const root = new URL('..', import.meta.url).pathname;

/** Schemas are refused by another copy of graphql than their own, so whoever imports or requires it gets the same. */
const oneGraphql: Plugin = {
  name: 'one-graphql',
  setup: (bundler) => {
    bundler.onResolve({ filter: /^graphql($|\/)/ }, ({ path, pluginData }) =>
      pluginData === 'resolved' ? null : bundler.resolve(path, { resolveDir: root, kind: 'import-statement', pluginData: 'resolved' }),
    );
  },
};

await rm(`${root}dist`, { recursive: true, force: true });
await Promise.all([
  build({
    entryPoints: { tapegraph: `${root}src/tapegraph.ts` },
    outdir: `${root}dist`,
    bundle: true,
    // One file is read faster than thousands; what stays outside starts workers of its own or is optional.
    external: ['pino', 'pg-native', 'class-validator', 'bufferutil', 'utf-8-validate'],
    plugins: [oneGraphql],
    minifyWhitespace: true,
    minifySyntax: true,
    // Types of the contract are named for their classes.
    keepNames: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    splitting: true,
    sourcemap: true,
    banner: {
      js: "#!/usr/bin/env node\nimport { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
    },
    logLevel: 'warning',
  }),
  buildPages({ configFile: `${root}src/web/vite.config.ts`, logLevel: 'warn' }),
]);
