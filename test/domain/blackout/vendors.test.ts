/** Blackouts and commands end to end: the domain, the vendors' own modules, and their simulators over HTTP. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../../src/lib/clock.ts';
import { startHuaweiSimulator } from '../../../src/simulators/huawei/index.ts';
import { startUptivitySimulator } from '../../../src/simulators/uptivity/index.ts';
import { huawei } from '../../../src/vendors/huawei/index.ts';
import { uptivity } from '../../../src/vendors/uptivity/index.ts';
import { createTestDatabase } from '../../support/services.ts';
import { alice } from '../support/domain-harness.ts';
import { join } from '../support/joined.ts';

const simulatedUptivity = async (context: TestContext) => {
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
  const joined = (storeUrl?: string) => join(context, 'hq', (server) => uptivity.create(settings, server), { storeUrl });
  return { simulator, joined, agent: { source: 'hq', identifier: 'ID' as const, value: '1' } };
};

const withUptivity = async (context: TestContext) => {
  const { joined, ...rest } = await simulatedUptivity(context);
  return { ...rest, ...(await joined()) };
};

const withHuawei = async (context: TestContext) => {
  const simulator = await startHuaweiSimulator({ clock: systemClock, switches: { recordDelayMs: 50 } });
  context.after(() => simulator.close());
  simulator.contactCenter.addAgent({ workNo: '291', password: 'secret-291', name: 'Asha' });
  const settings = huawei.settings.parse({
    name: 'mumbai',
    vendor: 'huawei',
    signIn: { status: 'READY', queues: 'all', autoAnswer: true },
    baseUrl: simulator.url,
    maxAgentBlackoutSeconds: 60,
    agents: [{ id: '291', password: 'secret-291', phone: '40038' }],
  });
  const joined = await join(context, 'mumbai', (server) => huawei.create(settings, server));
  const key = { source: 'mumbai', externalId: '291' };
  const { liveState, store, until } = joined;
  const take = (): string => {
    const { callId } = simulator.contactCenter.ring('291');
    simulator.contactCenter.talk('291', callId);
    return callId;
  };
  await until('the agent is signed in', () => liveState.agent(key)?.status === 'IDLE' || liveState.agent(key)?.status === 'BUSY');
  return {
    ...joined,
    simulator,
    take,
    agent: { source: 'mumbai', identifier: 'ID' as const, value: '291' },
    row: async (id: string) => (await store.blackouts.byIds([id]))[0]!,
    isRecorded: () => liveState.liveRecordings(key).some(({ state }) => state === 'RECORDING'),
  };
};

test('Uptivity: a blackout masks, outlives the call, and ends at its deadline by a stop of our own', async (context) => {
  const { simulator, control, agent, store, until } = await withUptivity(context);
  simulator.contactCenter.takeCall(simulator.agent(1));
  const { blackout, command } = await control.startBlackout({ agent, maxDuration: 1_500, reason: 'CARD_PAYMENT' }, alice, 'c');
  assert.deepEqual([blackout.state, blackout.confirmation, command.status], ['ACTIVE', 'ACCEPTED', 'ACCEPTED']);
  assert.ok(simulator.isMasked(1));
  simulator.contactCenter.hangUp(simulator.agent(1));
  simulator.contactCenter.takeCall(simulator.agent(1));
  assert.ok(simulator.isMasked(1));
  await until('the deadline ended it', async () => (await store.blackouts.byIds([blackout.id]))[0]!.state === 'ENDED');
  assert.equal((await store.blackouts.byIds([blackout.id]))[0]!.endedBy, 'DEADLINE');
  assert.equal(simulator.isMasked(1), false);
  assert.equal(simulator.callsMade('POST /api/Blackout/StopForAgent'), 1);
});

test('Uptivity: start, update and stop of a recording are confirmed by what the recorder shows', async (context) => {
  const { simulator, control, agent } = await withUptivity(context);
  simulator.contactCenter.takeCall(simulator.agent(1));
  const stopped = await control.run({ action: 'stopRecording', agent }, alice, 'c');
  assert.equal(stopped.command.status, 'CONFIRMED');
  const started = await control.run({ action: 'startRecording', agent, metadata: [{ key: 'user1', value: 'A' }] }, alice, 'c');
  assert.equal(started.command.status, 'CONFIRMED');
  assert.ok(started.command.recording);
  const updated = await control.run({ action: 'updateRecording', agent, metadata: [{ key: 'user2', value: '7' }] }, alice, 'c');
  assert.equal(updated.command.status, 'CONFIRMED');
});

test('several servers over PostgreSQL: one blackout, one start and one stop', async (context) => {
  const { simulator, joined, agent } = await simulatedUptivity(context);
  const database = await createTestDatabase();
  const first = await joined(database.url);
  const others = [await joined(database.url), await joined(database.url)];
  context.after(() => database.drop());
  const outcomes = await Promise.allSettled(
    [first, ...others].map(({ control }) => control.startBlackout({ agent, maxDuration: 2_000 }, alice, 'c')),
  );
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
  await first.until('the deadline ended it', async () => {
    const [page] = await first.store.blackouts.pages([{ filter: {}, first: 10, after: null }]);
    assert.equal(page!.items.length, 1);
    return page!.items[0]!.state === 'ENDED';
  });
  assert.equal(simulator.isMasked(1), false);
  assert.equal(simulator.callsMade('POST /api/Blackout/StartForAgent'), 1);
  assert.equal(simulator.callsMade('POST /api/Blackout/StopForAgent'), 1);
});

test('Huawei: a blackout stops the recording, is CONFIRMED by events, and goes on in the same file', async (context) => {
  const { simulator, control, store, until, agent, row, take, isRecorded } = await withHuawei(context);
  take();
  await until('the call is recorded', isRecorded);

  const { blackout } = await control.startBlackout({ agent, reason: 'CARD_PAYMENT' }, alice, 'c');
  assert.equal(blackout.support, 'EMULATED');
  await until('it is confirmed', async () => (await row(blackout.id)).confirmation === 'CONFIRMED');
  assert.equal(simulator.contactCenter.recordingOf('291'), null);
  assert.equal((await row(blackout.id)).state, 'ACTIVE');

  await control.stopBlackout({ agent }, alice, 'c');
  await until('it has ended', async () => (await row(blackout.id)).state === 'ENDED');
  assert.equal((await row(blackout.id)).endedBy, 'OPERATOR');
  await until('the recording runs again', isRecorded);
  assert.notEqual(simulator.contactCenter.recordingOf('291'), null);
  assert.equal(simulator.contactCenter.files().length, 1);
  const [commands] = await store.commands.ofBlackouts([blackout.id]);
  assert.deepEqual(
    commands!.map(({ operation, status }) => `${operation} ${status}`),
    ['START_BLACKOUT CONFIRMED', 'STOP_BLACKOUT CONFIRMED'],
  );
});

test('Huawei: what the platform records of a new call during a blackout is stopped at once and shown as an exposure', async (context) => {
  const { simulator, control, until, agent, row, take, isRecorded } = await withHuawei(context);
  const callId = take();
  await until('the call is recorded', isRecorded);
  const { blackout } = await control.startBlackout({ agent }, alice, 'c');
  await until('it is confirmed', async () => (await row(blackout.id)).confirmation === 'CONFIRMED');
  simulator.contactCenter.release('291', callId);
  take();
  await until('the exposure is over', async () => (await row(blackout.id)).exposures[0]?.endsAt != null);
  await until('it is confirmed again', async () => (await row(blackout.id)).confirmation === 'CONFIRMED');
  assert.equal(simulator.contactCenter.recordingOf('291'), null);
  const { exposures, state } = await row(blackout.id);
  assert.equal(state, 'ACTIVE');
  assert.equal(exposures.length, 1);
  const exposedMs = Date.parse(exposures[0]!.endsAt!) - Date.parse(exposures[0]!.startsAt);
  assert.ok(exposedMs >= 0 && exposedMs < 5_000, `${exposedMs} ms`);
  await control.stopBlackout({ agent }, alice, 'c');
  await until('it has ended', async () => (await row(blackout.id)).state === 'ENDED');
  assert.equal(simulator.contactCenter.recordingOf('291')?.fileName, simulator.contactCenter.files()[1]);
});
