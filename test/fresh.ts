/** Fails when a generated file is not what the code generates now, and names the command that mends it. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const generatedFolders = ['src/web/generated', 'src/client/generated'];

const read = (path: string): string | null => (existsSync(path) ? readFileSync(path, 'utf8') : null);

/** Emits and generates into a copy, so that the working tree is only looked at. */
const generateInto = (copy: string): void => {
  const run = (...command: string[]) =>
    execFileSync(process.execPath, command, {
      cwd: copy,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, NODE_ENV: 'test' },
    });
  for (const name of ['src', 'schema', 'codegen.yml', 'package.json', 'tsconfig.json'])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const folder of generatedFolders) rmSync(join(copy, folder), { recursive: true, force: true });
  for (const name of ['subgraph.graphql', 'api.graphql', 'supergraph.graphql', 'config.schema.json', 'trusted-documents.json'])
    rmSync(join(copy, 'schema', name), { force: true });
  run('--import', 'tsx', 'src/build/emit.ts', join(copy, 'schema'));
  run('node_modules/@graphql-codegen/cli/esm/bin.js', '--config', 'codegen.yml');
};

const copy = mkdtempSync(join(tmpdir(), 'tapegraph-fresh-'));
try {
  generateInto(copy);
  const emitted = ['subgraph.graphql', 'api.graphql', 'supergraph.graphql', 'config.schema.json', 'trusted-documents.json'].map(
    (name) => `schema/${name}`,
  );
  const generated = generatedFolders.flatMap((folder) => {
    const names = [root, copy].flatMap((base) => (existsSync(join(base, folder)) ? readdirSync(join(base, folder)) : []));
    return [...new Set(names)].map((name) => `${folder}/${name}`);
  });
  const stale = [...emitted, ...generated].filter((path) => read(join(root, path)) !== read(join(copy, path)));
  for (const path of stale) process.stderr.write(`${path} is stale; run \`npm run generate\` and commit what changes.\n`);
  if (stale.length > 0) process.exitCode = 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
