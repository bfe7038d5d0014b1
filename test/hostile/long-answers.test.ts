/** Answers that are longer than anybody reads. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { buildSchema } from 'graphql';
import type { Limits } from '../../src/graphql/policy/limits.ts';
import { principalOf, startServer } from '../support/graphql-server.ts';
import { connectSocket, until } from '../support/socket-client.ts';

const maxLength = 8_388_608;

/** `lines` answers with so many characters. */
const arrange = async (limits: Partial<Limits> = {}) => {
  const schema = buildSchema('type Query { lines(characters: Int): [String] } type Subscription { lines(characters: Int): [String] }');
  const linesOf = (characters: number) => Array.from({ length: Math.ceil(characters / 1000) }, () => 'x'.repeat(997));
  schema.getQueryType()!.getFields().lines!.resolve = (_: unknown, { characters }: { characters: number }) => linesOf(characters);
  Object.assign(schema.getSubscriptionType()!.getFields().lines!, {
    subscribe: async function* (_: unknown, { characters }: { characters: number }) {
      yield { lines: linesOf(characters) };
    },
  });
  return startServer({ schema, authenticate: async (name) => principalOf({ name: name ?? 'anyone', scopes: new Set() }), limits });
};

const tooLong = (answer: unknown) => {
  const { data, errors } = answer as { data: unknown; errors: { message: string; extensions: Record<string, unknown> }[] };
  const [{ message, extensions }] = errors as [(typeof errors)[0]];
  assert.equal(data, null);
  assert.match(message, /^The answer is longer than 8388608 bytes; ask for/);
  assert.deepEqual([extensions.code, extensions.limit, typeof extensions.correlationId], ['ANSWER_LIMIT', maxLength, 'string']);
};

test('an answer that is too long is an error at every transport, alone in a batch, and a shorter one is whole', async (t) => {
  const server = await arrange();
  t.after(server.close);
  const operation = (kind: 'query' | 'subscription', characters: number) => ({ query: `${kind} { lines(characters: ${characters}) }` });
  const post = async (body: unknown, accept = 'application/json') => {
    const headers = { 'content-type': 'application/json', accept };
    return (await fetch(server.graphql, { method: 'POST', headers, body: JSON.stringify(body) })).text();
  };
  const dataOf = (text: string) => /^data: (.*)$/m.exec(text)![1]!;
  const client = await connectSocket(server.graphql);
  t.after(() => client.close());
  await client.init();
  const overSocket = async (kind: 'query' | 'subscription', characters: number) => {
    client.subscribe(kind, operation(kind, characters).query);
    const { type, payload } = await client.next();
    assert.equal(type, 'next');
    assert.equal((await client.next()).type, 'complete');
    return payload;
  };
  tooLong(JSON.parse(await post(operation('query', maxLength + 1000))));
  tooLong(await overSocket('query', maxLength + 1000));
  for (const kind of ['query', 'subscription'] as const)
    tooLong(JSON.parse(dataOf(await post(operation(kind, maxLength + 1000), 'text/event-stream'))));
  tooLong(await overSocket('subscription', maxLength + 1000));
  const whole = (answer: unknown) => assert.equal((answer as { data: { lines: string[] } }).data.lines.length, 8000);
  const [long, short] = JSON.parse(await post([operation('query', maxLength + 1000), operation('query', 8_000_000)])) as unknown[];
  tooLong(long);
  whole(short);
  whole(JSON.parse(await post(operation('query', 8_000_000))));
  whole(await overSocket('query', 8_000_000));
  whole(await overSocket('subscription', 8_000_000));
});

test('a client that reads gets a whole answer, however few bytes may wait on its connection', async (t) => {
  const server = await arrange({ bufferBytes: 10_000 });
  t.after(server.close);
  const client = await connectSocket(server.graphql);
  t.after(() => client.close());
  await client.init();
  for (const kind of ['query', 'subscription']) {
    client.subscribe(kind, `${kind} { lines(characters: 8000000) }`);
    const [{ payload }, { type }] = [await client.next(), await client.next()];
    assert.equal((payload as { data: { lines: string[] } }).data.lines.length, 8000);
    assert.equal(type, 'complete');
  }
});

test('the answers of a batch are no longer together than one may be', async (t) => {
  const server = await arrange();
  t.after(server.close);
  const operation = { query: '{ lines(characters: 8000000) }' };
  const { status, body } = await server.ask([operation, operation, { query: '{ lines(characters: 1000) }' }, operation]);
  const answers = body as unknown as { data: { lines: string[] } | null }[];
  assert.deepEqual([status, answers.length], [200, 4]);
  assert.deepEqual(answers[2], { data: { lines: ['x'.repeat(997)] } });
  const long = answers.filter((_, index) => index !== 2);
  assert.deepEqual(
    long.flatMap(({ data }) => data?.lines.length ?? []),
    [8000],
    'one of them has room',
  );
  for (const answer of long) if (answer.data === null) tooLong(answer);
});

test('of answers that a caller does not read few are held, and another caller gets a whole one', async (t) => {
  const server = await arrange({ bufferBytesTogether: 20_000_000 });
  t.after(server.close);
  const body = JSON.stringify({ query: '{ lines(characters: 8000000) }' });
  const askAs = (name: string, type: string) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    const headers = [
      `authorization: Bearer ${name}`,
      'content-type: application/json',
      `accept: ${type}`,
      `content-length: ${body.length}`,
      'connection: close',
    ];
    socket.write(`POST /graphql HTTP/1.1\r\nhost: localhost\r\n${headers.join('\r\n')}\r\n\r\n${body}`);
    return socket.on('error', () => undefined).pause();
  };
  const sockets = Array.from({ length: 16 }, (_, index) => askAs('slow', index % 2 === 0 ? 'application/json' : 'text/event-stream'));
  await until(() => server.log.lines.filter(({ fields }) => fields?.status === 200).length >= 8, 'some are dropped');
  const response = await fetch(server.graphql, {
    method: 'POST',
    headers: { authorization: 'Bearer other', 'content-type': 'application/json' },
    body,
  });
  assert.equal(((await response.json()) as { data: { lines: string[] } }).data.lines.length, 8000);
  const lengths = await Promise.all(
    sockets.map(async (socket) => {
      let length = 0;
      socket.on('data', (data) => (length += data.length)).resume();
      if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
      return length;
    }),
  );
  const whole = lengths.filter((length) => length > 8_000_000).length;
  assert.ok(whole > 0 && whole <= 8, `${whole} are held`);
});
