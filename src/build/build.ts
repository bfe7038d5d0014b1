/** Builds the server, its pages and the libraries into a fresh folder, which then takes the place of `dist`. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { build as buildPages } from 'vite';
import { noticesOf } from './notices.ts';

const root = new URL('../..', import.meta.url).pathname;

/** The package's entry points, by the name behind `tapegraph/`. */
const libraries: Readonly<Record<string, string>> = {
  client: 'src/client/index.ts',
  'vendor-kit': 'src/vendors/kit/index.ts',
  'vendor-kit/testing': 'src/vendors/kit/testing/index.ts',
};

const common = {
  bundle: true,
  minifyWhitespace: true,
  minifySyntax: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  sourcemap: true,
  metafile: true,
  // In the code, a single name with an umlaut would have the whole file kept in two bytes a character.
  legalComments: 'linked',
  logLevel: 'warning',
} as const;

const kit = Object.fromEntries(
  Object.entries(libraries).flatMap(([name, file]) => (name.startsWith('vendor-kit') ? [[`${name}/index`, join(root, file)]] : [])),
);

/** The server, and the vendor kit over the same files, so that a plug-in loads nothing twice. Answers the files that went into them. */
const buildServer = async (folder: string): Promise<string[]> => {
  const { metafile } = await build({
    ...common,
    entryPoints: { tapegraph: join(root, 'src/cli/tapegraph.ts'), ...kit },
    outdir: folder,
    // A few files are read faster than thousands; what stays outside is optional.
    external: ['pg-native', 'class-validator', 'bufferutil', 'utf-8-validate'],
    splitting: true,
    // In a bundle it does not find Node's hashes, and would hash each request's document in JavaScript.
    alias: { '@apollo/utils.createhash': 'node:crypto' },
    banner: {
      js: "#!/usr/bin/env node\nimport { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
    },
  });
  await chmod(join(folder, 'tapegraph.js'), 0o755);
  return Object.keys(metafile.inputs);
};

const buildLibraries = async (folder: string): Promise<void> => {
  await build({
    ...common,
    entryPoints: { 'client/index': join(root, libraries.client!) },
    outdir: folder,
    packages: 'external',
    platform: 'neutral',
    target: 'es2023',
  });
  const types = join(folder, 'types');
  await promisify(execFile)(
    process.execPath,
    [
      join(root, 'node_modules/typescript/bin/tsc'),
      ...['--ignoreConfig', '--declaration', '--emitDeclarationOnly', '--rewriteRelativeImportExtensions', '--skipLibCheck', '--strict'],
      ...['--exactOptionalPropertyTypes', '--experimentalDecorators', '--lib', 'es2024,dom,dom.iterable,esnext.disposable'],
      ...['--target', 'es2023', '--module', 'nodenext', '--types', 'node', '--rootDir', join(root, 'src'), '--outDir', types],
      ...Object.values(libraries).map((file) => join(root, file)),
    ],
    { cwd: root },
  ).catch((error: { stdout?: string }) => {
    throw new Error(`The libraries' types could not be written:\n${error.stdout ?? error}`);
  });
};

const buildAll = async (folder: string): Promise<void> => {
  const [inputs] = await Promise.all([
    buildServer(folder),
    buildLibraries(folder),
    buildPages({
      configFile: join(root, 'src/web/vite.config.ts'),
      logLevel: 'warn',
      build: { outDir: join(folder, 'web'), license: { fileName: 'NOTICES.md' } },
    }),
  ]);
  await writeFile(join(folder, 'NOTICES.md'), await noticesOf(root, inputs));
};

const beganAt = new Date();
const work = join(root, '.build');
await mkdir(work, { recursive: true });
const fresh = await mkdtemp(join(work, 'dist-'));
const former = `${fresh}-former`;
try {
  await buildAll(fresh);
  await chmod(fresh, 0o755);
  // A file that changes while a build runs is newer than the build.
  await utimes(join(fresh, 'tapegraph.js'), beganAt, beganAt);
  await rename(join(root, 'dist'), former).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(fresh, join(root, 'dist'));
} finally {
  for (const folder of [fresh, former]) await rm(folder, { recursive: true, force: true });
}
