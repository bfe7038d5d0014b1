import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '../../../src/domain/model/entities.ts';
import type { Observation } from '../../../src/domain/model/observation.ts';
import { isHeldBySomebody } from '../../../src/vendors/huawei/call-events.ts';
import { readEvent } from '../../../src/vendors/huawei/mapping.ts';
import { kindOf, readMediaEvent } from '../../../src/vendors/huawei/recordings.ts';
import { agentStatusOf, directionOf } from '../../../src/vendors/huawei/statuses.ts';
import type { Tasks } from '../../../src/vendors/huawei/tasks.ts';
import { agentStatusResult, callIdsResult, gatewayEvent } from '../../../src/vendors/huawei/wire.ts';
import { blankAgent } from './gateway.ts';

const atMs = Date.UTC(2026, 0, 5, 9);
const at = '2026-01-05T09:00:00.000Z';
const nothing = { agent: () => null, call: () => null };
const event = (eventType: string, content: unknown = null, more = {}) => gatewayEvent.parse({ eventType, workNo: '291', content, ...more });
const read = (eventType: string, content: unknown = null, known: Parameters<typeof readEvent>[1]['known'] = nothing) =>
  readEvent(event(eventType, content), { agent: '291', atMs, known }).observations;
const agentsIn = (observations: readonly Observation[]) => observations.flatMap((one) => (one.type === 'agent' ? [one.agent] : []));
const callsIn = (observations: readonly Observation[]) => observations.flatMap((one) => (one.type === 'call' ? [one.call] : []));
const recordingsIn = (observations: readonly Observation[]) =>
  observations.flatMap((one) => (one.type === 'recording' ? [one.recording] : []));
const media = (eventType: string, content: unknown, tasks: Tasks = [], live: Parameters<typeof readMediaEvent>[1]['live'] = []) =>
  readMediaEvent(event(eventType, content), {
    agent: '20011',
    atMs,
    tasks,
    live,
    activeCall: null,
    replacing: [],
    toOurs: (ms) => ms,
    clockErrorMs: 0,
  })!;

const documentedRecord = {
  taskId: 5206,
  caller: '70006',
  recordID: 'Yc1v6a20011d20161025t1902050',
  called: '60015',
  locationId: '256',
  fileName: 'Y:/6/0/20161025/20011/1902050.V3',
  fileMediaType: '1',
  callId: '1477393325-164',
};

test('each state event is its status, with the vendor word kept', () => {
  const table = {
    AgentState_Ready: 'IDLE',
    AgentState_CancelNotReady_Success: 'IDLE',
    AgentState_CancelRest_Success: 'IDLE',
    AgentState_CancelWork_Success: 'IDLE',
    AgentState_Busy: 'BUSY',
    AgentState_SetNotReady_Success: 'BUSY',
    AgentState_SetRest_Success: 'BREAK',
    AgentState_Work: 'WRAP_UP',
    AgentState_SetWork_Success: 'WRAP_UP',
    AgentState_Force_SetNotReady: 'BUSY',
    AgentState_Force_Busy: 'BUSY',
    AgentState_Force_SetReady: 'IDLE',
    AgentState_Force_Idle_Success: 'IDLE',
    AgentState_Force_CancelNotReady: 'IDLE',
    AgentState_Force_Rest: 'BREAK',
    AgentState_Force_SetWork: 'WRAP_UP',
  };
  for (const [eventType, status] of Object.entries(table)) {
    assert.deepEqual(agentsIn(read(eventType, { reason: '200' })), [{ externalId: '291', status, vendorStatus: eventType }]);
  }
  assert.deepEqual(read('AgentState_Rest_Timeout'), []);
  assert.deepEqual(read('AgentState_Force_SetNotReady_Fail'), []);
  assert.deepEqual(read('AgentOther_InService'), []);
  assert.deepEqual(read('AgentEvent_linkagePhoneStatus', { result: 2 }), []);
});

test('the enumeration of agentstatus is read by its own numbers', () => {
  assert.deepEqual([0, 2, 3, 4, 5, 7, 8, 9, 255].map(agentStatusOf), [
    'UNKNOWN',
    'OFFLINE',
    'BUSY',
    'IDLE',
    'WRAP_UP',
    'ON_CALL',
    'BREAK',
    'BREAK',
    'UNKNOWN',
  ]);
  assert.deepEqual(agentStatusResult.parse({ agentState: 4, isWorking: false }), { agentState: 4, isWorking: false });
  assert.deepEqual(agentStatusResult.parse([{ agentState: '7', isWorking: 'true' }]), { agentState: 7, isWorking: true });
  assert.deepEqual(callIdsResult.parse(['1456297722-1253', '1456297463-1249']), ['1456297722-1253', '1456297463-1249']);
  for (const nothingThere of [undefined, null, '', {}]) assert.deepEqual(callIdsResult.parse(nothingThere), []);
});

