import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { auditServer } from 'graphql-http';
import { type StartedServer, startServer } from '../support/graphql-server.ts';

let server: StartedServer;
before(async () => {
  server = await startServer();
});
after(() => server.close());

test('all audits of GraphQL over HTTP pass', async () => {
  const results = await auditServer({
    url: server.graphql,
    fetchFn: (url: string, init: RequestInit = {}) =>
      fetch(url, { ...init, headers: { ...(init.headers as Record<string, string>), 'apollo-require-preflight': 'true' } }),
  });
  const failed = results
    .filter((result) => result.status !== 'ok')
    .map((result) => `${result.id} ${result.name}: ${'reason' in result ? result.reason : ''}`);
  assert.deepEqual(failed, []);
  assert.equal(results.length, 61);
});

test('a client that takes no JSON is told so before anything is done', async () => {
  const ask = (accept: string) =>
    fetch(server.graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify({ query: '{ hello }' }),
    });
  for (const accept of ['text/html', 'image/png, text/plain;q=0.5', 'application/xml']) {
    const answer = await ask(accept);
    assert.equal(answer.status, 406);
    const { errors } = (await answer.json()) as { errors: { message: string; extensions: { code: string } }[] };
    assert.equal(errors[0]!.extensions.code, 'NOT_ACCEPTABLE');
    assert.match(errors[0]!.message, /name application\/graphql-response\+json or application\/json/);
  }
  for (const accept of ['*/*', 'text/html, application/*;q=0.1', 'Application/JSON', 'text/html,*/*;q=0.8']) {
    const answer = await ask(accept);
    assert.equal(answer.status, 200, accept);
    assert.deepEqual(((await answer.json()) as { data: unknown }).data, { hello: 'Hello world' });
  }
});
