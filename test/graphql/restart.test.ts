/** Tests what a restart keeps: live state as last observed and marked with when, the ledger, open blackouts and the event log. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { sampleAgent } from '../../src/simulators/uptivity/index.ts';
import { connectSocket } from '../support/socket-client.ts';
import { blockOf, startRecorder, startServer, storeFile } from '../support/tapegraph.ts';

const board = `{
  agents { nodes { id status observedAt statusSince activeCall { externalId state recordings { externalId state } } blackout { id state } } sourceErrors { problem { code } } }
}`;

it('after a restart, with the vendor gone, live state is what was last seen', async (test) => {
  const store = { store: { url: await storeFile(test) } };
  const simulator = await startRecorder(test, { agents: [sampleAgent()] });
  const first = await startServer(test, [blockOf(simulator)], store);
  const before = (await first.ask(board)).data.agents.nodes[0];
  assert.equal(before.status, 'ON_CALL');
  const input = { agent: { id: before.id }, idempotencyKey: 'k-1' };
  const start =
    'mutation ($input: StartBlackoutInput!) { startBlackout(input: $input) { ... on BlackoutSuccess { replayed blackout { id } command { id } } ... on Problem { code message } } }';
  const begun = (await first.ask(start, { input })).data.startBlackout;
  assert.equal(begun.replayed, false, JSON.stringify(begun));
  await first.stop();
  await simulator.close();

  const second = await startServer(test, [blockOf(simulator, { timeoutSeconds: 1 })], store);
  const { data, errors } = await second.ask(board);
  assert.equal(errors, undefined);
  assert.equal(data.agents.sourceErrors[0].problem.code, 'VENDOR_UNAVAILABLE');
  const [after] = data.agents.nodes;
  assert.deepEqual({ ...after, observedAt: null, blackout: null }, { ...before, observedAt: null, blackout: null });
  assert.ok(after.observedAt <= new Date().toISOString() && after.observedAt !== null);
  assert.deepEqual(after.blackout, { id: begun.blackout.id, state: 'ACTIVE' });
  const replay = (await second.ask(start, { input })).data.startBlackout;
  assert.deepEqual(replay, { ...begun, replayed: true });
  const ledger = (await second.ask('{ commands { nodes { operation status idempotencyKey } } }')).data.commands.nodes;
  assert.deepEqual(ledger.at(-1), { operation: 'START_BLACKOUT', status: 'ACCEPTED', idempotencyKey: 'k-1' });

  const socket = await connectSocket(`${second.url}/graphql`);
  test.after(socket.close);
  await socket.init();
  socket.subscribe('log', 'subscription { agentChanged(after: "0") { id snapshot gap agent { status observedAt } } }');
  const { payload } = (await socket.next()) as { payload: { data: { agentChanged: Record<string, unknown> } } };
  assert.deepEqual(payload.data.agentChanged.snapshot, false, 'the log of the server before is resumed');
  assert.deepEqual(payload.data.agentChanged.gap, false);
});