test('call features are directions', () => {
  assert.deepEqual(['-1', '0', '6', '7', '44', '45', null, '99'].map(directionOf), [
    'UNKNOWN',
    'INBOUND',
    'INTERNAL',
    'OUTBOUND',
    'OUTBOUND',
    'OUTBOUND',
    'UNKNOWN',
    'UNKNOWN',
  ]);
});

test('the documented call events', () => {
  const incoming = callsIn(
    read('AgentEvent_Incoming_CallInfo', {
      callId: '1669951418-12166',
      skillName: 'voice',
      skillId: 1,
      caller: '88880165',
      called: '310300',
      lastReleaseAgentId: 65535,
      mediaType: 19,
      releaseAndReQueueCount: 0,
      releaseAndReQueueCallFlag: 0,
    }),
  )[0]!;
  assert.equal(incoming.externalId, '1669951418-12166');
  assert.equal(incoming.state, 'RINGING');
  assert.equal(incoming.queue, 'voice');
  assert.equal(incoming.caller, '88880165');
  assert.equal(incoming.direction, 'INBOUND');

  const ringing = read('AgentEvent_Ringing', {
    caller: '49997',
    transfer: 'no',
    callid: '1456404043-37',
    transfrom: '',
    called: '49999',
    type: 'main',
    mediaAbility: '1',
    feature: '0',
  });
  assert.deepEqual([callsIn(ringing)[0]?.state, agentsIn(ringing)[0]?.status], ['RINGING', 'RINGING']);

  const talking = read('AgentEvent_Talking', {
    caller: '10086',
    callid: '1456401416-3',
    called: '70092',
    feature: '7',
    type: 'main',
    mediaAbility: '1',
  });
  assert.equal(callsIn(talking)[0]?.state, 'ACTIVE');
  assert.equal(callsIn(talking)[0]?.direction, 'OUTBOUND');
  assert.equal(callsIn(talking)[0]?.answeredAt, at);
  assert.deepEqual(agentsIn(talking), [
    { externalId: '291', status: 'ON_CALL', vendorStatus: 'AgentEvent_Talking', activeCall: '1456401416-3', inactiveCalls: [] },
  ]);
});

test('a call that is answered automatically rings, and one of three parties is talked in', () => {
  const offered = read('AgentEvent_Auto_Answer', { callid: '1-3', caller: '13800001111', called: '8001', feature: '0' });
  assert.deepEqual(
    [callsIn(offered)[0]?.state, callsIn(offered)[0]?.caller, agentsIn(offered)[0]?.status],
    ['RINGING', '13800001111', 'RINGING'],
  );
  const known = { agent: () => ({ ...blankAgent('291'), status: 'ON_HOLD' as const, inactiveCalls: ['1-3'] }), call: () => null };
  const joined = read('AgentEvent_Conference', { callid: '1-3', caller: '13800001111', called: '8001', feature: '0' }, known);
  assert.deepEqual([callsIn(joined)[0]?.externalId, callsIn(joined)[0]?.state], ['1-3', 'ACTIVE']);
  assert.deepEqual(agentsIn(joined), [
    { externalId: '291', status: 'ON_CALL', vendorStatus: 'AgentEvent_Conference', activeCall: '1-3', inactiveCalls: [] },
  ]);
});

test('Call_Release holds a bare string and takes the agent out of the call', () => {
  const known = { agent: () => ({ ...blankAgent('291'), status: 'ON_CALL' as const, activeCall: '1456403549-15' }), call: () => null };
  const observations = read('AgentEvent_Call_Release', '1456403549-15', known);
  assert.deepEqual(callsIn(observations), [
    { externalId: '1456403549-15', vendorState: 'AgentEvent_Call_Release', agents: ['291'], legs: [] },
  ]);
  assert.deepEqual(agentsIn(observations), [{ externalId: '291', activeCall: null, inactiveCalls: [] }]);
  assert.equal(readEvent(event('AgentEvent_Call_Release', '1456403549-15'), { agent: '291', atMs, known }).left, '1456403549-15');
  assert.equal(callsIn(read('AgentEvent_Customer_Release', { callid: '1456404171-43', number: '70093' }))[0]?.state, 'ENDED');
});

test('a call that another agent is in is held by somebody', () => {
  const call = { legs: [{ agent: '292', endedAt: null }] } as unknown as Call;
  assert.equal(isHeldBySomebody('1-1', ['291', '292'], { agent: () => null, call: () => call }), true);
  assert.equal(isHeldBySomebody('1-1', ['291'], { agent: (id) => ({ ...blankAgent(id), activeCall: '1-1' }), call: () => null }), true);
  assert.equal(isHeldBySomebody('1-1', ['291'], { agent: (id) => blankAgent(id), call: () => null }), false);
});

