import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createTapegraphClient } from '../../src/client/client.ts';
import { AgentChangedDocument, AgentsBoardDocument } from '../../src/client/generated/graphql.ts';
import { startSimulator } from '../federation/federated.ts';
import { startConfigured } from '../support/server.ts';
import { sha256 } from '../support/sha256.ts';
import { connectSocket } from '../support/socket-client.ts';

const file = fileURLToPath(new URL('../../schema/trusted-documents.json', import.meta.url));
const manifest = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;

const textOf = (operation: string): string => Object.values(manifest).find((text) => text.includes(` ${operation}`))!;
const foreignQuery = '{ sources { name } }';
const foreignStream = 'subscription { agentChanged { id agent { phone } } }';

/** A server that takes the committed manifest and nothing else. */
const startTrusting = async (context: TestContext) => {
  const simulator = await startSimulator(2);
  context.after(simulator.close);
  const tapegraph = await startConfigured({
    server: { host: '127.0.0.1', port: 0, trustedDocuments: file },
    sources: [{ name: 'hq', vendor: 'uptivity', baseUrl: simulator.url, timeZone: 'America/New_York', pollSeconds: 0.1 }],
  });
  context.after(() => tapegraph.close(1000));
  return `${tapegraph.url}/graphql`;
};

const post = async (url: string, body: object, accept = 'application/graphql-response+json') => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify(body),
  });
  return { status: response.status, response };
};

const codesOf = async (response: Response): Promise<string[]> => {
  const text = await response.text();
  return [...text.matchAll(/"code":"(\w+)"/g)].map(([, code]) => code!);
};

test('every document of the manifest is known by the hash of its text', () => {
  assert.ok(Object.keys(manifest).length >= 15);
  for (const [hash, text] of Object.entries(manifest)) assert.equal(hash, `sha256:${sha256(text)}`);
});

test('HTTP takes the manifest by text and by hash, and nothing else', async (context) => {
  const url = await startTrusting(context);
  const board = textOf('AgentsBoard');
  for (const body of [
    { query: board },
    { documentId: `sha256:${sha256(board)}` },
    { extensions: { persistedQuery: { version: 1, sha256Hash: sha256(board) } } },
  ]) {
    const { status, response } = await post(url, body);
    assert.equal(status, 200);
    const { data, errors } = (await response.json()) as { data: { agents: { nodes: object[] } }; errors?: object };
    assert.equal(errors, undefined);
    assert.equal(data.agents?.nodes.length, 2);
  }
  for (const body of [{ query: foreignQuery }, { documentId: `sha256:${sha256(foreignQuery)}` }, { query: `${board} ` }]) {
    const { status, response } = await post(url, body);
    assert.equal(status, 400, JSON.stringify(body));
    assert.deepEqual(await codesOf(response), ['DOCUMENT_NOT_TRUSTED']);
  }
  const registering = { query: foreignQuery, extensions: { persistedQuery: { version: 1, sha256Hash: sha256(foreignQuery) } } };
  assert.deepEqual(await codesOf((await post(url, registering)).response), ['PERSISTED_QUERY_NOT_SUPPORTED']);
  const search = new URLSearchParams({ query: foreignQuery });
  const byGet = await fetch(`${url}?${search}`, { headers: { accept: 'application/json', 'apollo-require-preflight': 'true' } });
  assert.deepEqual(await codesOf(byGet), ['DOCUMENT_NOT_TRUSTED']);
});

test('event streams take the manifest by text and by hash, and nothing else', async (context) => {
  const url = await startTrusting(context);
  const stream = textOf('AgentChanged');
  for (const body of [{ query: stream }, { documentId: `sha256:${sha256(stream)}` }]) {
    const { response } = await post(url, body, 'text/event-stream');
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('"agentChanged"')) text += (await reader.read()).value ?? assert.fail('the stream ended');
    await reader.cancel();
  }
  for (const body of [{ query: foreignStream }, { documentId: `sha256:${sha256(foreignStream)}` }]) {
    const { response } = await post(url, body, 'text/event-stream');
    assert.deepEqual(await codesOf(response), ['DOCUMENT_NOT_TRUSTED']);
  }
});

test('sockets take the manifest by text and by hash, and nothing else', async (context) => {
  const url = await startTrusting(context);
  const socket = await connectSocket(url);
  context.after(socket.close);
  await socket.init();
  const stream = textOf('AgentChanged');
  for (const [id, payload] of [
    ['text', { query: stream }],
    ['hash', { query: '', extensions: { persistedQuery: { version: 1, sha256Hash: sha256(stream) } } }],
  ] as const) {
    socket.send({ type: 'subscribe', id, payload });
    let message = await socket.next();
    while (message.id !== id) message = await socket.next();
    assert.equal(message.type, 'next');
    socket.send({ type: 'complete', id });
  }
  socket.send({ type: 'subscribe', id: 'foreign', payload: { query: foreignStream } });
  let message = await socket.next();
  while (message.id !== 'foreign') message = await socket.next();
  assert.equal(message.type, 'error');
  assert.equal((message.payload as { extensions: { code: string } }[])[0]?.extensions.code, 'DOCUMENT_NOT_TRUSTED');
});

test('the client kit works with hashes alone', async (context) => {
  const url = await startTrusting(context);
  const client = createTapegraphClient({ url, hashesOnly: true });
  context.after(client.close);
  const { agents } = await client.request(AgentsBoardDocument, {});
  assert.equal(agents?.nodes.length, 2);
  const events = client.subscribe(AgentChangedDocument, {});
  const { value } = await events.next();
  assert.ok(value!.agentChanged.snapshot);
  await events.return();
});
