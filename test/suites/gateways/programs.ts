/** Gateways and composers of other makes, run as programs on the configurations of src/docs/federation.md. */
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import type { Service } from '../../../src/gateway/compose.ts';
import { credential } from '../../federation/federated.ts';
import { freePort } from '../../support/free-port.ts';
import { namedSnippets } from '../snippets.ts';

/** The address that the documented configurations give to Tapegraph. */
const documentedUrl = 'http://127.0.0.1:4000/graphql';

const document = readFileSync(new URL('../../../src/docs/federation.md', import.meta.url), 'utf8');
const documented = namedSnippets('src/docs/federation.md');

/** Returns the documented configuration of that file name, with the address of `tapegraph`. */
const configurationOf = (file: string, [tapegraph]: readonly Service[]): string => {
  const text = documented.get(file);
  if (text === undefined) throw new Error(`src/docs/federation.md has no block that opens with the file name ${file}.`);
  return text
    .replaceAll(documentedUrl, tapegraph!.url)
    .replaceAll(documentedUrl.replace('http', 'ws'), tapegraph!.url.replace('http', 'ws'));
};

/** Makes a folder below `installed`, so that its packages are found, with the SDL of every service in `schema/`; removed with the test. */
export const createFolder = (test: TestContext, installed: string, [tapegraph, ...neighbours]: readonly Service[]): string => {
  const folder = mkdtempSync(join(installed, 'run-'));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'schema'));
  writeFileSync(join(folder, 'schema/subgraph.graphql'), tapegraph!.sdl);
  for (const { name, sdl } of neighbours) writeFileSync(join(folder, `schema/${name}.graphql`), sdl);
  return folder;
};

/** Programs must not ask the internet for newer versions or report their use. */
const environment = (home: string) => ({
  ...process.env,
  HOME: home,
  COSMO_TELEMETRY_DISABLED: 'true',
  DISABLE_UPDATE_CHECK: 'true',
  DO_NOT_TRACK: '1',
});

