/** The built bundle, as it is shipped, with every optional setting on: what a bundler does to a package shows nowhere else. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { systemClock } from '../src/lib/clock.ts';
import { startHuaweiSimulator } from '../src/simulators/huawei/index.ts';
import { skipUnbuilt, startBundle } from './support/bundle.ts';
import { createTestDatabase, rabbitUrl } from './support/services.ts';
import { sha256 } from './support/sha256.ts';
import { testFolder } from './support/test-folder.ts';

const root = resolve(import.meta.dirname, '..');

const serve = async (context: TestContext, listener: RequestListener): Promise<string> => {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

test('tracing, JWT, PostgreSQL with RabbitMQ, trusted documents and TLS with a CA work together', {
  skip: skipUnbuilt,
  timeout: 120_000,
}, async (context) => {
  const folder = testFolder(context);

  const spans: string[] = [];
  const collector = await serve(context, async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    for (const { scopeSpans } of JSON.parse(body).resourceSpans)
      for (const scope of scopeSpans) spans.push(...scope.spans.map(({ name }: { name: string }) => name));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const issuer = await serve(context, async (_, response) => {
    const keys = [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }];
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
  });
  const database = await createTestDatabase();
  context.after(database.drop);
  const pem = (name: string) => join(root, 'test/vendors/huawei/tls', name);
  const gateway = await startHuaweiSimulator({
    clock: systemClock,
    tls: { key: readFileSync(pem('gateway.key'), 'utf8'), cert: readFileSync(pem('gateway.pem'), 'utf8') },
  });
  context.after(() => gateway.close());
  gateway.contactCenter.addAgent({ workNo: '291', password: 'secret-291' });

  const query = '{ agents { nodes { externalId status } } sources { name health { status } } }';
  const hash = sha256(query);
  const documents = join(folder, 'documents.json');
  writeFileSync(documents, JSON.stringify({ [`sha256:${hash}`]: query }));
  const file = join(folder, 'tapegraph.json');
  writeFileSync(
    file,
    JSON.stringify({
      server: { port: 0, trustedDocuments: documents },
      auth: { mode: 'jwt', jwt: { issuer: 'https://id.example.com/', audience: 'tapegraph', jwksUrl: `${issuer}/jwks.json` } },
      store: { url: database.url },
      bus: { url: await rabbitUrl(), exchange: `test-${randomUUID()}` },
      tracing: { otlpEndpoint: collector },
      sources: [
        {
          ...{
            name: 'mumbai',
            vendor: 'huawei',
            baseUrl: gateway.url,
            caFile: pem('ca.pem'),
            maxAgentBlackoutSeconds: 300,
            events: 'poll',
          },
          agents: [{ id: '291', password: 'secret-291', phone: '4291' }],
        },
      ],
    }),
  );

  const { child, url } = await startBundle(context, ['--config', file], { cwd: folder });
  const exit = once(child, 'exit');

  const token = await new SignJWT({ iss: 'https://id.example.com/', aud: 'tapegraph', sub: 'ada', scope: 'agents:read' })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setExpirationTime('5m')
    .sign(privateKey);
  const ask = async (body: object, authorization = `Bearer ${token}`) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify(body),
    });
    return {
      status: response.status,
      body: (await response.json()) as { data?: { agents: { nodes: { externalId: string; status: string }[] } } },
    };
  };
  const trusted = { extensions: { persistedQuery: { version: 1, sha256Hash: hash } } };

  // TLS with its CA: the agent that is signed in at the gateway is observed.
  for (;;) {
    const { status, body } = await ask(trusted);
    assert.equal(status, 200, JSON.stringify(body));
    const agent = body.data?.agents?.nodes.find(({ externalId }) => externalId === '291');
    if (agent && agent.status !== 'UNKNOWN') break;
    await new Promise((done) => setTimeout(done, 100));
  }
  // JWT: another's signature is not taken.
  assert.equal((await ask(trusted, `Bearer ${token.slice(0, -8)}AAAAAAAA`)).status, 401);
  // Trusted documents: nothing else is executed.
  assert.equal((await ask({ query: '{ sources { name } }' })).body.data, undefined);
  // PostgreSQL holds what was observed, and RabbitMQ answers.
  assert.equal(Number((await database.query('select count(*) from agents')).rows[0].count), 1);
  const ready = (await (await fetch(`${url}/health/ready`)).json()) as { checks: Record<string, string> };
  assert.deepEqual([ready.checks.store, ready.checks.bus], ['ok', 'ok']);

  child.kill('SIGTERM');
  assert.deepEqual((await exit)[0], 0);
  // Tracing: what was left was sent at the end.
  assert.ok(spans.some((name) => name.startsWith('POST')) && spans.some((name) => name.startsWith('vendor')), spans.join(', '));
});
