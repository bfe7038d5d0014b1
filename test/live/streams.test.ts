import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { keyId } from '../../src/domain/model/ids.ts';
import { connectSocket } from '../support/socket-client.ts';
import { blockOf, startPair, startRecorder, startServer, storeFile } from '../support/tapegraph.ts';
import { type Stream, transports } from './transports.ts';

const envelope = 'id position at snapshot gap';
const overSocket = transports.WebSocket!;
const callback = { server: { callbackHosts: ['127.0.0.1'] } };
const fastPolls = { pollSeconds: 0.1, maxStalenessSeconds: 60 };
const agentId = (id: number) => keyId('Agent', { source: 'hq', externalId: String(id) });
const ref = (id: number) => ({ key: { source: 'hq', identifier: 'ID', value: String(id) } });
const start = 'mutation ($input: StartBlackoutInput!) { startBlackout(input: $input) { __typename ... on Problem { message } } }';
const stop = 'mutation ($input: StopBlackoutInput!) { stopBlackout(input: $input) { __typename ... on Problem { message } } }';

/** Rising ids, of which the first `count` are of the snapshot. */
const assertInOrder = ({ received }: Stream, snapshots: number): void => {
  assert.equal(received.filter(({ snapshot }) => snapshot).length, snapshots);
  assert.ok(
    received.slice(0, snapshots).every(({ snapshot }) => snapshot),
    'the snapshot comes first',
  );
  const ids = received.slice(snapshots).map(({ position }) => Number(position));
  assert.deepEqual(
    ids,
    [...new Set(ids)].sort((a, b) => a - b),
  );
  assert.ok(received.every(({ gap }) => !gap));
};

for (const [name, open] of Object.entries(transports)) {
  describe(`live over ${name}`, () => {
    test('each entity opens with what is, and goes on with what changes, through every filter', async (context) => {
      const { simulator, url, ask } = await startPair(context, { agents: 4 }, fastPolls, callback);
      const { contactCenter, agent } = simulator;
      contactCenter.takeCall(agent(1));
      await context.waitFor(async () => {
        const { data } = await ask('{ calls(filter: { states: [ACTIVE] }) { totalCount } }');
        assert.equal(data.calls.totalCount, 1);
      });

      const stream = (field: string, selection: string, args = '') =>
        open(context, url, `subscription { ${field}${args} { ${envelope} ${selection} } }`);
      const agents = await stream(
        'agentChanged',
        'previousStatus agent { externalId status }',
        '(filter: { onCall: true, sources: ["hq"] })',
      );
      const named = await stream(
        'agentChanged',
        'agent { externalId }',
        `(agents: ["${agentId(2)}"], filter: { vendors: [NICE_UPTIVITY] })`,
      );
      const masked = await stream('agentChanged', 'agent { externalId blackout { state } }', '(filter: { blackedOut: true })');
      const found = await stream('agentChanged', 'agent { externalId }', '(filter: { search: "AGENT3", statuses: [ON_CALL] })');
      const calls = await stream(
        'callChanged',
        'previousState call { state agents { externalId } }',
        '(filter: { states: [ACTIVE, ENDED] })',
      );
      const callsOfOne = await stream('callChanged', 'call { state }', `(filter: { agent: "${agentId(1)}" })`);
      const late = await stream('callChanged', 'call { state }', '(filter: { startedBefore: "2001-01-01T00:00:00Z" })');
      const audio = await stream(
        'recordingChanged',
        'recording { kind state agent { externalId } }',
        '(filter: { kinds: [AUDIO], states: [RECORDING] })',
      );
      const blackouts = await stream(
        'blackoutChanged',
        'previousState blackout { state agent { externalId } }',
        `(filter: { states: [ACTIVE, ENDED], agent: "${agentId(2)}" })`,
      );
      await agents.until('the snapshots', () => [agents, named, calls, callsOfOne, audio].every(({ received }) => received.length === 1));

      contactCenter.takeCall(agent(2));
      await calls.until('the call of 2', (received) => received.length === 2);
      contactCenter.takeCall(agent(3));
      await found.until('agent 3, on call', (received) => received.length === 1);
      for (const id of [2, 3]) {
        const { data } = await ask(start, { input: { agent: ref(id) } });
        assert.equal(data.startBlackout.__typename, 'BlackoutSuccess', data.startBlackout.message);
      }
      await masked.until('both', (received) => received.length === 2);
      await ask(stop, { input: { agent: ref(2) } });
      await blackouts.until('its end', (received) => received.some(({ blackout }) => blackout.state === 'ENDED'));
      contactCenter.hangUp(agent(1));
      await calls.until('the end of the call of 1', (received) => received.some(({ call }) => call.state === 'ENDED'));
      await callsOfOne.until('the same', (received) => received.length === 2);

      for (const one of [agents, named, calls, callsOfOne, audio]) assertInOrder(one, 1);
      for (const one of [masked, found, blackouts, late]) assertInOrder(one, 0);
      assert.deepEqual(agents.received.map(({ agent: { externalId }, previousStatus }) => [externalId, previousStatus]).slice(0, 3), [
        ['1', null],
        ['2', 'IDLE'],
        ['3', 'IDLE'],
      ]);
      assert.deepEqual(named.received.map(({ agent: { externalId } }) => externalId).slice(0, 2), ['2', '2']);
      assert.deepEqual(
        masked.received.slice(0, 2).map(({ agent: { externalId, blackout } }) => [externalId, blackout.state]),
        [
          ['2', 'ACTIVE'],
          ['3', 'ACTIVE'],
        ],
      );
      assert.deepEqual(
        calls.received.map(({ call, previousState }) => [call.state, previousState]),
        [
          ['ACTIVE', null],
          ['ACTIVE', null],
          ['ACTIVE', null],
          ['ENDED', 'ACTIVE'],
        ],
      );
      assert.deepEqual(
        callsOfOne.received.map(({ call }) => call.state),
        ['ACTIVE', 'ENDED'],
      );
      assert.deepEqual(
        audio.received.map(({ recording }) => [recording.kind, recording.state, recording.agent.externalId]),
        [
          ['AUDIO', 'RECORDING', '1'],
          ['AUDIO', 'RECORDING', '2'],
          ['AUDIO', 'RECORDING', '3'],
        ],
      );
      assert.deepEqual(
        blackouts.received.map(({ blackout }) => blackout.state),
        ['ACTIVE', 'ENDED'],
      );
      assert.equal(late.received.length, 0);

      // Delivers the events between its last one and its return, and nothing else.
      const last = calls.received[0]!.id;
      const resumed = await open(
        context,
        url,
        `subscription ($after: ID) { callChanged(after: $after, filter: { states: [ACTIVE, ENDED] }) { ${envelope} call { state } } }`,
        {
          after: last,
        },
      );
      await resumed.until('the rest', (received) => received.length === 3);
      assert.deepEqual(
        resumed.received.map(({ id, call, snapshot }) => [id, call.state, snapshot]),
        calls.received.slice(1).map(({ id, call, snapshot }) => [id, call.state, snapshot]),
      );
    });
  });
}

