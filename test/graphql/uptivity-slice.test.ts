/** The vendor's own documented agent, call and recording: read, controlled and streamed through the real server. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { sampleAgent } from '../../src/simulators/uptivity/index.ts';
import { connectSocket } from '../support/socket-client.ts';
import { blockOf, startPair, startRecorder, startServer } from '../support/tapegraph.ts';

const operation = (name: string) => readFileSync(new URL(`../../schema/operations/${name}.graphql`, import.meta.url), 'utf8');
const callInstance = 'fe0b6231-1ffcce90-c84c9c5f@10.100.6.20';
const recordingId = 'f2376544-2542-47c0-be51-bb2909b740a2';
const ref = { key: { source: 'hq', identifier: 'ID', value: '2' } };

describe("the vendor's documented agent", () => {
  it('is read over HTTP with its call, metadata and recordings', async (test) => {
    const { ask } = await startPair(test, { agents: [sampleAgent()] });
    const { data, errors } = await ask(
      `query ($ref: AgentRef!) {
        agent(ref: $ref) {
          externalId sourceName phone systemUsername crmUsername username deviceId deviceAlias businessUnit status vendorStatus observedAt
          source { name vendor }
          activeCall {
            externalId state vendorState direction caller called queue startedAt endedAt
            metadata { key value }
            agents { externalId }
            legs { party endpoint agent { externalId } }
            recordings { externalId kind state vendorState isDuplicate startedAt endedAt agent { externalId } call { externalId } }
          }
          inactiveCalls { externalId }
          desktopRecordings { externalId }
          recordings { nodes { externalId } totalCount }
        }
      }`,
      { ref },
    );
    assert.equal(errors, undefined);
    const { activeCall, observedAt, recordings, ...agent } = data.agent;
    assert.deepEqual(agent, {
      externalId: '2',
      sourceName: 'hq',
      phone: '5003',
      systemUsername: 'me',
      crmUsername: null,
      username: null,
      deviceId: '5003',
      deviceAlias: null,
      businessUnit: '0',
      status: 'ON_CALL',
      vendorStatus: 'OnCall',
      source: { name: 'hq', vendor: 'NICE_UPTIVITY' },
      inactiveCalls: [],
      desktopRecordings: [],
    });
    assert.ok(Math.abs(Date.parse(observedAt) - Date.now()) < 60_000);
    const { metadata, recordings: ofCall, ...call } = activeCall;
    assert.deepEqual(call, {
      externalId: callInstance,
      state: 'ACTIVE',
      vendorState: 'OnCall',
      direction: 'OUTBOUND',
      caller: '5003',
      called: '4000',
      queue: '12',
      startedAt: '2016-12-08T20:06:40.000Z',
      endedAt: null,
      agents: [{ externalId: '2' }],
      legs: [
        { party: 'AGENT', endpoint: '5003', agent: { externalId: '2' } },
        { party: 'CUSTOMER', endpoint: '4000', agent: null },
      ],
    });
    const values = new Map(metadata.map((entry: { key: string; value: string }) => [entry.key, entry.value]));
    assert.equal(values.get('user1'), 'u1-8000');
    assert.equal(values.get('user15'), 'u15-1000');
    assert.equal(values.get('endtime'), '12/08/2016 15:06:40');
    const audio = ofCall.find((one: { kind: string }) => one.kind === 'AUDIO');
    assert.deepEqual(audio, {
      externalId: recordingId,
      kind: 'AUDIO',
      state: 'RECORDING',
      vendorState: 'Recording',
      isDuplicate: false,
      startedAt: '2016-12-08T20:06:40.000Z',
      endedAt: null,
      agent: { externalId: '2' },
      call: { externalId: callInstance },
    });
    assert.deepEqual(ofCall.map((one: { kind: string; state: string }) => `${one.kind} ${one.state}`).sort(), [
      'AUDIO RECORDING',
      'SCREEN RECORDING',
    ]);
    assert.equal(recordings.totalCount, 2);
  });

  it('is found by every identifier the vendor has, and by its global id', async (test) => {
    const { ask } = await startPair(test, { agents: [{ ...sampleAgent(), CrmUsername: 'crm-me', Username: 'me@recorder' }] });
    const identifiers = { ID: '2', PHONE: '5003', SYSTEM_USERNAME: 'me', CRM_USERNAME: 'crm-me', USERNAME: 'me@recorder' };
    const found = new Set<string>();
    for (const [identifier, value] of Object.entries(identifiers)) {
      const { data } = await ask(operation('agent-by-reference'), { ref: { key: { source: 'hq', identifier, value } } });
      found.add(data.agent.id);
    }
    assert.equal(found.size, 1);
    const [id] = found;
    const { data } = await ask(
      'query ($id: ID!) { agent(ref: { id: $id }) { externalId } node(id: $id) { __typename ... on Agent { phone } } }',
      { id },
    );
    assert.deepEqual(data, { agent: { externalId: '2' }, node: { __typename: 'Agent', phone: '5003' } });
  });

  it('is controlled: what the vendor did shows in the answer, in its state and in the ledger', async (test) => {
    const { ask, simulator } = await startPair(test, { agents: [sampleAgent()] });
    const stopped = await ask(operation('stop-recording'), { input: { agent: ref, idempotencyKey: 'stop-1' } });
    assert.equal(stopped.data.stopRecording.__typename, 'ControlSuccess', JSON.stringify(stopped));
    assert.equal(stopped.data.stopRecording.command.status, 'CONFIRMED');
    assert.deepEqual(JSON.parse(simulator.requests.find(({ method }) => method === 'POST')!.body), { AgentIdentifier: 'Id', Value: '2' });
    const started = await ask(operation('start-recording'), {
      input: { agent: ref, metadata: [{ key: 'user3', value: 'order 4711' }], idempotencyKey: 'start-1' },
    });
    assert.equal(started.data.startRecording.__typename, 'ControlSuccess', JSON.stringify(started));
    const posts = simulator.requests.filter(({ method }) => method === 'POST');
    assert.deepEqual(JSON.parse(posts.at(-1)!.body), { AgentIdentifier: 'Id', Value: '2', CallMetadata: { user3: 'order 4711' } });
    const { data } = await ask(
      `query ($ref: AgentRef!) {
        agent(ref: $ref) { activeCall { metadata { key value } recordings { kind state } } }
        commands { totalCount nodes { operation status requestedBy idempotencyKey completedAt agent { externalId } problem { code } } }
      }`,
      { ref },
    );
    assert.equal(data.agent.activeCall.metadata.find(({ key }: { key: string }) => key === 'user3').value, 'order 4711');
    assert.equal(
      data.agent.activeCall.recordings.filter((one: object) => JSON.stringify(one) === '{"kind":"AUDIO","state":"RECORDING"}').length,
      1,
    );
    assert.equal(data.commands.totalCount, 2);
    assert.deepEqual(
      data.commands.nodes.map((one: { operation: string; idempotencyKey: string; requestedBy: string }) => [
        one.operation,
        one.idempotencyKey,
        one.requestedBy,
      ]),
      [
        ['START_RECORDING', 'start-1', 'anonymous'],
        ['STOP_RECORDING', 'stop-1', 'anonymous'],
      ],
    );
  });

  it('is blacked out by the vendor, which shows nothing, so that ACCEPTED is the most that is said', async (test) => {
    const { ask, simulator } = await startPair(test, { agents: [sampleAgent()] });
    const begun = await ask(operation('start-blackout'), { input: { agent: ref, reason: 'CARD_PAYMENT', maxDuration: 'PT2M' } });
    assert.equal(begun.data.startBlackout.__typename, 'BlackoutSuccess', JSON.stringify(begun));
    assert.equal(begun.data.startBlackout.blackout.confirmation, 'ACCEPTED');
    assert.equal(simulator.isMasked(2), true);
    const twice = await ask(operation('start-blackout'), { input: { agent: ref } });
    assert.equal(twice.data.startBlackout.code, 'ALREADY_BLACKED_OUT');
    const shown = await ask(
      'query ($ref: AgentRef!) { agent(ref: $ref) { blackout { state support reason } recordings { nodes { kind blackouts { offset endsAt } } } } }',
      { ref },
    );
    assert.deepEqual(shown.data.agent.blackout, { state: 'ACTIVE', support: 'NATIVE', reason: 'CARD_PAYMENT' });
    assert.ok(shown.data.agent.recordings.nodes.some((one: { blackouts: object[] }) => one.blackouts.length === 1));
    const ended = await ask(operation('stop-blackout'), { input: { agent: ref } });
    assert.equal(ended.data.stopBlackout.__typename, 'BlackoutSuccess', JSON.stringify(ended));
    assert.equal(simulator.isMasked(2), false);
  });

  it('answers the same key with the same answer, sends the vendor one command, and refuses the key for another input', async (test) => {
    const { ask, simulator } = await startPair(test, { agents: [sampleAgent()] });
    const stop =
      'mutation ($input: StopRecordingInput!) { stopRecording(input: $input) { ... on ControlSuccess { replayed command { id } } ... on Problem { code message } } }';
    const input = { agent: ref, idempotencyKey: 'k1' };
    const [first, second] = await Promise.all([ask(stop, { input }), ask(stop, { input })]);
    assert.equal(second.errors, undefined);
    const answers = [first.data.stopRecording, second.data.stopRecording];
    assert.equal(answers[0].command.id, answers[1].command.id);
    assert.deepEqual(answers.map(({ replayed }) => replayed).sort(), [false, true]);
    assert.equal(simulator.callsMade('POST /api/Record/StopForAgent'), 1);
    const other = await ask(stop, { input: { ...input, kind: 'SCREEN' } });
    assert.equal(other.data.stopRecording.code, 'IDEMPOTENCY_MISMATCH');
    assert.equal(simulator.callsMade('POST /api/ScreenRecord/StopForAgent'), 0);
  });

  it('is streamed over graphql-transport-ws: a snapshot, then each change, and resumed without loss', async (test) => {
    const simulator = await startRecorder(test, { agents: [sampleAgent()] });
    const server = await startServer(test, [blockOf(simulator, { pollSeconds: 0.1 })]);
    const socket = await connectSocket(`${server.url}/graphql`);
    test.after(socket.close);
    await socket.init();
    socket.subscribe('agents', operation('agent-changed'));
    socket.subscribe('recordings', operation('recording-changed'));
    const next = async (id: string) => {
      const kept: Record<string, unknown>[] = [];
      for (;;) {
        const message = await socket.next();
        if (message.type !== 'next') throw new Error(JSON.stringify(message));
        if (message.id === id) return (message.payload as { data: Record<string, never> }).data;
        kept.push(message as never);
      }
    };
    const snapshot = (await next('agents')).agentChanged as unknown as {
      snapshot: boolean;
      gap: boolean;
      id: string;
      position: string;
      agent: { status: string; activeCall: { state: string } };
    };
    assert.equal(snapshot.snapshot, true);
    assert.equal(snapshot.gap, false);
    assert.equal(snapshot.agent.status, 'ON_CALL');
    assert.equal(snapshot.agent.activeCall.state, 'ACTIVE');
    simulator.contactCenter.hold(simulator.agent(2));
    const held = (await next('agents')).agentChanged as unknown as {
      snapshot: boolean;
      id: string;
      position: string;
      previousStatus: string;
      agent: { status: string };
    };
    assert.deepEqual([held.snapshot, held.previousStatus, held.agent.status], [false, 'ON_CALL', 'ON_HOLD']);
    assert.ok(Number(held.position) > Number(snapshot.position));
    assert.notEqual(held.id, snapshot.id);
    simulator.contactCenter.resume(simulator.agent(2));
    const resumed = (await next('agents')).agentChanged as unknown as { id: string; agent: { status: string } };
    assert.equal(resumed.agent.status, 'ON_CALL');
    socket.subscribe('again', operation('agent-changed'), { after: held.id });
    const after = (await next('again')).agentChanged as unknown as { id: string; snapshot: boolean };
    assert.deepEqual([after.id, after.snapshot], [resumed.id, false]);
    simulator.contactCenter.hangUp(simulator.agent(2));
    const over = (await next('agents')).agentChanged as unknown as { agent: { status: string; activeCall: null } };
    assert.deepEqual([over.agent.status, over.agent.activeCall], ['IDLE', null]);
    socket.subscribe('beyond', operation('agent-changed'), { after: '999999' });
    const gap = (await next('beyond')).agentChanged as unknown as { gap: boolean; snapshot: boolean };
    assert.deepEqual([gap.gap, gap.snapshot], [true, true]);
  });
});
