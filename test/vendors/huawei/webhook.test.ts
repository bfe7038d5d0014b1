import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { arrange } from './gateway.ts';

const push = { events: 'push', callbackUrl: 'http://127.0.0.1:9/hooks/mumbai', serviceToken: 'token-1' };

const send = async (
  source: Awaited<ReturnType<typeof arrange>>['source'],
  body: unknown,
  headers: Record<string, string> = { service_token: 'token-1' },
) =>
  source.webhook!.handle({
    method: 'POST',
    path: '',
    query: new URLSearchParams(),
    headers: { 'content-type': 'application/json; charset=UTF-8', ...headers },
    body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
  });

test('the documented push is reduced, oldest first, before it is answered', async (context) => {
  const { source, agent } = await arrange(context, { settings: push });
  const answer = await send(source, {
    workNo: '291',
    eventList: [
      { eventType: 'AgentState_Ready', workNo: '291', content: null },
      {
        eventType: 'AgentEvent_Talking',
        workNo: '291',
        content: { caller: '10086', callid: '1456401416-3', called: '70092', feature: '7', type: 'main' },
      },
    ],
  });
  assert.equal(answer.status, 200);
  assert.deepEqual(JSON.parse(answer.body), { message: 'success', retcode: '0' });
  assert.deepEqual([agent('291').status, agent('291').activeCall], ['ON_CALL', '1456401416-3']);
});

test('a wrong or missing token is refused, logged and counted', async (context) => {
  const { source, context: server, agent } = await arrange(context, { settings: push });
  const before = agent('291').status;
  const event = { workNo: '291', eventList: [{ eventType: 'AgentState_SetRest_Success', content: null }] };
  for (const headers of [{ service_token: 'token-2' }, { service_token: '' }, {}] as Record<string, string>[]) {
    assert.equal((await send(source, event, headers)).status, 401);
  }
  assert.equal(agent('291').status, before);
  assert.equal(server.measured.filter(({ operation, outcome }) => operation === 'push' && outcome === 'FORBIDDEN').length, 3);
  assert.ok(server.logged.some(({ message }) => message === 'push refused'));
  assert.doesNotMatch(JSON.stringify(server.logged), /token-/);
});

test('what is not JSON, of no shape or of a stranger is kept and counted', async (context) => {
  const { source, context: server } = await arrange(context, { settings: push });
  assert.equal((await send(source, 'eventType=1')).status, 400);
  assert.equal((await send(source, { workNo: '291' })).status, 400);
  assert.equal((await send(source, { workNo: '77', eventList: [{ eventType: 'AgentState_Ready' }] })).status, 200);
  assert.equal((await send(source, { workNo: '291', eventList: [{ content: 1 }, { eventType: 'AgentState_Work' }] })).status, 200);
  assert.equal(server.deadLetters.length, 4);
  assert.equal(server.agents.get('291')?.status, 'WRAP_UP');
});

test('an event that cannot be kept is not acknowledged', async (context) => {
  const { source, context: server } = await arrange(context, { settings: push });
  server.refuse(1);
  await assert.rejects(send(source, { workNo: '291', eventList: [{ eventType: 'AgentState_Work' }] }));
});

test('a polling source takes no pushes', async (context) => {
  const { source } = await arrange(context);
  assert.equal(source.webhook, undefined);
});

const callback = async (test: TestContext) => {
  let handle: (headers: Record<string, string>, body: Uint8Array) => Promise<{ status: number; body: string }> = async () => ({
    status: 503,
    body: '',
  });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const answer = await handle(request.headers as Record<string, string>, Buffer.concat(chunks));
      response.writeHead(answer.status).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.after(() => server.close());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/mumbai`,
    use: (next: typeof handle) => {
      handle = next;
    },
  };
};

test('a pushed call is followed over HTTP to its recording', async (context) => {
  const hook = await callback(context);
  const { source, simulator, pass, context: server } = await arrange(context, { settings: { ...push, callbackUrl: hook.url } });
  hook.use((headers, body) => source.webhook!.handle({ method: 'POST', path: '', query: new URLSearchParams(), headers, body }));
  const { callId } = simulator.contactCenter.ring('291');
  simulator.contactCenter.talk('291', callId);
  await pass(2_000, 500);
  simulator.contactCenter.release('291', callId);
  // Pushes travel on their own sockets: wait for the last one.
  await server.batch(({ observations }) =>
    observations.some((one) => one.type === 'agent' && one.agent.vendorStatus === 'AgentState_Ready' && server.calls.size > 0),
  );
  assert.equal(server.calls.get(callId)?.state, 'ENDED');
  assert.deepEqual([...server.recordings.keys()], simulator.contactCenter.files());
});

test('a push without the optional token is taken from who knows a GUID of ours', async (context) => {
  const { source, context: server, agent, settle } = await arrange(context, { settings: push });
  await settle();
  const { guid } = (await server.state.get('session:291')) as { guid: string };
  const event = { workNo: '291', eventList: [{ eventType: 'AgentState_Work', content: null }] };
  assert.equal((await send(source, event, { guid: `${guid}x` })).status, 401);
  assert.equal((await send(source, event, { guid, service_token: 'token-2' })).status, 401);
  assert.equal((await send(source, event, { guid })).status, 200);
  assert.equal(agent('291').status, 'WRAP_UP');
});
