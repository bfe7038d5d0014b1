/** Tests which agent a command is for: phones, users and devices move, repeat and vanish, in a vendor model and at the Uptivity simulator. */
import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import fc from 'fast-check';
import type { AgentIdentifier } from '../../../src/domain/model/enums.ts';
import { ExpectedError } from '../../../src/domain/model/errors.ts';
import type { Observation } from '../../../src/domain/model/observation.ts';
import type { AgentLookup, VendorCommand } from '../../../src/domain/ports/vendor.ts';
import { idleAgent, startUptivitySimulator } from '../../../src/simulators/uptivity/index.ts';
import { uptivity } from '../../../src/vendors/uptivity/index.ts';
import { fuzzRuns } from '../../fuzz/runs.ts';
import { settingsOf } from '../../vendors/uptivity/source.ts';
import { alice, createDomainHarness } from '../support/domain-harness.ts';
import { join } from '../support/joined.ts';

interface Entry {
  id: string;
  phone: string | null;
  user: string | null;
}

const snapshotsOf = (floor: readonly Entry[]) =>
  [...Map.groupBy(floor, ({ id }) => id)].map(([agent, entries]) => ({
    agent,
    observations: [
      {
        type: 'agent',
        agent: {
          externalId: agent,
          status: 'ON_CALL',
          activeCall: `call-${agent}`,
          inactiveCalls: [],
          phone: entries[0]!.phone,
          systemUsername: entries[0]!.user,
          devices: entries.map(({ phone, user }) => ({ phone, deviceId: phone, deviceAlias: null, systemUsername: user })),
        },
      },
    ] satisfies Observation[],
  }));

const fields: Partial<Record<AgentIdentifier, (entry: Entry) => string | null>> = {
  ID: ({ id }) => id,
  PHONE: ({ phone }) => phone,
  SYSTEM_USERNAME: ({ user }) => user,
};

/** Returns the right answer: exactly one agent now; for a recording, at exactly one device. */
const meant = (floor: readonly Entry[], { identifier, value }: AgentLookup, isRecording: boolean): string => {
  const entries = floor.filter((entry) => fields[identifier]!(entry) === value);
  const agents = [...new Set(entries.map(({ id }) => id))];
  if (agents.length === 0) return 'NOT_FOUND';
  if (agents.length > 1) return `CONFLICT ${agents.sort().join()}`;
  const devices = floor.filter(({ id }) => id === agents[0]);
  if (isRecording && devices.length > 1 && (identifier === 'ID' || entries.length > 1)) return 'CONFLICT';
  return `sent ${agents[0]} ${identifier} ${value}`;
};

const entry = fc.record({
  id: fc.constantFrom('1', '2', '3'),
  phone: fc.option(fc.constantFrom('5001', '5002', '5003')),
  user: fc.option(fc.constantFrom('ann', 'bob')),
});
const lookup = fc.oneof(
  fc.record({ identifier: fc.constant('ID' as const), value: fc.constantFrom('1', '2', '3') }),
  fc.record({ identifier: fc.constant('PHONE' as const), value: fc.constantFrom('5001', '5002', '5003') }),
  fc.record({ identifier: fc.constant('SYSTEM_USERNAME' as const), value: fc.constantFrom('ann', 'bob') }),
);

interface Scene {
  floor: readonly Entry[];
  polled: boolean;
  lookup: AgentLookup;
  act: string;
}

