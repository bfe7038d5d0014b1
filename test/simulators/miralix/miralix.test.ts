import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { addPeople } from '../../../src/simulators/miralix/activity.ts';
import { type MiralixSimulatorOptions, miralixDemo, startMiralixSimulator } from '../../../src/simulators/miralix/index.ts';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';
import { miralix } from '../../../src/vendors/miralix/index.ts';

const start = async (test: TestContext, options: Partial<MiralixSimulatorOptions> = {}) => {
  const clock = createManualClock();
  const simulator = await startMiralixSimulator({ clock, ...options });
  addPeople(simulator.contactCenter);
  test.after(() => simulator.close());
  const ask = (path: string, method = 'GET', secret = simulator.sharedSecret) =>
    fetch(`${simulator.url}/mot/greenbox${path}`, { method, headers: { 'X-Miralix-Shared-Secret': secret } });
  const list = async (path: string) => (await (await ask(path)).json()) as Record<string, unknown>[];
  const talk = (agentId: number, caller = '+4583123456') => {
    const call = simulator.contactCenter.offer(agentId, { queueId: 301, caller: caller });
    simulator.contactCenter.answer(agentId);
    return call.queueCallId;
  };
  return { clock, simulator, ask, list, talk, contactCenter: simulator.contactCenter };
};

test('a wrong secret is 401', async (t) => {
  const { ask } = await start(t);
  assert.equal((await ask('/agents', 'GET', 'wrong')).status, 401);
});

test('6.5 lists seven fields in the documented order, whatever the cursor says', async (t) => {
  const { list, talk, contactCenter, clock } = await start(t, { switches: { version: '6.5' } });
  talk(101);
  await clock.advance(5000);
  contactCenter.clear(101);
  const [item] = await list('/agents/id/101/recordings?fromQueueCallId=99999999');
  assert.deepEqual(Object.keys(item!), [
    'QueueCallId',
    'ConversationStartedUtc',
    'ConversationEndedUtc',
    'AgentName',
    'AgentId',
    'RecordingFileName',
    'Caller',
  ]);
  assert.match(String(item!.ConversationStartedUtc), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/);
  assert.equal(item!.AgentId, 101);
});

test('from 7.0 on the cursor is exclusive, and one that is no integer is 400', async (t) => {
  const { ask, list, talk, contactCenter } = await start(t, { switches: { version: '7.0' } });
  const ids = [talk(101), 0, 0];
  contactCenter.clear(101);
  ids[1] = talk(101);
  contactCenter.clear(101);
  assert.deepEqual(
    (await list(`/agents/id/101/recordings?fromQueueCallId=${ids[0]}`)).map((item) => item.QueueCallId),
    [ids[1]],
  );
  assert.equal((await ask('/agents/id/101/recordings?fromQueueCallId=now')).status, 400);
  assert.equal((await ask('/agents/id/abc/recordings')).status, 400);
  assert.equal((await ask('/agents/id/999/recordings')).status, 404);
});

test('a missing licence is 403 from 7.1 on only', async (t) => {
  const { ask, simulator } = await start(t, { switches: { licensed: false } });
  for (const [version, status] of [
    ['6.5', 200],
    ['7.0', 200],
    ['7.1', 403],
    ['7.3', 403],
  ] as const) {
    simulator.switches.version = version;
    assert.equal((await ask('/agents/id/101/recordings')).status, status, version);
  }
  simulator.switches.version = '6.5';
  assert.equal((await ask('/agents/id/abc/recordings')).status, 404, 'no 400 in 6.5');
});

test('the overview leaves out who is logged out, unless requested', async (t) => {
  const { list } = await start(t);
  assert.equal((await list('/agents')).length, 4);
  assert.equal((await list('/agents?state=any')).length, 5);
  assert.equal((await list('/agents?State=loggedOut')).length, 1);
  assert.deepEqual(
    (await list('/agents?state=any&filter=ids&values=105')).map((agent) => agent.AgentId),
    [105],
  );
  assert.equal((await list('/queues/302/agents?state=any')).length, 2);
});

test('an identification is read raw and encoded', async (t) => {
  const { ask } = await start(t);
  for (const path of [
    'sipUri/sip:lp1@company.local',
    'sipUri/sip%3Alp1%40company.local',
    'email/claus.c@company.local',
    'syncId/f4fd9e5f-017d-4350-adf8-8dd811bc1a2e',
  ]) {
    assert.equal((await ask(`/agents/${path}/recordings`)).status, 200, path);
  }
});