test('streams opened in a storm of changes: snapshot and tail together tell each change once, and end where the vendor is', async (context) => {
  const { simulator, url } = await startPair(context, { agents: 20 }, { pollSeconds: 0.1, maxStalenessSeconds: 60 });
  const { contactCenter, agent } = simulator;
  const open = () => overSocket(context, url, `subscription { agentChanged { ${envelope} agent { externalId status } } }`);
  const streams = [await open()];
  for (let round = 0; round < 8; round += 1) {
    const count = streams[0]!.received.length;
    for (let id = 1 + (round % 4); id <= 20; id += 4) {
      if (agent(id).ActiveCall) contactCenter.hangUp(agent(id));
      else contactCenter.takeCall(agent(id));
    }
    // Some open before the poll that brings the changes, some while it is reduced, some behind it.
    const opening = [open()];
    while (streams[0]!.received.length === count) {
      if (opening.length < 6) opening.push(open());
      await new Promise((resolve) => setImmediate(resolve));
    }
    streams.push(...(await Promise.all(opening)));
  }
  const wanted = Array.from({ length: 20 }, (_, place) => [String(place + 1), agent(place + 1).ActiveCall ? 'ON_CALL' : 'IDLE'] as const);
  const isComplete = ({ received }: Stream) => {
    const now = new Map(received.map(({ agent: { externalId, status } }) => [externalId, status]));
    return wanted.every(([id, status]) => now.get(id) === status);
  };
  for (const stream of streams) await stream.until('all of it', () => isComplete(stream));
  const [first] = streams;
  for (const stream of streams) {
    assertInOrder(stream, 20);
    const covered = Number(stream.received[0]!.position);
    const behind = (received: Stream['received']) =>
      received.filter(({ position, snapshot }) => !snapshot && Number(position) > covered).map(({ id }) => id);
    assert.deepEqual(
      behind(stream.received),
      behind(first!.received),
      'what comes behind the snapshot is what the first stream was received',
    );
    assert.ok(stream.received.every(({ position, snapshot }) => snapshot || Number(position) > covered));
  }
});