test('a second call puts the first aside, and holding both leaves the agent on hold', () => {
  const known = { agent: () => ({ ...blankAgent('291'), status: 'ON_CALL' as const, activeCall: '1-1' }), call: () => null };
  assert.deepEqual(agentsIn(read('AgentEvent_Talking', { callid: '1-2' }, known))[0]?.inactiveCalls, ['1-1']);
  const held = agentsIn(read('AgentEvent_Hold', '1-1', known))[0]!;
  assert.deepEqual([held.status, held.activeCall, held.inactiveCalls], ['ON_HOLD', null, ['1-1']]);
});

test('an agent who is free while a call is believed in is looked at', () => {
  const known = { agent: () => ({ ...blankAgent('291'), activeCall: '1-1' }), call: () => null };
  assert.equal(readEvent(event('AgentState_Ready'), { agent: '291', atMs, known }).refetch, true);
  assert.equal(readEvent(event('AgentState_Ready'), { agent: '291', atMs, known: nothing }).refetch, false);
});

test('late ringing does not undo talking', () => {
  const known = {
    agent: () => ({ ...blankAgent('291'), activeCall: '1-1' }),
    call: () => ({ state: 'ACTIVE', legs: [], agents: ['291'] }) as unknown as Call,
  };
  const observations = read('AgentEvent_Ringing', { callid: '1-1', caller: '49997' }, known);
  assert.equal(callsIn(observations)[0]?.state, undefined);
  assert.deepEqual(agentsIn(observations), []);
});

test('the documented record event names the recording by its file, and keeps what a download needs', () => {
  const { observations, tasks } = media('AgentMediaEvent_Record', documentedRecord);
  assert.deepEqual(observations, [
    {
      type: 'recording',
      resumed: true,
      recording: {
        externalId: 'Y:/6/0/20161025/20011/1902050.V3',
        kind: 'AUDIO',
        party: 'MIXED',
        agent: '20011',
        call: '1477393325-164',
        fileName: 'Y:/6/0/20161025/20011/1902050.V3',
        state: 'RECORDING',
        vendorState: 'AgentMediaEvent_Record',
        endedAt: null,
        startedAt: at,
        vendorData: {
          taskId: '5206',
          locationId: '256',
          recordID: 'Yc1v6a20011d20161025t1902050',
          fileMediaType: '1',
          callId: '1477393325-164',
        },
      },
    },
  ]);
  assert.equal(tasks[0]?.id, '5206');
});

for (const [edition, more] of [
  ['2024', {}],
  ['2025', { recordFormat: '3' }],
  ['2026', { recordFormat: '3', callId: '1477393325-164' }],
] as const) {
  test(`StopRecordDone of ${edition} joins by its task`, () => {
    const { tasks } = media('AgentMediaEvent_Record', { ...documentedRecord, taskId: 5451 });
    const content = { beginTime: 1566867437000, endTime: 1566867472000, fileMediaType: '1', taskId: 5451, ...more };
    const [recording] = recordingsIn(media('AgentMediaEvent_StopRecordDone', content, tasks).observations);
    assert.equal(recording?.externalId, documentedRecord.fileName);
    assert.equal(recording?.state, 'STOPPED');
    assert.equal(recording?.startedAt, '2019-08-27T00:57:17.000Z');
    assert.equal(recording?.endedAt, '2019-08-27T00:57:52.000Z');
    assert.equal(recording?.durationMs, 35_000);
  });
}

test('an end before its beginning is one recording all the same', () => {
  const end = media('AgentMediaEvent_StopRecordDone', { beginTime: 1000, endTime: 2000, taskId: '7' });
  assert.equal(recordingsIn(end.observations)[0]?.externalId, '7');
  const late = media('AgentMediaEvent_Record', { ...documentedRecord, taskId: 7 }, end.tasks);
  const [recording] = recordingsIn(late.observations);
  assert.equal(recording?.externalId, documentedRecord.fileName);
  assert.equal(recording?.formerId, '7');
  assert.equal(recording?.state, undefined);
});

test('a file that was appended to is one recording whose length is that of its parts', () => {
  let tasks: Tasks = [];
  const play = (eventType: string, content: object) => {
    const reading = media(eventType, content, tasks);
    tasks = reading.tasks;
    return recordingsIn(reading.observations)[0]!;
  };
  play('AgentMediaEvent_Record', { ...documentedRecord, taskId: 1 });
  play('AgentMediaEvent_StopRecordDone', { taskId: 1, beginTime: 10_000, endTime: 20_000 });
  const again = play('AgentMediaEvent_Record', { ...documentedRecord, taskId: 2 });
  assert.equal(again.state, 'RECORDING');
  assert.equal(again.endedAt, null);
  assert.equal(again.startedAt, undefined);
  const end = play('AgentMediaEvent_StopRecordDone', { taskId: 2, beginTime: 50_000, endTime: 55_000 });
  assert.deepEqual([end.startedAt, end.endedAt, end.durationMs], ['1970-01-01T00:00:10.000Z', '1970-01-01T00:00:55.000Z', 15_000]);
});

