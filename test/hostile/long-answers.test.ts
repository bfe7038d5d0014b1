/** Answers that are longer than anybody reads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildSchema } from 'graphql';
import { principalOf, startServer } from '../support/graphql-server.ts';
import { connectSocket } from '../support/socket-client.ts';

const maxLength = 8_388_608;

/** `lines` answers with so many characters. */
const arrange = async () => {
  const schema = buildSchema('type Query { lines(characters: Int): [String] } type Subscription { lines(characters: Int): [String] }');
  const linesOf = (characters: number) => Array.from({ length: Math.ceil(characters / 1000) }, () => 'x'.repeat(997));
  schema.getQueryType()!.getFields().lines!.resolve = (_: unknown, { characters }: { characters: number }) => linesOf(characters);
  Object.assign(schema.getSubscriptionType()!.getFields().lines!, {
    subscribe: async function* (_: unknown, { characters }: { characters: number }) {
      yield { lines: linesOf(characters) };
    },
  });
  return startServer({ schema, authenticate: async () => principalOf({ scopes: new Set() }) });
};

const tooLong = (answer: unknown) => {
  const { data, errors } = answer as { data: unknown; errors: { message: string; extensions: Record<string, unknown> }[] };
  const [{ message, extensions }] = errors as [(typeof errors)[0]];
  assert.equal(data, null);
  assert.match(message, /^The answer is longer than 8388608 characters; ask for/);
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
