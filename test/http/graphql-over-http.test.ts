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
