/** Other people's clients, set up as their documentation and src/docs/front-end.md say, against the real server. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { systemClock } from '../../../src/lib/clock.ts';
import type { Tapegraph } from '../../../src/main.ts';
import { startUptivitySimulator, type UptivitySimulator } from '../../../src/simulators/uptivity/index.ts';
import { launchBrowser } from '../../support/browser.ts';
import { startConfigured } from '../../support/server.ts';
import { installSuite } from '../installed-suite.ts';
import { namedSnippets } from '../snippets.ts';

const run = promisify(execFile);
const key = 'a key of the suite';
const schema = fileURLToPath(new URL('../../../schema/api.graphql', import.meta.url));
const scopes = ['agents:read', 'recordings:read', 'recordings:control', 'blackouts:control', 'audit:read', 'pii:read'];

let folder: string;
let simulator: UptivitySimulator;
let tapegraph: Tapegraph;
let pages: { origin: string; serve(html: string): void; close(): void };

const servePages = async (): Promise<typeof pages> => {
  let page = '';
  const server = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(page));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    serve: (html) => {
      page = html;
    },
    close: () => server.close(),
  };
};

before(
  async () => {
    folder = await installSuite('clients');
    for (const [name, code] of namedSnippets('src/docs/front-end.md')) if (name.endsWith('.mjs')) writeFileSync(join(folder, name), code);
    pages = await servePages();
    simulator = await startUptivitySimulator({ clock: systemClock, agents: 6 });
    simulator.contactCenter.takeCall(simulator.agent(2));
    tapegraph = await startConfigured({
      server: { host: '127.0.0.1', port: 0, introspection: true, corsOrigins: [pages.origin] },
      auth: {
        mode: 'apiKeys',
        apiKeys: [{ name: 'suite', keySha256: createHash('sha256').update(key).digest('hex'), scopes }],
      },
      sources: [{ name: 'hq', vendor: 'uptivity', baseUrl: simulator.url, timeZone: 'America/New_York', pollSeconds: 0.2 }],
    });
    while (simulator.callsMade('GET /api/Agent/GetAll') < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  },
  { timeout: 300_000 },
);
after(async () => {
  await tapegraph?.close(1000);
  await simulator?.close();
  pages?.close();
});

/** Runs one of the suite's programs; what it prints is the message of the failure. */
const program = async (name: string, ...more: string[]): Promise<void> => {
  try {
    await run(process.execPath, [name, `${tapegraph.url}/graphql`, key, ...more], { cwd: folder, timeout: 60_000 });
  } catch (error) {
    const { stderr, stdout } = error as { stderr: string; stdout: string };
    assert.fail(`${name}: ${stderr || stdout || error}`);
  }
};

test('Apollo Client: cache, pages, persisted queries by GET, unions, subscriptions over graphql-ws and multipart, a refused key', () =>
  program('apollo-client.mjs'));

test('urql: its defaults, persisted queries, graphcache with pages and a subscription', () => program('urql.mjs', schema));

test('graphql-request: POST, GET, a batch of ten, a refused key', () => program('graphql-request.mjs'));

test('Relay: the compiler takes the client schema, and one store holds pages, a refetched agent and two streams', async () => {
  mkdirSync(join(folder, 'relay/generated'), { recursive: true });
  copyFileSync(schema, join(folder, 'relay/api.graphql'));
  await run(join(folder, 'node_modules/relay-compiler/linux-x64/relay'), ['relay.config.json'], { cwd: join(folder, 'relay') });
  await build({
    absWorkingDir: folder,
    entryPoints: ['relay.mjs'],
    outfile: 'relay-bundle.mjs',
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    resolveExtensions: ['.js'],
  });
  await program('relay-bundle.mjs');
});

test('Apollo Client in a browser, on a page of another origin', { timeout: 60_000 }, async () => {
  const { outputFiles } = await build({
    stdin: {
      resolveDir: folder,
      contents: `
        import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client/core';
        const link = new HttpLink({
          uri: ${JSON.stringify(`${tapegraph.url}/graphql`)},
          credentials: 'include',
          headers: { authorization: ${JSON.stringify(`Bearer ${key}`)}, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', baggage: 'a=b' },
        });
        const client = new ApolloClient({ link, cache: new InMemoryCache(), clientAwareness: { name: 'page', version: '1' } });
        client.query({ query: gql\`{ agents(first: 3) { nodes { id } } }\` }).then(
          ({ data }) => { document.title = 'agents: ' + data.agents.nodes.length; },
          (error) => { document.title = 'failed: ' + error; },
        );`,
    },
    bundle: true,
    write: false,
    format: 'iife',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  pages.serve(`<!doctype html><title>waiting</title><script>${outputFiles[0]!.text.replaceAll('</script', '<\\/script')}</script>`);
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(pages.origin);
    await page.waitForFunction(() => document.title !== 'waiting');
    assert.equal(await page.title(), 'agents: 3');
  } finally {
    await browser.close();
  }
});