/** Plays the scenes one after another and checks who is sent what in each. */
const play = async (scenes: readonly Scene[]): Promise<void> => {
  let floor: readonly Entry[] = [];
  const sent: string[] = [];
  /** Agents that the server sends a blackout again by itself, as after an outage. */
  const sentByServer: string[] = [];
  const handler = async ({ agent, addressedBy }: VendorCommand) => {
    if (addressedBy) sent.push(`sent ${agent.externalId} ${addressedBy.identifier} ${addressedBy.value}`);
    else sentByServer.push(agent.externalId);
    return {};
  };
  const harness = await createDomainHarness({
    source: {
      agents: {
        identifiers: ['ID', 'PHONE', 'SYSTEM_USERNAME'],
        byIdentifiers: async (lookups) => lookups.map(() => null),
        list: async () => snapshotsOf(floor),
      },
      control: { STOP_RECORDING: handler },
      blackouts: { support: 'NATIVE', confirmable: false, start: handler, stop: async () => ({}) },
    },
  });
  try {
    for (const scene of scenes) {
      floor = [...new Map(scene.floor.map((one) => [`${one.id} ${one.phone}`, one])).values()];
      await harness.clock.advance(1000);
      if (scene.polled) {
        await harness.server.observe.observe('hq', {
          observations: snapshotsOf(floor).flatMap(({ observations }) => observations),
          asOfMs: harness.clock.now(),
          complete: true,
        });
      }
      sent.length = 0;
      sentByServer.length = 0;
      const agent = { source: 'hq', ...scene.lookup };
      const { control } = harness.server;
      const outcome = await (scene.act === 'stop'
        ? control.run({ action: 'stopRecording', agent }, alice, 'c')
        : control.startBlackout({ agent }, alice, 'c')
      ).then(
        () => sent.join(' | '),
        (error: unknown) => {
          if (!(error instanceof ExpectedError)) throw error;
          if (error.code === 'CONFLICT' && /has \d agents/.test(error.message))
            return `CONFLICT ${/: ([\d, ]+)\./.exec(error.message)![1]!.split(', ').sort().join()}`;
          return error.code;
        },
      );
      const right = meant(floor, scene.lookup, scene.act === 'stop');
      // A blackout that is in force already is answered as the blackout, whoever is meant having been found.
      if (outcome !== 'ALREADY_BLACKED_OUT') assert.equal(outcome, right);
      else assert.match(right, /^sent/);
      if (!right.startsWith('sent')) assert.deepEqual(sent, []);
      // By itself the server sends again what is in force, and to nobody who is not listed.
      const masked = new Set((await harness.blackouts()).map(({ agent }) => agent));
      for (const id of sentByServer) assert.ok(masked.has(id) && floor.some((one) => one.id === id), `sent ${id} by itself`);
    }
  } finally {
    await harness.close();
  }
};

it('a command goes to the one agent who bears the identifier now, by the word of the caller, or to nobody', async () => {
  const scene = fc.record({ floor: fc.array(entry, { maxLength: 5 }), polled: fc.boolean(), lookup, act: fc.constantFrom('stop', 'mask') });
  await fc.assert(fc.asyncProperty(fc.array(scene, { minLength: 1, maxLength: 5 }), play), fuzzRuns(0.4));
});

it('after an empty list a blackout is not sent again to an agent who is not listed any more', () =>
  play([
    { floor: [{ id: '1', phone: '5003', user: null }], polled: true, lookup: { identifier: 'PHONE', value: '5003' }, act: 'mask' },
    { floor: [], polled: true, lookup: { identifier: 'SYSTEM_USERNAME', value: 'ann' }, act: 'stop' },
    { floor: [{ id: '2', phone: null, user: 'ann' }], polled: true, lookup: { identifier: 'SYSTEM_USERNAME', value: 'ann' }, act: 'mask' },
    { floor: [], polled: false, lookup: { identifier: 'PHONE', value: '5001' }, act: 'stop' },
  ]));

