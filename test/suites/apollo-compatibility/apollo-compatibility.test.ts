import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ApolloGateway, IntrospectAndCompose } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { freePort } from '../../support/free-port.ts';
import { createProductsSchema } from './products.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const run = promisify(execFile);

const suite = dirname(createRequire(import.meta.url).resolve('@apollo/federation-subgraph-compatibility-tests/package.json'));

/** One of the suite's own subgraphs, as its program. */
const startTheirs = async (context: TestContext, program: string, portName: string): Promise<string> => {
  const port = await freePort();
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, [portName]: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  context.after(() => child.kill());
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text) => String(text).includes('ready at') && resolve());
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}`)));
  });
  return `http://localhost:${port}/`;
};

const serve = async (context: TestContext, server: ApolloServer): Promise<string> => {
  const { url } = await startStandaloneServer(server, { listen: { port: 0 } });
  context.after(() => server.stop());
  return url;
};

test("Apollo's compatibility suite passes in all of its 23 tests", { timeout: 300_000 }, async (context) => {
  const products = await serve(context, new ApolloServer({ schema: await createProductsSchema(), stopOnTerminationSignals: false }));
  const [users, inventory] = await Promise.all([
    startTheirs(context, join(suite, 'dist/subgraphs/users/index.js'), 'USERS_PORT'),
    startTheirs(context, join(suite, 'dist/subgraphs/inventory/index.js'), 'INVENTORY_PORT'),
  ]);
  const supergraphSdl = new IntrospectAndCompose({
    subgraphs: Object.entries({ products, users, inventory }).map(([name, url]) => ({ name, url })),
  });
  const gateway = await serve(
    context,
    new ApolloServer({ gateway: new ApolloGateway({ supergraphSdl }), stopOnTerminationSignals: false }),
  );

  const inSuite = createRequire(join(suite, 'package.json'));
  const { stdout } = await run(
    process.execPath,
    [
      inSuite.resolve('jest/bin/jest'),
      join(suite, 'dist/tests'),
      '--ci',
      '--json',
      '--config',
      join(suite, 'federation-jest.config.js'),
      '--moduleNameMapper',
      JSON.stringify({ '^make-fetch-happen$': join(folder, 'fetch.cjs') }),
    ],
    {
      maxBuffer: 64 * 1024 * 1024,
      env: {
        ...process.env,
        PRODUCTS_URL: products,
        SUITE_FETCH: inSuite.resolve('make-fetch-happen'),
        SUITE_PLACES: JSON.stringify({ 'http://localhost:4000/': gateway }),
        NODE_OPTIONS: '',
      },
    },
  ).catch((error: { stdout: string }) => error);
  const { testResults } = JSON.parse(stdout) as {
    testResults: { assertionResults: { fullName: string; status: string; failureMessages: string[] }[] }[];
  };
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  assert.deepEqual(
    results
      .filter(({ status }) => status !== 'passed')
      .map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages.join('\n')}`),
    [],
  );
  assert.equal(results.length, 23);
});
