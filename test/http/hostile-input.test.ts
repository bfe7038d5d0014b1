import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { principalOf, type StartedServer, startServer } from '../support/graphql-server.ts';
import { connectSocket } from '../support/socket-client.ts';

let server: StartedServer;
before(async () => {
  server = await startServer({
    authenticate: async () => principalOf(),
    webhooks: new Map([['desk', { handle: async () => ({ status: 200, body: '{}' }) }]]),
  });
});
after(async () => {
  const unexpected = server.log.lines.filter((line) => line.level === 'error');
  await server.close();
  assert.deepEqual(unexpected, []);
});

const runs = { numRuns: Number(process.env.FUZZ_RUNS ?? 200) };

/** Documents that are nearly GraphQL. */
const word = fc.constantFrom(
  'query',
  'mutation',
  'subscription',
  'fragment',
  'F',
  'on',
  'Query',
  '{',
  '}',
  '(',
  ')',
  ':',
  '...',
  '@include',
  'if',
  'true',
  'hello',
  'person',
  'id',
  'friends',
  'nodes',
  'first',
  '$a',
  '1',
  '"x"',
  '"""',
  '[',
  ']',
  '!',
  '=',
  'null',
  '\u0000',
  '\ud800',
  '#',
  '\n',
);
const documents = fc.array(word, { maxLength: 60 }).map((words) => words.join(' '));
const anything = fc.oneof(documents, fc.json(), fc.string({ unit: 'binary' }), fc.constant('{"query":"{ hello }"}'));
const request = fc.record(
  {
    query: fc.oneof(documents, fc.anything()),
    variables: fc.anything(),
    operationName: fc.anything(),
    extensions: fc.anything(),
    documentId: fc.anything(),
  },
  { requiredKeys: [] },
);

describe('no input of a client is a fault of the server', () => {
  test('bodies', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          anything,
          request.map((value) => JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner))),
        ),
        fc.constantFrom('application/json', 'text/event-stream', '*/*', 'application/graphql-response+json'),
        async (body, accept) => {
          const response = await fetch(server.graphql, { method: 'POST', body, headers: { 'content-type': 'application/json', accept } });
          // A subscription that happens to be valid streams on.
          await response.body?.cancel();
          assert.ok(response.status < 500, `${response.status} for ${body}`);
        },
      ),
      runs,
    );
  });

  test('addresses and headers', async () => {
    const headerValue = fc.string({ unit: 'grapheme-ascii', maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        fc.webPath(),
        fc.webQueryParameters(),
        fc.constantFrom('GET', 'POST', 'PUT', 'HEAD', 'OPTIONS'),
        headerValue,
        async (path, query, method, value) => {
          for (const prefix of ['', '/graphql', '/hooks/desk', '/media', '/assets']) {
            const response = await fetch(`${server.url}${prefix}${path || '/'}?${query}`, {
              method,
              headers: { accept: value.trim(), 'x-correlation-id': value.trim(), 'if-none-match': value.trim() },
            });
            await response.body?.cancel();
            assert.ok(response.status < 500, `${response.status} for ${method} ${prefix}${path}`);
          }
        },
      ),
      { numRuns: Math.ceil(runs.numRuns / 5) },
    );
  });

  test('WebSocket messages', async () => {
    const message = fc.oneof(
      anything,
      fc
        .record(
          {
            type: fc.constantFrom('subscribe', 'ping', 'pong', 'complete', 'next', 'connection_ack'),
            id: fc.oneof(fc.constantFrom('1', '__proto__', 'constructor'), fc.anything()),
            payload: fc.oneof(request, fc.anything()),
          },
          { requiredKeys: ['type'] },
        )
        .map((value) => JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner))),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 4 }), async (messages) => {
        const client = await connectSocket(server.graphql);
        await client.init();
        for (const each of messages) client.send(each);
        client.close();
        const { code } = await client.closed;
        assert.ok(![1011, 4500].includes(code), `${code} for ${messages.join(' ')}`);
      }),
      runs,
    );
  });
});
