/** Blackouts and commands end to end: the domain, the vendors' own modules, and their simulators over HTTP. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../src/clock.ts';
import { startHuaweiSimulator } from '../../../src/simulators/huawei/index.ts';
import { startUptivitySimulator } from '../../../src/simulators/uptivity/index.ts';
import { huawei } from '../../../src/vendors/huawei/index.ts';
import { uptivity } from '../../../src/vendors/uptivity/index.ts';
import { join } from '../support/joined.ts';
import { alice } from '../support/world.ts';

const withUptivity = async (context: Parameters<typeof join>[0]) => {
  const simulator = await startUptivitySimulator({ clock: systemClock, agents: 2 });
  context.after(() => simulator.close());
  const settings = uptivity.settings.parse({
    name: 'hq',
    vendor: 'uptivity',
    baseUrl: simulator.url,
    timeZone: 'America/New_York',
    pollSeconds: 0.5,
    maxAgentBlackoutSeconds: 60,
  });
  const joined = await join(context, 'hq', (server) => uptivity.create(settings, server));
  return { simulator, agent: { source: 'hq', identifier: 'ID' as const, value: '1' }, ...joined };
};

test('Uptivity: a blackout masks, outlives the call, and ends at its deadline by a stop of our own', async (context) => {
  const { simulator, control, agent, store, until } = await withUptivity(context);
  simulator.floor.takeCall(simulator.agent(1));
  const { blackout, command } = await control.startBlackout({ agent, maxDuration: 1_500, reason: 'CARD_PAYMENT' }, alice, 'c');
  assert.deepEqual([blackout.state, blackout.confirmation, command.status], ['ACTIVE', 'ACCEPTED', 'ACCEPTED']);
  assert.ok(simulator.isMasked(1));
  simulator.floor.hangUp(simulator.agent(1));
  simulator.floor.takeCall(simulator.agent(1));
  assert.ok(simulator.isMasked(1));
  await until('the deadline ended it', async () => (await store.blackouts.byIds([blackout.id]))[0]!.state === 'ENDED');
  assert.equal((await store.blackouts.byIds([blackout.id]))[0]!.endedBy, 'DEADLINE');
  assert.equal(simulator.isMasked(1), false);
  assert.equal(simulator.callsMade('POST /api/Blackout/StopForAgent'), 1);
});

test('Uptivity: start, update and stop of a recording are confirmed by what the recorder shows', async (context) => {
  const { simulator, control, agent } = await withUptivity(context);
  simulator.floor.takeCall(simulator.agent(1));
  const stopped = await control.run({ action: 'stopRecording', agent }, alice, 'c');
  assert.equal(stopped.command.status, 'CONFIRMED');
  const started = await control.run({ action: 'startRecording', agent, metadata: [{ key: 'user1', value: 'A' }] }, alice, 'c');
  assert.equal(started.command.status, 'CONFIRMED');
  assert.ok(started.command.recording);
  const updated = await control.run({ action: 'updateRecording', agent, metadata: [{ key: 'user2', value: '7' }] }, alice, 'c');
  assert.equal(updated.command.status, 'CONFIRMED');
});

test('Huawei: a blackout stops the recording, is CONFIRMED by events, and goes on in the same file', async (context) => {
  const simulator = await startHuaweiSimulator({ clock: systemClock, switches: { recordDelayMs: 50 } });
  context.after(() => simulator.close());
  simulator.floor.addAgent({ workNo: '291', password: 'secret-291', name: 'Asha' });
  const settings = huawei.settings.parse({
    name: 'mumbai',
    vendor: 'huawei',
    baseUrl: simulator.url,
    maxAgentBlackoutSeconds: 60,
    agents: [{ id: '291', password: 'secret-291', phone: '40038' }],
  });
  const { control, tracker, store, until } = await join(context, 'mumbai', (server) => huawei.create(settings, server));
  const agent = { source: 'mumbai', identifier: 'ID' as const, value: '291' };
  const key = { source: 'mumbai', externalId: '291' };
  const row = async (id: string) => (await store.blackouts.byIds([id]))[0]!;
  const recorded = () => tracker.liveRecordings(key).some(({ state }) => state === 'RECORDING');
  await until('the agent is signed in', () => tracker.agent(key)?.status === 'IDLE' || tracker.agent(key)?.status === 'BUSY');
  const { callId } = simulator.floor.ring('291');
  simulator.floor.talk('291', callId);
  await until('the call is recorded', recorded);

  const { blackout } = await control.startBlackout({ agent, reason: 'CARD_PAYMENT' }, alice, 'c');
  assert.equal(blackout.support, 'EMULATED');
  await until('it is confirmed', async () => (await row(blackout.id)).confirmation === 'CONFIRMED');
  assert.equal(simulator.floor.recordingOf('291'), null);
  assert.equal((await row(blackout.id)).state, 'ACTIVE');

  await control.stopBlackout({ agent }, alice, 'c');
  await until('it has ended', async () => (await row(blackout.id)).state === 'ENDED');
  assert.equal((await row(blackout.id)).endedBy, 'OPERATOR');
  await until('the recording runs again', recorded);
  assert.notEqual(simulator.floor.recordingOf('291'), null);
  assert.equal(simulator.floor.files().length, 1);
  const [commands] = await store.commands.ofBlackouts([blackout.id]);
  assert.deepEqual(
    commands!.map(({ operation, status }) => `${operation} ${status}`),
    ['START_BLACKOUT CONFIRMED', 'STOP_BLACKOUT CONFIRMED'],
  );
});
