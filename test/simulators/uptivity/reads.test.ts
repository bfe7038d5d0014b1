import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { sampleAgent } from '../../../src/simulators/uptivity/index.ts';
import { startRecorder } from './recorder.ts';

const printed = readFileSync(new URL('./agent-status.txt', import.meta.url), 'utf8');

test('serves the documented agent as it is printed: names, order and types', async (t) => {
  const { get } = await startRecorder(t, { agents: [sampleAgent()] });
  const status = await get('/api/Agent?agentIdentifier=Id&value=2');
  assert.equal(status.status, 200);
  assert.equal(status.text, JSON.stringify(JSON.parse(printed)));
  assert.match(status.text, /"ScreenRecordingidentifier":""/);
  assert.equal((await get('/api/Agent/GetAll')).text, `[${status.text}]`);
});

test('routes, query keys and body keys may be of any case', async (t) => {
  const { get, post } = await startRecorder(t, { agents: [sampleAgent()] });
  assert.equal((await get('/API/agent?AGENTIDENTIFIER=id&Value=2')).status, 200);
  assert.equal((await get('/api/agent/getall')).status, 200);
  assert.equal(await post('/api/blackout/StopForAgent', { agentidentifier: 'ID', VALUE: '2' }), 200);
});

test('finds agents by the five identifiers, usernames in any case', async (t) => {
  const agent = { ...sampleAgent(), CrmUsername: 'crm', Username: 'user' };
  const { get } = await startRecorder(t, { agents: [agent] });
  for (const query of ['Id&value=2', 'Phone&value=5003', 'SystemUsername&value=ME', 'CrmUsername&value=Crm', 'Username&value=USER']) {
    assert.equal((await get(`/api/Agent?agentIdentifier=${query}`)).status, 200, query);
  }
});

test('an unknown agent, a missing or blank parameter and an unknown identifier are all 404', async (t) => {
  const { get, simulator } = await startRecorder(t, { agents: [sampleAgent()] });
  for (const query of [
    '?agentIdentifier=Id&value=99',
    '',
    '?agentIdentifier=Id',
    '?agentIdentifier=&value=2',
    '?agentIdentifier=CrmUsername&value=',
    '?agentIdentifier=DeviceId&value=5003',
    '?agentIdentifier=Agent%20ID&value=2',
  ]) {
    assert.equal((await get(`/api/Agent${query}`)).status, 404, query);
  }
  simulator.switches.lenientIdentifiers = true;
  assert.equal((await get('/api/Agent?agentIdentifier=Agent%20ID&value=2')).status, 200);
  assert.equal((await get('/api/Agent?agentIdentifier=AgentId&value=2')).status, 200);
});

test('an empty tracker answers [] or 404, as switched', async (t) => {
  const { get, simulator } = await startRecorder(t, { agents: 1 });
  simulator.forget();
  assert.deepEqual([(await get('/api/Agent/GetAll')).status, (await get('/api/Agent/GetAll')).text], [200, '[]']);
  simulator.switches.emptyGetAll = '404';
  simulator.switches.errorBody = 'message';
  const answer = await get('/api/Agent/GetAll');
  assert.equal(answer.status, 404);
  assert.ok('Message' in JSON.parse(answer.text));
});

test('a call of its own is as the sample: texts for numbers, the end at the start, the time of the recorder', async (t) => {
  const { simulator } = await startRecorder(t, { agents: 1 });
  const { Metadata } = simulator.contactCenter.takeCall(simulator.agent(1), 'I');
  assert.deepEqual(Object.keys(Metadata), Object.keys(sampleAgent().ActiveCall!.Metadata));
  assert.equal(Metadata.starttime, '01/05/2026 04:00:00');
  assert.equal(Metadata.endtime, Metadata.starttime);
  assert.equal(
    Object.values(Metadata).every((value) => typeof value === 'string'),
    true,
  );
  simulator.switches.dateOrder = 'DMY';
  simulator.switches.timeZone = 'Europe/Copenhagen';
  assert.equal(simulator.contactCenter.takeCall(simulator.agent(1), 'I').Metadata.starttime, '05/01/2026 10:00:00');
});

test('asks for basic credentials where it is set to', async (t) => {
  const credentials = { username: 'api', password: 'pw' };
  const { ask, get, simulator } = await startRecorder(t, { agents: 1, credentials });
  const refused = await get('/api/Agent/GetAll');
  assert.equal(refused.status, 401);
  assert.equal(refused.headers['www-authenticate'], 'Basic realm="RecordingApi"');
  const authorization = `Basic ${btoa('api:pw')}`;
  assert.equal((await ask('GET', '/api/Agent/GetAll', undefined, 0, { authorization })).status, 200);
  simulator.setCredentials(null);
  assert.equal((await get('/api/Agent/GetAll')).status, 200);
});

test('faults can be planned for a route and a number of times, and taken back', async (t) => {
  const { get, simulator } = await startRecorder(t, { agents: 1 });
  simulator.inject({ route: 'GET /api/Agent/GetAll', times: 1, fault: { kind: 'status', status: 500 } });
  const takeBack = simulator.inject({ route: 'GET /api/Agent', fault: { kind: 'body', body: '<html>' } });
  assert.equal((await get('/api/Agent?agentIdentifier=Id&value=1')).text, '<html>');
  assert.deepEqual([(await get('/api/Agent/GetAll')).status, (await get('/api/Agent/GetAll')).status], [500, 200]);
  takeBack();
  assert.equal(JSON.parse((await get('/api/Agent?agentIdentifier=Id&value=1')).text).AgentId, 1);
  simulator.inject({ fault: { kind: 'half' }, times: 1 });
  const half = (await get('/api/Agent/GetAll')).text;
  assert.throws(() => JSON.parse(half));
  simulator.inject({ fault: { kind: 'cut' }, times: 1 });
  await assert.rejects(get('/api/Agent/GetAll'));
  assert.equal(simulator.callsMade(), 6);
  assert.equal(simulator.callsMade('get /api/agent/getall'), 4);
});

test('a delayed answer comes by the clock that was handed in', async (t) => {
  const { clock, get, simulator } = await startRecorder(t, { agents: 1 });
  simulator.inject({ fault: { kind: 'delay', ms: 30_000 } });
  let answered = false;
  const answer = get('/api/Agent/GetAll').finally(() => {
    answered = true;
  });
  while (clock.pending() === 0) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(29_999);
  assert.equal(answered, false);
  await clock.advance(1);
  assert.equal((await answer).status, 200);
});

test('the tracker and the blackouts outlive a restart', async (t) => {
  const { get, post, simulator } = await startRecorder(t, { agents: [sampleAgent()] });
  await post('/api/Record/UpdateForAgent', { AgentIdentifier: 'Id', Value: '2', CallMetadata: { user1: 'kept' } });
  await post('/api/Blackout/StartForAgent', { AgentIdentifier: 'Id', Value: '2' });
  const before = (await get('/api/Agent/GetAll')).text;
  await simulator.restart();
  assert.equal((await get('/api/Agent/GetAll')).text, before);
  assert.match(before, /"user1":"kept"/);
  assert.equal(simulator.isMasked(2), true);
});