describe('at the recorder', () => {
  const start = async (t: Parameters<typeof join>[0], agents: Parameters<typeof idleAgent>[1][]) => {
    const clock = {
      now: () => Date.now(),
      monotonicMs: () => performance.now(),
      after: (ms: number, then: () => void) => {
        const timer = setTimeout(then, ms);
        return () => clearTimeout(timer);
      },
    };
    const simulator = await startUptivitySimulator({ clock, agents: agents.map((fields) => idleAgent(fields!.AgentId!, fields)) });
    t.after(() => simulator.close());
    const joined = await join(t, 'hq', (context) => uptivity.create(settingsOf(simulator.url, { pollSeconds: 3600 }), context));
    await joined.until('the first poll', () => joined.liveState.agentsOf('hq').length > 0);
    return { simulator, ...joined };
  };
  const by = (identifier: AgentIdentifier, value: string) => ({ source: 'hq', identifier, value });
  const posts = (simulator: Awaited<ReturnType<typeof start>>['simulator']) =>
    simulator.requests.filter(({ method }) => method === 'POST').map(({ body }) => JSON.parse(body));
  const code =
    (wanted: string, message = /./) =>
    (error: unknown) =>
      error instanceof ExpectedError && error.code === wanted && message.test(error.message);

  test('two agents who share a phone are both named, and nobody is masked', async (t) => {
    const { simulator, control } = await start(t, [
      { AgentId: 10, AgentPhone: '6000' },
      { AgentId: 2, AgentPhone: '6000' },
    ]);
    simulator.contactCenter.takeCall(simulator.agent(10));
    await assert.rejects(control.startBlackout({ agent: by('PHONE', '6000') }, alice, 'c'), code('CONFLICT', /10, 2/));
    assert.deepEqual(posts(simulator), []);
    await control.startBlackout({ agent: by('ID', '10') }, alice, 'c');
    assert.deepEqual(posts(simulator), [{ AgentIdentifier: 'Id', Value: '10' }]);
  });

  test('of an agent at two devices the phone says which is stopped; the id does not, except for a blackout', async (t) => {
    const { simulator, control } = await start(t, [
      { AgentId: 2, AgentPhone: '5003' },
      { AgentId: 2, AgentPhone: '5005' },
    ]);
    const [first, second] = simulator.tracker();
    simulator.contactCenter.takeCall(first!);
    simulator.contactCenter.takeCall(second!);
    await assert.rejects(control.run({ action: 'stopRecording', agent: by('ID', '2') }, alice, 'c'), code('CONFLICT', /2 devices/));
    const { command } = await control.run({ action: 'stopRecording', agent: by('PHONE', '5005') }, alice, 'c');
    assert.equal(command.status, 'CONFIRMED');
    assert.deepEqual(posts(simulator), [{ AgentIdentifier: 'Phone', Value: '5005' }]);
    assert.equal(second!.ActiveCall!.Recordings[0]!.RecordingState, 'Stopped');
    assert.equal(first!.ActiveCall!.Recordings[0]!.RecordingState, 'Recording');
    const { blackout } = await control.startBlackout({ agent: by('ID', '2') }, alice, 'c');
    assert.equal(blackout.state, 'ACTIVE');
  });

  test('a phone that has moved means its new owner, and who has left is not commanded', async (t) => {
    const { simulator, control } = await start(t, [
      { AgentId: 2, AgentPhone: '7000' },
      { AgentId: 9, AgentPhone: '7001' },
    ]);
    simulator.remove(2);
    simulator.remove(9);
    simulator.put(idleAgent(9, { AgentPhone: '7000' }));
    simulator.contactCenter.takeCall(simulator.agent(9));
    const { blackout } = await control.startBlackout({ agent: by('PHONE', '7000') }, alice, 'c');
    assert.equal(blackout.agent, '9');
    assert.deepEqual(posts(simulator), [{ AgentIdentifier: 'Phone', Value: '7000' }]);
    await assert.rejects(control.startBlackout({ agent: by('ID', '2') }, alice, 'c'), code('NOT_FOUND'));
    await assert.rejects(control.run({ action: 'stopRecording', agent: by('PHONE', '7001') }, alice, 'c'), code('NOT_FOUND'));
  });
});

describe('a request that is understood the same', () => {
  it('is the same request, however it is written', async () => {
    const harness = await createDomainHarness();
    const { control } = harness.server;
    harness.recorder.call('1', 'call-1');
    const agent = { source: 'hq', identifier: 'ID' as const, value: '1' };
    const startAt = new Date(harness.clock.now() + 10_000).toISOString();
    const first = await control.startBlackout({ agent, startAt, idempotencyKey: 'b' }, alice, 'c1');
    for (const again of [
      { agent, startAt, reason: null, note: null, maxDuration: null, offset: null },
      { agent: { ...agent, value: ' 1 ' }, startAt: startAt.replace('Z', '+00:00'), reason: 'OTHER' as const },
      { agent, startAt, offset: 5000, note: ' ' },
    ]) {
      const answer = await control.startBlackout({ ...again, idempotencyKey: 'b' }, alice, 'c2');
      assert.deepEqual([answer.replayed, answer.blackout.id], [true, first.blackout.id]);
    }
    await control.run(
      {
        action: 'startRecording',
        agent,
        idempotencyKey: 'r',
        metadata: [
          { key: 'user1', value: 'a' },
          { key: 'user2', value: 'b' },
        ],
      },
      alice,
      'c3',
    );
    const answer = await control.run(
      {
        action: 'startRecording',
        agent,
        kind: 'AUDIO',
        mode: 'OVERWRITE',
        fileName: null,
        idempotencyKey: 'r',
        metadata: [
          { key: 'USER2', value: 'b' },
          { key: 'user1', value: 'a' },
        ],
      },
      alice,
      'c4',
    );
    assert.equal(answer.replayed, true);
    await assert.rejects(
      control.run({ action: 'startRecording', agent, idempotencyKey: 'r', metadata: [{ key: 'user1', value: 'a' }] }, alice, 'c5'),
      (error: unknown) => error instanceof ExpectedError && error.code === 'IDEMPOTENCY_MISMATCH',
    );
    await harness.close();
  });
});