const run = async (installed: string, folder: string, program: string, args: readonly string[]): Promise<void> => {
  const path = join(installed, 'node_modules/.bin', program);
  try {
    await promisify(execFile)(process.execPath, [path, ...args], { cwd: folder, env: environment(folder), timeout: 120_000 });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${program} ${args.join(' ')}: ${stderr}${stdout}`, { cause: error });
  }
};

/** Runs the documented command that takes the scopes out of the schema. */
export const makeUnscoped = (folder: string): void => {
  const command = document.match(/^ {4}(sed .*)$/m)?.[1];
  if (command === undefined) throw new Error('src/docs/federation.md has no command that takes the scopes out.');
  execFileSync('sh', ['-c', command], { cwd: folder });
};

/** Composes with Cosmo's command line; returns the path of the execution configuration. */
export const composeByWgc = async (
  installed: string,
  folder: string,
  services: readonly Service[],
  schema = 'schema/subgraph.graphql',
): Promise<string> => {
  const graph = parse(configurationOf('graph.yaml', services).replace('schema/subgraph.graphql', schema)) as { subgraphs: object[] };
  for (const { name, url } of services.slice(1))
    graph.subgraphs.push({ name, routing_url: url, schema: { file: `schema/${name}.graphql` } });
  writeFileSync(join(folder, 'graph.yaml'), stringify(graph));
  await run(installed, folder, 'wgc', ['router', 'compose', '--input', 'graph.yaml', '--out', 'router.json']);
  return join(folder, 'router.json');
};

/** Composes with GraphQL Mesh's command line; returns the path of the supergraph. */
export const composeByMesh = async (installed: string, folder: string, services: readonly Service[]): Promise<string> => {
  writeFileSync(join(folder, 'mesh.config.ts'), configurationOf('mesh.config.ts', services));
  const neighbours = services.slice(1).map(
    ({ name, url }) => `{ sourceHandler: loadGraphQLHTTPSubgraph('${name}', {
      endpoint: '${url}', source: './schema/${name}.graphql', federation: true }) }`,
  );
  writeFileSync(
    join(folder, 'neighbours.config.ts'),
    `import { defineConfig, loadGraphQLHTTPSubgraph } from '@graphql-mesh/compose-cli';
     import { composeConfig as documented } from './mesh.config';
     export const composeConfig = defineConfig({ subgraphs: [...documented.subgraphs, ${neighbours.join(', ')}] });`,
  );
  await run(installed, folder, 'mesh-compose', ['--config-path', 'neighbours.config.ts', '--output', 'supergraph.graphql']);
  return join(folder, 'supergraph.graphql');
};

/** Returns what the TypeScript compiler finds in the documented configuration of that file name. */
export const typeFaults = (folder: string, file: string): string => {
  writeFileSync(join(folder, file), documented.get(file)!);
  const options = '--noEmit --strict --skipLibCheck --ignoreConfig --target es2023 --module nodenext --types'.split(' ');
  const compiler = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [compiler, ...options, '', join(folder, file)], { encoding: 'utf8' });
  return stdout + stderr;
};

/** Starts a server and returns once `url` answers HTTP; it is ended with the test. */
const serve = async (test: TestContext, folder: string, url: string, program: string, args: readonly string[]): Promise<void> => {
  const child = spawn(program, args, { cwd: folder, env: environment(folder) });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output = `${output}${chunk}`.slice(-4_000);
    });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  test.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const answers = async (): Promise<boolean> => {
    const question = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"{ __typename }"}' };
    const response = await fetch(url, question).catch(() => null);
    await response?.text();
    return response?.ok ?? false;
  };
  const deadline = performance.now() + 60_000;
  while (!(await answers())) {
    if (child.exitCode !== null || performance.now() > deadline) throw new Error(`${program} does not answer at ${url}: ${output}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

export interface ServedGateway {
  url: string;
  /** Where it takes clients of graphql-transport-ws. */
  socketUrl: string;
  /** Headers of the upgrade that it needs beside the credential in connection_init to hand it on with every fetch. */
  socketHeaders: Record<string, string>;
}

/** Starts Hive's gateway on the supergraph that GraphQL Mesh composes. */
export const startHive = async (test: TestContext, installed: string, services: readonly Service[]): Promise<ServedGateway> => {
  const folder = createFolder(test, installed, services);
  await composeByMesh(installed, folder, services);
  writeFileSync(join(folder, 'gateway.config.ts'), configurationOf('gateway.config.ts', services));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/graphql`;
  const args = ['supergraph', '--config-path', 'gateway.config.ts', '--host', '127.0.0.1', '--port', String(port)];
  await serve(test, folder, url, process.execPath, [join(installed, 'node_modules/.bin/hive-gateway'), ...args]);
  return { url, socketUrl: url.replace('http', 'ws'), socketHeaders: {} };
};

const grafbase = (installed: string): string => join(installed, 'node_modules/@grafbase/cli-x86_64-unknown-linux-musl/grafbase');

/** Returns false on a machine for which the suite has no binary of Grafbase's gateway. */
export const hasGrafbase = (installed: string): boolean => existsSync(grafbase(installed));

/** Starts Grafbase's gateway, which composes by itself. */
export const startGrafbase = async (test: TestContext, installed: string, services: readonly Service[]): Promise<ServedGateway> => {
  const folder = createFolder(test, installed, services);
  const neighbours = services
    .slice(1)
    .map(({ name, url }) => `\n[subgraphs.${name}]\nurl = "${url}"\nschema_path = "schema/${name}.graphql"\n`);
  writeFileSync(join(folder, 'grafbase.toml'), `${configurationOf('grafbase.toml', services)}${neighbours.join('')}`);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/graphql`;
  await serve(test, folder, url, grafbase(installed), [...['dev', '--config', 'grafbase.toml', '--listen-address', `127.0.0.1:${port}`]]);
  return { url, socketUrl: `ws://127.0.0.1:${port}/ws`, socketHeaders: credential('everything') };
};
