/** Requests that a client sends before it has the answers to those before. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { maxWaiting } from '../../src/http/in-order.ts';
import { principalOf, startServer } from '../support/graphql-server.ts';
import { until } from '../support/socket-client.ts';

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
  const send = (count: number) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => undefined);
    const requests = Array.from(
      { length: count },
      (_, index) =>
        `GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${index}\r\napollo-require-preflight: true\r\n\r\n`,
    );
    socket.write(requests.join(''));
    return socket;
  };
  return { server, begun, gates, send };
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
