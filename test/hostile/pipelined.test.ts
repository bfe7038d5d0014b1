/** Requests that a client sends before it has the answers to those before. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { maxWaiting } from '../../src/http/in-order.ts';
import { principalOf, startServer } from '../support/graphql-server.ts';
import { until } from '../support/socket-client.ts';

const queryAs = (name: string) =>
  `GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${name}\r\napollo-require-preflight: true\r\n\r\n`;

const arrange = async () => {
  const begun: string[] = [];
  const gates: (() => void)[] = [];
  const server = await startServer({
    authenticate: async (credential) => {
      begun.push(credential!);
      await new Promise<void>((resolve) => gates.push(resolve));
      return principalOf();
    },
  });
  const write = (requests: readonly string[]) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => undefined);
    socket.write(requests.join(''));
    return socket;
  };
  const send = (count: number) => write(Array.from({ length: count }, (_, index) => queryAs(String(index))));
  return { server, begun, gates, send, write };
};

test('the requests of a connection are looked at one after another, as many as may wait', async (t) => {
  const { server, begun, gates, send } = await arrange();
  t.after(server.close);
  const socket = send(1 + maxWaiting);
  let received = '';
  socket.on('data', (data) => (received += data));
  for (let index = 0; index <= maxWaiting; index += 1) {
    await until(() => begun.length > index, 'the next is looked at');
    assert.equal(begun.length, index + 1);
    gates[index]!();
  }
  await until(() => received.split('HTTP/1.1 200').length - 1 === 1 + maxWaiting, 'all are answered');
  assert.deepEqual(
    begun,
    Array.from({ length: 1 + maxWaiting }, (_, index) => String(index)),
  );
  socket.destroy();
});

test('a connection with more of them is dropped, and those that waited are never looked at', async (t) => {
  const { server, begun, gates, send } = await arrange();
  t.after(server.close);
  const dropped = [send(2 + maxWaiting), send(10_000)];
  await Promise.all(dropped.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  const left = send(3);
  await until(() => begun.length === 3, 'the first of each is looked at');
  left.resetAndDestroy();
  const last = send(1);
  await until(() => begun.length === 4, 'another connection is looked at');
  for (const open of gates) open();
  const [answer] = await once(last, 'data');
  assert.match(String(answer), /^HTTP\/1\.1 200/);
  assert.deepEqual(begun, ['0', '0', '0', '0']);
  last.destroy();
});

test('behind an answer that closes the connection, no request is looked at', async (t) => {
  const { server, begun, write } = await arrange();
  t.after(server.close);
  const socket = write(['GET /hooks/unknown HTTP/1.1\r\nhost: localhost\r\n\r\n', queryAs('behind'), queryAs('last')]);
  let received = '';
  socket.on('data', (data) => (received += data));
  await once(socket, 'close');
  assert.match(received, /^HTTP\/1\.1 404/);
  assert.equal(received.split('HTTP/1.1').length - 1, 1);
  assert.deepEqual(begun, []);
});

test('a server that closes answers the request that it looks at, and none behind it', async (t) => {
  const { server, begun, gates, send } = await arrange();
  t.after(server.close);
  const socket = send(3);
  let received = '';
  socket.on('data', (data) => (received += data));
  await until(() => begun.length === 1, 'the first is looked at');
  const closed = server.http.close(5000);
  gates[0]!();
  await Promise.all([once(socket, 'close'), closed]);
  assert.match(received, /^HTTP\/1\.1 200/);
  assert.deepEqual(begun, ['0']);
});

test('a connection that asks for a WebSocket before its requests are answered is dropped', async (t) => {
  const { server, begun, gates, write } = await arrange();
  t.after(server.close);
  const upgrade = [
    'GET /graphql HTTP/1.1',
    'host: localhost',
    'connection: upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-protocol: graphql-transport-ws',
  ];
  const socket = write([queryAs('first'), queryAs('second'), `${upgrade.join('\r\n')}\r\n\r\n`]);
  let received = '';
  socket.on('data', (data) => (received += data));
  await once(socket, 'close');
  for (const open of gates) open();
  assert.equal(received, '');
  assert.ok(!begun.includes('second'));
});
