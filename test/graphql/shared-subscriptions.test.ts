import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSharedExecutions, permissionSignature, subscriptionSignature } from '../../src/graphql/shared-subscriptions.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { closedAfter } from '../support/closed-after.ts';
import { principalOf, startServer } from '../support/graphql-server.ts';
import { connectSocket, until } from '../support/socket-client.ts';

const start = closedAfter(startServer);

const query = 'subscription { ticks { id who } }';

describe('identical subscriptions', () => {
  test('execute once an event, and every subscriber gets the frame', async () => {
    const server = await start();
    const clients = await Promise.all(Array.from({ length: 20 }, () => connectSocket(server.graphql)));
    for (const client of clients) {
      await client.init();
      client.subscribe('1', query);
      client.subscribe('2', query);
    }
    await until(() => server.ticks.listening === 40, 'all listen');
    for (const id of ['1', '2', '3']) server.ticks.send({ id, snapshot: false, at: 1 });
    for (const client of clients) {
      const seen = await Promise.all(Array.from({ length: 6 }, () => client.next()));
      assert.deepEqual(
        seen.map((message) => `${message.id}:${(message.payload as { data: { ticks: { id: string } } }).data.ticks.id}`).sort(),
        ['1:1', '1:2', '1:3', '2:1', '2:2', '2:3'],
      );
      client.close();
    }
    assert.equal(server.executed.ticks, 3);
    assert.equal(server.http.counts().eventExecutions, 3);
  });

  test('do not share a snapshot, nor an event after a gap', async () => {
    const server = await start();
    const client = await connectSocket(server.graphql);
    await client.init();
    client.subscribe('1', query);
    client.subscribe('2', query);
    await until(() => server.ticks.listening === 2, 'both listen');
    server.ticks.send({ id: '1', snapshot: true, at: 1 });
    server.ticks.send({ id: '2', snapshot: false, at: 1, gap: true } as never);
    for (let n = 0; n < 4; n += 1) await client.next();
    assert.equal(server.executed.ticks, 4);
    client.close();
  });

  test('never leak from one set of permissions to another', async () => {
    const principals = new Map([
      ['sees', principalOf({ name: 'sees' })],
      ['masked', principalOf({ name: 'masked', scopes: new Set(['agents:read']) })],
      ['elsewhere', principalOf({ name: 'elsewhere', sources: new Set(['desk']) })],
      ['same', principalOf({ name: 'same' })],
    ]);
    const server = await start({ authenticate: async (credential) => principals.get(credential ?? '')! });
    const clients = await Promise.all([...principals.keys()].map(async (name) => [name, await connectSocket(server.graphql)] as const));
    for (const [name, client] of clients) {
      await client.init({ Authorization: name });
      client.subscribe('1', query);
    }
    await until(() => server.ticks.listening === 4, 'all listen');
    server.ticks.send({ id: '1', snapshot: false, at: 1 });
    const seen: Record<string, string> = {};
    for (const [name, client] of clients) {
      seen[name] = ((await client.next()).payload as { data: { ticks: { who: string } } }).data.ticks.who;
      client.close();
    }
    assert.deepEqual(seen, { sees: 'Ada Lovelace', masked: '***', elsewhere: 'Ada Lovelace', same: 'Ada Lovelace' });
    // Only the two with the same permissions share.
    assert.equal(server.executed.ticks, 3);
  });
});

test('a signature tells apart all that an answer depends on, and nothing else', () => {
  const request = { text: query, operationName: null, variables: { a: 1, b: { c: [2, 1], d: null } } };
  const reference = subscriptionSignature(request, principalOf());
  const same = [
    subscriptionSignature({ ...request, variables: { b: { d: null, c: [2, 1] }, a: 1 } }, principalOf({ name: 'another' })),
    subscriptionSignature(request, principalOf({ scopes: new Set([...principalOf().scopes].reverse()), expiresAtMs: 5 })),
  ];
  for (const signature of same) assert.equal(signature, reference);
  const different = [
    subscriptionSignature({ ...request, text: `${query} ` }, principalOf()),
    subscriptionSignature({ ...request, operationName: 'A' }, principalOf()),
    subscriptionSignature({ ...request, variables: { a: 1, b: { c: [1, 2], d: null } } }, principalOf()),
    subscriptionSignature({ ...request, variables: { a: '1', b: { c: [2, 1], d: null } } }, principalOf()),
    subscriptionSignature(request, principalOf({ scopes: new Set() })),
    subscriptionSignature(request, principalOf({ sources: new Set() })),
    subscriptionSignature(request, principalOf({ sources: new Set(['hq']) })),
  ];
  assert.equal(new Set([reference, ...different]).size, different.length + 1);
  assert.notEqual(
    permissionSignature(principalOf({ sources: new Set(['a', 'b']) })),
    permissionSignature(principalOf({ sources: new Set(['a,b']) })),
  );
});

test('an answer is kept for its window, and no more than so many are', async () => {
  const clock = createManualClock();
  const shared = createSharedExecutions<number>(clock, 100, 3);
  let runs = 0;
  const ask = (event: string) => shared.once('s', event, async () => ++runs);
  assert.deepEqual(await Promise.all([ask('1'), ask('1')]), [1, 1]);
  await clock.advance(99);
  assert.equal(await ask('1'), 1);
  await clock.advance(1);
  assert.equal(await ask('1'), 2);
  for (const event of ['2', '3', '4', '5']) await ask(event);
  assert.equal(await ask('5'), runs);
  assert.equal(runs, 6);
  await ask('1');
  assert.equal(runs, 7);
  assert.equal(createSharedExecutions(systemClock).executions, 0);
});