test('the log is kept by rows and age: a stream that comes back too late is received so, and opens anew', async (context) => {
  const simulator = await startRecorder(context, { agents: 2 });
  const url = await storeFile(context);
  const sources = [blockOf(simulator, fastPolls)];
  const opened = (server: { url: string }, after: string | null) =>
    overSocket(
      context,
      server.url,
      `subscription ($after: ID) { agentChanged(after: $after) { ${envelope} agent { externalId status } } }`,
      { after },
    );
  const before = await startServer(context, sources, { store: { url, eventRows: 1000 } });
  const first = await opened(before, null);
  await first.until('the snapshot', (received) => received.length === 2);
  for (let round = 0; round < 4; round += 1) {
    const count = first.received.length;
    if (round % 2 === 0) simulator.contactCenter.takeCall(simulator.agent(1));
    else simulator.contactCenter.hangUp(simulator.agent(1));
    await first.until('the change', (received) => received.length > count);
  }
  const [early, last] = [first.received[0]!.id, first.received.at(-1)!.id];
  await before.stop();

  const whole = await startServer(context, sources, { store: { url, eventRows: 1000, eventDays: 1 } });
  const resumed = await opened(whole, early);
  await resumed.until('what it missed', (received) => received.at(-1)?.id === last);
  assert.ok(resumed.received.every(({ snapshot, gap }) => !snapshot && !gap));
  await whole.stop();

  const trimmed = await startServer(context, sources, { store: { url, eventRows: 8 } });
  const lost = await opened(trimmed, early);
  await lost.until('the agents', (received) => received.length === 2);
  assert.deepEqual(
    lost.received.map(({ gap, snapshot }) => [gap, snapshot]),
    [
      [true, true],
      [false, true],
    ],
  );
  const near = await opened(trimmed, last);
  simulator.contactCenter.takeCall(simulator.agent(2));
  await near.until('the change', (received) => received.length > 0);
  assert.deepEqual([near.received[0]!.gap, near.received[0]!.snapshot, near.received[0]!.agent.externalId], [false, false, '2']);
  const foreign = await opened(trimmed, '999999999');
  await foreign.until('the agents', (received) => received.length === 2);
  assert.equal(foreign.received[0]!.gap, true, 'an id of another log is a gap too');
  await trimmed.stop();
});

test('a consumer that stops reading is dropped, and behind its last event finds everything that it missed', async (context) => {
  const limits = { bufferBytes: 10_000, slowConsumerSeconds: 1 };
  const { simulator, url } = await startPair(context, { agents: 150 }, fastPolls, { limits });
  const { contactCenter, agent } = simulator;
  const query = `subscription ($after: ID) { callChanged(after: $after) { ${envelope} call { externalId state metadata { key value } agents { id name phone } recordings { id state } } } }`;
  const good = await overSocket(context, url, query);
  const bad = await connectSocket(`${url}/graphql`);
  context.after(() => bad.socket.terminate());
  await bad.init();
  const seen: string[] = [];
  bad.socket.on('message', (data) => {
    const message = JSON.parse(String(data));
    if (message.type === 'next') seen.push(message.payload.data.callChanged.id);
  });
  let isClosed = false;
  void bad.closed.then(() => {
    isClosed = true;
  });
  bad.subscribe('s', query);
  contactCenter.takeCall(agent(1));
  await good.until('the first call', (received) => received.length === 1);
  await context.waitFor(() => assert.equal(seen.length, 1));
  bad.socket.pause();
  const sockets = async () =>
    Number(/^tapegraph_connections\{[^}]*socket[^}]*\} (\d+)/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1]);
  assert.equal(await sockets(), 2);
  while ((await sockets()) === 2) {
    const count = good.received.length;
    for (let id = 2; id <= 150; id += 1) {
      if (agent(id).ActiveCall) contactCenter.hangUp(agent(id));
      else contactCenter.takeCall(agent(id));
    }
    await good.until('a round', (received) => received.length >= count + 149);
  }
  bad.socket.resume();
  await context.waitFor(() => assert.ok(isClosed));
  assert.ok(seen.length < good.received.length, 'it had missed some');
  const back = await overSocket(context, url, query, { after: seen.at(-1)! });
  await back.until('the rest', (received) => received.at(-1)?.id === good.received.at(-1)!.id);
  assert.deepEqual(
    [...seen, ...back.received.map(({ id }) => id)],
    good.received.map(({ id }) => id),
  );
  assert.ok(back.received.every(({ gap, snapshot }) => !gap && !snapshot));
  context.diagnostic(
    `note: of ${good.received.length} events the slow one had ${seen.length} when it was dropped, and the rest when it came back`,
  );
});
