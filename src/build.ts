/** Builds the server into one file and the pages beside it. */
import { rm } from 'node:fs/promises';
import { build } from 'esbuild';
import { build as buildPages } from 'vite';

const root = new URL('..', import.meta.url).pathname;

await rm(`${root}dist`, { recursive: true, force: true });
await Promise.all([
  build({
    entryPoints: { tapegraph: `${root}src/tapegraph.ts` },
    outdir: `${root}dist`,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node24',
    format: 'esm',
    splitting: true,
    sourcemap: true,
    banner: { js: '#!/usr/bin/env node' },
    logLevel: 'warning',
  }),
  buildPages({ configFile: `${root}src/web/vite.config.ts`, logLevel: 'warn' }),
]);
