/** Identical mutations and batches that arrive in one packet are each carried out. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { startServer } from '../support/graphql-server.ts';

const create = async () => {
  const executed: string[] = [];
  const field = (name: string, answer: string) => ({
    type: GraphQLString,
    resolve: () => {
      executed.push(name);
      return answer;
    },
  });
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: { plain: field('plain', 'it') } }),
    mutation: new GraphQLObjectType({ name: 'Mutation', fields: { save: field('save', 'saved') } }),
  });
  const server = await startServer({ schema });

  /** Sends all in one packet; the answers in order. */
  const ask = async (...bodies: readonly unknown[]) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    await once(socket, 'connect');
    const requests = bodies.map((body, index) => {
      const text = JSON.stringify(body);
      const isLast = index === bodies.length - 1;
      return [
        'POST /graphql HTTP/1.1',
        'host: 127.0.0.1',
        'content-type: application/json',
        `content-length: ${Buffer.byteLength(text)}`,
        `x-correlation-id: request-${index}`,
        ...(isLast ? ['connection: close'] : []),
        '',
        text,
      ].join('\r\n');
    });
    // Not ended: Node drops what is still to be answered when its client has nothing more to say.
    socket.write(requests.join(''));
    let received = '';
    for await (const chunk of socket) received += chunk;
    return received.split(/(?=HTTP\/1\.1 \d{3})/).map((one) => ({
      correlationId: /^x-correlation-id: (.*)\r$/m.exec(one)?.[1],
      body: JSON.parse(one.slice(one.indexOf('\r\n\r\n'))),
    }));
  };
  return { server, executed, ask };
};

test('identical mutations are each carried out, and answered under their own ids', async (t) => {
  const { server, executed, ask } = await create();
  t.after(() => server.close());
  const save = { query: 'mutation { save }' };
  const answers = await ask(save, save, save);
  assert.deepEqual(executed, ['save', 'save', 'save']);
  assert.deepEqual(
    answers.map(({ correlationId, body }) => [correlationId, body.data]),
    [0, 1, 2].map((index) => [`request-${index}`, { save: 'saved' }]),
  );
});

test('all of a batch is carried out, identical operations and identical batches too', async (t) => {
  const { server, executed, ask } = await create();
  t.after(() => server.close());
  const batch = [{ query: 'mutation { save }' }, { query: 'mutation { save }' }, { query: '{ plain }' }];
  const answers = await ask(batch, batch);
  assert.deepEqual(executed.toSorted(), ['plain', 'plain', 'save', 'save', 'save', 'save']);
  assert.deepEqual(
    answers.map(({ body }) => body.map(({ data }: { data: unknown }) => data)),
    Array(2).fill([{ save: 'saved' }, { save: 'saved' }, { plain: 'it' }]),
  );
});