test('a repeated record event revives nothing', () => {
  const first = media('AgentMediaEvent_Record', documentedRecord);
  const again = media('AgentMediaEvent_Record', documentedRecord, first.tasks);
  assert.equal(again.observations[0]?.type === 'recording' && again.observations[0].resumed, undefined);
  const end = media('AgentMediaEvent_StopRecordDone', { taskId: 5206, beginTime: 1000, endTime: 2000 }, again.tasks);
  const late = media('AgentMediaEvent_Record', documentedRecord, end.tasks);
  assert.equal(recordingsIn(late.observations)[0]?.state, undefined);
});

test('the documented failure is FAILED and fails the command', () => {
  const content = {
    taskId: 5255,
    caller: '70006',
    recordID: 'Cc1v6a20011d20161025t1930326',
    called: '60015',
    locationId: '65535',
    fileName: 'C:/6/0/20161025/20011/1930326.V3',
    fileMediaType: '1',
    callId: '1477395030-183',
  };
  const { observations } = media('AgentMediaEvent_Record_Fail', content);
  assert.deepEqual([recordingsIn(observations)[0]?.state, recordingsIn(observations)[0]?.externalId], ['FAILED', content.fileName]);
  const failure = observations.find(({ type }) => type === 'commandFailed');
  assert.ok(failure?.type === 'commandFailed' && failure.agent === '20011' && failure.operations.includes('START_RECORDING'));
});

test('a failed append leaves what was recorded before', () => {
  const begun = media('AgentMediaEvent_Record', { ...documentedRecord, taskId: 1 });
  const ended = media('AgentMediaEvent_StopRecordDone', { taskId: 1, beginTime: 1, endTime: 2 }, begun.tasks);
  const failed = media('AgentMediaEvent_Record_Fail', { ...documentedRecord, taskId: 2 }, ended.tasks);
  assert.equal(recordingsIn(failed.observations)[0]?.state, 'STOPPED');
});

test('conference and third-party video are video', () => {
  const rse = 'conferenceId=7a008307-0000;recordId0=0a08082d-0000;';
  assert.equal(kindOf('2', rse), 'VIDEO');
  assert.equal(kindOf('1', 'Y:/1/0/20201202/503/1714442.mp4'), 'VIDEO');
  const [recording] = recordingsIn(media('AgentMediaEvent_Record', { ...documentedRecord, fileName: rse, fileMediaType: 2 }).observations);
  assert.deepEqual([recording?.kind, recording?.externalId], ['VIDEO', rse]);
});

test('screen recordings without a payload are followed by agent', () => {
  const { observations } = media('AgentMediaEvent_StartRecordScreen_Succ', null);
  const [started] = recordingsIn(observations);
  assert.deepEqual([started?.kind, started?.state, started?.externalId], ['SCREEN', 'RECORDING', `screen:20011:${atMs}`]);
  assert.deepEqual(agentsIn(observations)[0]?.desktopRecordings, [`screen:20011:${atMs}`]);
  const live = [{ externalId: 'screen:20011:1', kind: 'SCREEN' }] as never;
  const stopped = recordingsIn(media('AgentMediaEvent_StopRecordScreen_Succ', null, [], live).observations)[0];
  assert.deepEqual([stopped?.externalId, stopped?.state], ['screen:20011:1', 'STOPPED']);
  const failed = media('AgentMediaEvent_StopRecordScreen_Fail', null, [], live).observations;
  assert.deepEqual(
    failed.map(({ type }) => type),
    ['commandFailed'],
  );
});

test('noise keys and playback change nothing', () => {
  const noisy = gatewayEvent.parse({
    eventType: 'AgentState_Ready',
    workNo: '291',
    content: null,
    jsonKey: ['eventType'],
    eventGenTime: 1,
  });
  assert.equal(readEvent(noisy, { agent: '291', atMs, known: nothing }).observations.length, 1);
  const live = [{ externalId: 'x', kind: 'AUDIO' }] as never;
  assert.equal(
    readMediaEvent(event('AgentMediaEvent_PausePlayDone'), {
      agent: '1',
      atMs,
      tasks: [],
      live,
      activeCall: null,
      replacing: [],
      toOurs: (ms) => ms,
      clockErrorMs: 0,
    }),
    null,
  );
});
