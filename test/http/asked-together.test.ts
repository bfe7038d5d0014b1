/** The same question, posted several times in one turn of the event loop: one pipeline's worth, as a server reads it from one packet. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { documentHash } from '../../src/graphql/policy/admission.ts';
import { createApiKeyAuthentication } from '../../src/http/auth/api-keys.ts';
import { startServer } from '../support/graphql-server.ts';

const create = async () => {
  const executed: string[] = [];
  const field = (name: string, answer: (context: { whoAsks(): string }) => unknown) => ({
    type: GraphQLString,
    args: { text: { type: GraphQLString } },
    resolve: (_: unknown, { text = '' }: { text?: string }, context: { whoAsks(): string }) => {
      executed.push(name + text);
      return answer(context);
    },
  });
  const fails = () => {
    throw new Error('no');
  };
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({
      name: 'Query',
      fields: { plain: field('plain', () => 'it'), asker: field('asker', (context) => context.whoAsks()), fails: field('fails', fails) },
    }),
    mutation: new GraphQLObjectType({ name: 'Mutation', fields: { save: field('save', () => 'saved') } }),
  });
  const keys = ['one', 'two'].map((name) => ({ name, keySha256: documentHash(`key-${name}`), scopes: ['agents:read' as const] }));
  const authentication = createApiKeyAuthentication(keys);
  const server = await startServer({
    schema,
    authenticate: authentication,
    limits: { batch: 2 },
    createContext: (_, { whoAsks }) => ({ whoAsks }),
  });

  /** Sends all in one packet; the answers in order. */
  const ask = async (...requests: readonly { body: unknown; headers?: Record<string, string> }[]) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    await once(socket, 'connect');
    const texts = requests.map(({ body, headers = {} }, place) => {
      const text = JSON.stringify(body);
      const all = {
        host: '127.0.0.1',
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(text)),
        authorization: 'Bearer key-one',
        'x-correlation-id': `request-${place}`,
        ...(place === requests.length - 1 ? { connection: 'close' } : {}),
        ...headers,
      };
      const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
      return `POST /graphql HTTP/1.1\r\n${lines.join('')}\r\n${text}`;
    });
    // Not ended: Node drops what is still to be answered when its client has nothing more to say.
    socket.write(texts.join(''));
    let received = '';
    for await (const chunk of socket) received += chunk;
    return received.split(/(?=HTTP\/1\.1 \d{3})/).map((one) => ({
      status: Number(one.slice(9, 12)),
      correlationId: /^x-correlation-id: (.*)\r$/m.exec(one)?.[1],
      type: /^content-type: ([^;\r]*)/im.exec(one)?.[1],
      body: JSON.parse(one.slice(one.indexOf('\r\n\r\n'))),
    }));
  };
  return { server, executed, ask, authentication, keys };
};

describe('requests that say the same in one turn', () => {
  test('are executed once, and each is answered under its own id', async () => {
    const { server, executed, ask } = await create();
    const body = { query: 'query Q($text: String) { plain(text: $text) }', variables: { text: '!' } };
    const answers = await ask({ body }, { body: { ...body, extensions: { clientLibrary: { name: 'wall' } } } }, { body });
    assert.deepEqual(
      answers.map(({ status, correlationId, body: { data } }) => [status, correlationId, data]),
      [0, 1, 2].map((place) => [200, `request-${place}`, { plain: 'it' }]),
    );
    assert.deepEqual(executed, ['plain!']);
    await ask({ body });
    assert.equal(executed.length, 2, 'another turn, another answer');
    await server.close();
  });

  test('are each their own where caller or variables differ', async () => {
    const { server, executed, ask } = await create();
    const query = 'query Q($text: String) { plain(text: $text) }';
    await ask(
      { body: { query } },
      { body: { query }, headers: { authorization: 'Bearer key-two' } },
      { body: { query, variables: { text: 'a' } } },
    );
    assert.deepEqual(executed.toSorted(), ['plain', 'plain', 'plaina']);
    await server.close();
  });

  test('are each written in the form that they accept', async () => {
    const { server, ask } = await create();
    const types = ['application/json', 'application/graphql-response+json', 'application/json'];
    const answers = await ask(...types.map((accept) => ({ body: { query: '{ plain }' }, headers: { accept } })));
    assert.deepEqual(
      answers.map(({ type }) => type),
      types,
    );
    await server.close();
  });

  test('each get their own answer where it fails or names the request, and wait for no other once that is known', async () => {
    const { server, executed, ask } = await create();
    for (const times of [1, 2]) {
      const failed = await ask({ body: { query: '{ fails }' } }, { body: { query: '{ fails }' } });
      assert.deepEqual(
        failed.map(({ body }) => body.errors[0].extensions.correlationId),
        ['request-0', 'request-1'],
      );
      const named = await ask({ body: { query: '{ asker }' } }, { body: { query: '{ asker }' } });
      assert.deepEqual(
        named.map(({ body }) => body.data.asker),
        ['request-0', 'request-1'],
      );
      assert.equal(executed.length, 4 * times);
    }
    await server.close();
  });

  test('are all carried out where they change something, and where they come in a batch', async () => {
    const { server, executed, ask } = await create();
    const save = { query: 'mutation { save }' };
    await ask({ body: save }, { body: save });
    assert.deepEqual(executed, ['save', 'save']);
    const [answer] = await ask({ body: [{ query: '{ plain }' }, { query: '{ asker }' }] });
    assert.deepEqual(answer!.body, [{ data: { plain: 'it' } }, { data: { asker: 'request-0' } }]);
    await server.close();
  });
});

describe('a connection that has shown its key', () => {
  test('is known by it until it shows another, or the key is withdrawn', async () => {
    const { server, ask, authentication, keys } = await create();
    const body = { query: '{ plain }' };
    const statuses = async (...shown: readonly string[]) =>
      (await ask(...shown.map((authorization) => ({ body, headers: { authorization } })))).map(({ status }) => status);
    assert.deepEqual(
      await statuses('Bearer key-one', 'Bearer key-one', 'Bearer key-three', '', 'Bearer key-two'),
      [200, 200, 401, 401, 200],
    );

    const agent = connect(Number(new URL(server.url).port), '127.0.0.1');
    const text = JSON.stringify(body);
    const next = async (): Promise<string> => {
      agent.write(
        `POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\nauthorization: Bearer key-one\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
      );
      const [chunk] = await once(agent, 'data');
      return String(chunk).slice(9, 12);
    };
    assert.equal(await next(), '200');
    assert.equal(await next(), '200');
    authentication.replaceKeys(keys.slice(1));
    assert.equal(await next(), '401');
    authentication.replaceKeys(keys);
    assert.equal(await next(), '200');
    agent.destroy();
    await server.close();
  });
});