test('busycall is empty when idle, and 404 when logged out', async (t) => {
  const { ask, contactCenter } = await start(t);
  const idle = await ask('/agents/id/101/busycall');
  assert.deepEqual([idle.status, await idle.text()], [200, '']);
  contactCenter.offer(101, { queueId: 301, caller: '+4583123456' });
  assert.equal(((await (await ask('/agents/id/101/busycall')).json()) as { AgentId: number }).AgentId, 101);
  assert.equal((await ask('/agents/id/105/busycall')).status, 404);
});

test('call control works, some time after its answer', async (t) => {
  const { ask, contactCenter, clock } = await start(t, { switches: { clientDelayMs: 200 } });
  const put = async (action: string) => {
    assert.equal((await ask(`/agents/id/101/call/${action}`, 'PUT')).status, 200, action);
    const before = contactCenter.callOf(101)?.state ?? null;
    await clock.advance(200);
    return [before, contactCenter.callOf(101)?.state ?? null];
  };
  const { queueCallId } = contactCenter.offer(101, { queueId: 301, caller: '+4583123456' });
  assert.deepEqual(await put('pickup'), ['Offered', 'Answered']);
  assert.deepEqual(await put('Consultation?ContactEndpoint=%2B4583509002'), ['Answered', 'Held']);
  assert.deepEqual(await put('alternate'), ['Held', 'Answered']);
  assert.deepEqual(await put('transfer'), ['Answered', null]);
  assert.equal(contactCenter.callOf(102)?.queueCallId, queueCallId);
  contactCenter.offer(101, { queueId: 301, caller: '+4583123456' });
  assert.deepEqual(await put('answer'), ['Offered', 'Answered']);
  assert.deepEqual(await put('clear'), ['Answered', null]);
  assert.equal((await ask('/agents/id/101/call/Consultation?ContactEndpoint=+4583509002', 'PUT')).status, 400, 'a raw plus is a space');
});

test('a long call is listed after one with a higher id', async (t) => {
  const { list, talk, contactCenter, clock } = await start(t, { publishAfterMs: 1000 });
  const long = talk(101);
  const short = talk(102);
  contactCenter.clear(102);
  await clock.advance(1000);
  const listed = async () => (await list('/queues/301/calls/recordings?fromQueueCallId=0')).map((item) => item.QueueCallId).sort();
  assert.deepEqual(await listed(), [short]);
  contactCenter.clear(101);
  await clock.advance(1000);
  assert.deepEqual(await listed(), [long, short]);
});

test('a recording is downloaded as MP3, or is 404', async (t) => {
  const { ask, talk, contactCenter, clock } = await start(t);
  const id = talk(101);
  await clock.advance(2000);
  contactCenter.clear(101);
  const answer = await ask(`/queues/calls/recordings/${id}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  assert.equal(answer.headers.get('content-type'), 'audio/mpeg');
  assert.equal(Number(answer.headers.get('content-length')), bytes.length);
  assert.equal(bytes.length % 36, 0);
  for (let frame = 0; frame < bytes.length; frame += 36) assert.equal(bytes.readUInt32BE(frame), 0xfff318c0);
  assert.equal((await ask('/queues/calls/recordings/1')).status, 404);
});

test('direct calls go by fromCallId, and by no other name', async (t) => {
  const { list, contactCenter } = await start(t);
  for (const Id of [54852, 54853]) contactCenter.direct.push({ Id, UserName: 'Claus Clausen', UserId: '9001' });
  assert.deepEqual(
    (await list('/users/id/9001/recordings?fromCallId=54852')).map((item) => item.Id),
    [54853],
  );
  assert.equal((await list('/users/email/claus.c@company.local/recordings?fromQueueCallId=54853')).length, 2);
});

test('the demo lives by itself, and the same seed plays the same day', async () => {
  const play = async () => {
    const clock = createManualClock();
    const demo = await miralixDemo.start({ clock, seed: 7 });
    const settings = miralix.settings.parse(demo.settings);
    await clock.advance(300_000);
    const answer = await fetch(`${settings.baseUrl}/mot/greenbox/queues/301/calls/recordings?fromQueueCallId=0`, {
      headers: { 'X-Miralix-Shared-Secret': settings.sharedSecret },
    });
    const items = (await answer.json()) as { QueueCallId: number; AgentId: number }[];
    await demo.close();
    return items.map((item) => `${item.QueueCallId} ${item.AgentId}`).sort();
  };
  const day = await play();
  assert.ok(day.length >= 5, `${day.length} recordings in five minutes`);
  assert.deepEqual(await play(), day);
});
