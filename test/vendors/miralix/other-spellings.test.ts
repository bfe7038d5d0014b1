/** Answers as other servers may give them where the vendor's pages leave room. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { detectAudio } from '../../../src/vendors/kit/index.ts';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';
import { createVendorContext } from '../../../src/vendors/kit/testing/vendor-context.ts';
import { miralix } from '../../../src/vendors/miralix/index.ts';
import { never } from './fixture.ts';

/** A source of a hosted account before a server that answers by path below the account; a number is a status without a body. */
const startAnswering = async (t: TestContext, answers: Readonly<Record<string, unknown>>) => {
  const server = createServer((request, response) => {
    const path = new URL(request.url!, 'http://vendor').pathname.replace('/mot/1042', '');
    const answer = answers[path] ?? 404;
    if (typeof answer === 'number') response.writeHead(answer).end();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = miralix.settings.parse({
    name: 'greenbox',
    vendor: 'miralix',
    baseUrl,
    account: 1042,
    sharedSecret: 's',
    version: '7.2',
  });
  const source = miralix.create(settings, createVendorContext({ clock: createManualClock() }));
  t.after(async () => {
    await source.close();
    server.closeAllConnections();
    server.close();
  });
  return source;
};

const statusOf = async (t: TestContext, overview: object, busy: unknown) => {
  const source = await startAnswering(t, { '/agents': [overview], '/agents/id/1/busycall': busy });
  const [agentSnapshot] = await source.agents!.byIdentifiers([{ identifier: 'ID', value: '1' }], never);
  const agent = agentSnapshot?.observations.find((one) => one.type === 'agent')?.agent;
  return [agent?.status, agent?.activeCall, source.health().status];
};

test('a hosted account may be written as a number, and property names come in any case', async (t) => {
  const call = { agentId: 1, queueCallId: 5, callState: 'Answered' };
  assert.deepEqual(await statusOf(t, { agentId: 1, agentName: 'A', agentStatus: 'LoggedIn' }, call), ['ON_CALL', '5', 'UP']);
});

test('a status with a number and a text is read from the text', async (t) => {
  assert.deepEqual(await statusOf(t, { AgentId: 1, Status: 3, StatusText: 'Pause' }, 404), ['BREAK', undefined, 'UP']);
});

test('an agent without a call is free, whether reported by an empty object or as an invalid parameter', async (t) => {
  assert.deepEqual(await statusOf(t, { AgentId: 1, AgentStatus: 'LoggedIn' }, {}), ['IDLE', null, 'UP']);
  assert.deepEqual(await statusOf(t, { AgentId: 1, AgentStatus: 'LoggedIn' }, 400), ['IDLE', null, 'UP']);
});

test('a flag tells an offered call from an answered one', async (t) => {
  const call = (IsAnswered: boolean) => ({ AgentId: 1, QueueCallId: 5, IsAnswered });
  assert.deepEqual((await statusOf(t, { AgentId: 1 }, call(false)))[0], 'RINGING');
  assert.deepEqual((await statusOf(t, { AgentId: 1 }, call(true)))[0], 'ON_CALL');
});

test('a value that does not fit its identifier names nobody, and is no fault of the source', async (t) => {
  const source = await startAnswering(t, {
    '/agents': [{ AgentId: 1 }],
    '/agents/syncId/abc/busycall': 400,
    '/agents/syncId/abc/recordings': 400,
  });
  assert.deepEqual(await source.agents!.byIdentifiers([{ identifier: 'SYNC_ID', value: 'abc' }], never), [null]);
  assert.equal(source.health().status, 'UP');
});

test('Ogg is audio as it is, and a text never is', () => {
  assert.deepEqual(detectAudio(Buffer.from('OggS\0\u0002rest')), { encoding: 'UNKNOWN', contentType: 'audio/ogg' });
  assert.equal(detectAudio(Buffer.from('Internal error')), null);
});
