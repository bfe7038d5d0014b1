/**
 * Whatever happens in whatever order, what is told of blackouts is what a vendor model knows to have been recorded: nothing audible outside
 * told exposures, no CONFIRMED that is not so, no start refused while the agent is unmasked, every command and every blackout ended in time.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { defaultControlSettings } from '../../../src/domain/control/context.ts';
import type { Blackout } from '../../../src/domain/model/entities.ts';
import { ExpectedError } from '../../../src/domain/model/errors.ts';
import { epochMs, epochMsOrNull } from '../../../src/domain/model/instant.ts';
import { alice, createDomainHarness, type DomainHarness, type Server } from '../support/domain-harness.ts';
import type { Fault } from '../support/recorder.ts';
import { createToldTimes } from '../support/told-times.ts';

type Support = 'NATIVE' | 'EMULATED';
type AgentId = '1' | '2';

type Action =
  | { type: 'call' | 'hangUp' | 'stop' | 'transfer' | 'join' | 'video' | 'record' | 'renew'; agent: AgentId }
  | { type: 'start'; agent: AgentId; maxDuration: number }
  | { type: 'fault'; fault: Fault }
  | { type: 'break'; fault: Fault | null }
  | { type: 'outage'; fault: Fault; ms: number; agent: AgentId | null }
  | { type: 'crash'; awayMs: number; agent: AgentId | null }
  | { type: 'takeover' }
  | { type: 'vendorRestart' }
  | { type: 'vendorClock'; aheadMs: number }
  | { type: 'pass'; ms: number };

const agentIds = ['1', '2'] as const;
const other = { '1': '2', '2': '1' } as const;
const agent = fc.constantFrom<AgentId>(...agentIds);
const seconds = (least: number, most: number) => fc.integer({ min: least, max: most }).map((one) => one * 1_000);
const faults = fc.constantFrom<Fault>('deaf', 'lost', 'down', 'refused', 'unconnected', 'failsLater');
const outageFaults = fc.constantFrom<Fault>('down', 'refused', 'unconnected', 'lost');
const outages = fc.option(outageFaults);

const scripts: fc.Arbitrary<Action[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ type: fc.constantFrom('call', 'hangUp', 'transfer', 'join'), agent }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('video', 'record'), agent }) },
    { weight: 5, arbitrary: fc.record({ type: fc.constant('start'), agent, maxDuration: seconds(5, 60) }) },
    { weight: 3, arbitrary: fc.record({ type: fc.constantFrom('stop', 'stop', 'renew'), agent }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('fault'), fault: faults }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('break'), fault: outages }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('outage'), fault: outageFaults, ms: seconds(1, 150), agent: fc.option(agent) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('crash'), awayMs: seconds(0, 60), agent: fc.option(agent) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('takeover', 'vendorRestart') }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('vendorClock'), aheadMs: seconds(-7_200, 7_200) }) },
    { weight: 5, arbitrary: fc.record({ type: fc.constant('pass'), ms: seconds(1, 20) }) },
  ),
  { minLength: 5, maxLength: 30 },
) as fc.Arbitrary<Action[]>;

interface Scene {
  script: Action[];
  automatic: boolean;
  reads: boolean;
  aheadMs: number;
  partsPerMillion: number;
}

const scenes = fc.record<Scene>({
  script: scripts,
  automatic: fc.boolean(),
  reads: fc.boolean(),
  aheadMs: seconds(-3_600, 3_600),
  partsPerMillion: fc.constantFrom(0, 100, -300),
});

const showEveryMs = 2_000;
const commandDeadlineMs = 4_000;
/** What a stop takes at the beginning, and what clocks err by. */
const clockErrorMs = 1_000;
/** Repeats of commands, a command that nobody answers, and the lease of a dead server. */
const landsWithinMs = 10_000 + commandDeadlineMs + defaultControlSettings.leaseMs + showEveryMs;

interface Span {
  from: number;
  to: number;
}
const never = Number.POSITIVE_INFINITY;
const overlap = (left: Span, right: Span): Span[] => {
  const span = { from: Math.max(left.from, right.from), to: Math.min(left.to, right.to) };
  return span.from < span.to ? [span] : [];
};
const without = (spans: readonly Span[], taken: readonly Span[]): Span[] =>
  taken.reduce<Span[]>(
    (left, one) =>
      left.flatMap((span) => [...overlap(span, { from: -never, to: one.from }), ...overlap(span, { from: one.to, to: never })]),
    [...spans],
  );
const widened = (spans: readonly Span[], byMs: number): Span[] => spans.map(({ from, to }) => ({ from: from - byMs, to: to + byMs }));

/** From when to when the blackout was wanted. */
const wanted = ({ startsAt, stopsAt, endedAt, endedBy, deadline }: Blackout): Span => {
  const stop = endedBy === 'DEADLINE' ? epochMs(deadline) : endedBy === 'VENDOR' ? null : epochMsOrNull(stopsAt);
  return { from: epochMs(startsAt), to: Math.min(stop ?? never, epochMsOrNull(endedAt) ?? never) };
};

const toldOf = (row: Blackout, recording: string): Span[] =>
  row.exposures
    .filter((one) => one.recording === recording)
    .map(({ startsAt, endsAt }) => ({ from: epochMs(startsAt), to: epochMsOrNull(endsAt) ?? never }));

/** Compares what is told of a row with what the model recorded. */
const checkExposures = (one: DomainHarness, row: Blackout, support: Support, unwatched: readonly Span[]): void => {
  const { recorder } = one;
  const spoken = wanted(row);
  for (const tape of recorder.tapes) {
    const ran = tape.segments.flatMap(({ from, to }) => overlap({ from, to: to ?? never }, spoken));
    const isOwn = tape.agent === row.agent;
    if (isOwn) {
      const masks = support === 'NATIVE' ? recorder.blackouts(row.agent).map(({ startMs, stopMs }) => ({ from: startMs, to: stopMs })) : [];
      const audible = without(ran, masks);
      const told = widened(toldOf(row, tape.id), clockErrorMs);
      const prompt = { from: spoken.from, to: spoken.from + clockErrorMs };
      const untold = without(without(audible, told), [prompt]).filter(({ from, to }) => to - from > clockErrorMs);
      assert.deepEqual(untold, [], `${tape.id} of the agent itself was audible and is not told`);
      continue;
    }
    const together = recorder.memberships
      .filter((membership) => membership.agent === row.agent && membership.call === tape.call)
      .flatMap(({ from, to }) => ran.flatMap((span) => overlap(span, { from, to: to ?? never })));
    const told = widened(toldOf(row, tape.id), showEveryMs + clockErrorMs);
    const untold = without(without(together, told), unwatched).filter(({ from, to }) => to - from > showEveryMs + clockErrorMs);
    assert.deepEqual(untold, [], `${tape.id} of another agent in the call held it and is not told`);
  }
};

const isOpen = ({ state }: Blackout) => state === 'SCHEDULED' || state === 'ACTIVE' || state === 'STOPPING';

const play = async (one: DomainHarness, scene: Scene, support: Support): Promise<void> => {
  const { recorder, clock } = one;
  const times = createToldTimes(recorder, clock, scene.partsPerMillion);
  times.set(scene.aheadMs);
  let server: Server = one.server;
  let calls = 0;
  let isBroken = false;
  /** Since when the vendor answers everything, and a server has run without a break. */
  let wellSinceMs = clock.now();
  /** When nobody watched, and a little longer. */
  const unwatched: Span[] = [];

  const show = async () => {
    const snapshots = recorder.agentSnapshots().flatMap(({ observations }) => observations);
    const told = times.observations();
    const others = snapshots.filter(({ type }) => type !== 'recording');
    // An end is told before the agent's state that leaves its recording out, as events do.
    await server.observe.observe('hq', {
      observations: [...told, ...recorder.takeFailures(), ...others],
      asOfMs: clock.now(),
      complete: true,
      contact: true,
    });
  };

  const checkNow = async () => {
    const rows = await one.blackouts();
    for (const row of rows) {
      if (row.state === 'ACTIVE' && row.confirmation === 'CONFIRMED' && support === 'EMULATED') {
        const running = recorder.tapes.filter((tape) => tape.running && tape.agent === row.agent);
        assert.deepEqual(running, [], 'CONFIRMED, and nothing runs');
      }
      if (isOpen(row) && !isBroken) {
        const dueMs = Math.max(epochMs(row.deadline), wellSinceMs) + landsWithinMs;
        assert.ok(clock.now() <= dueMs, `open ${clock.now() - dueMs} ms too long, in state ${row.state}`);
      }
      if (isOpen(row) && isBroken && clock.now() > Math.max(epochMs(row.deadline), wellSinceMs) + landsWithinMs) {
        assert.equal(row.state, 'STOPPING');
        assert.ok(
          row.warnings.some(({ warning }) => warning === 'STOP_FAILING'),
          'warns that the stop does not land',
        );
      }
    }
    for (const id of agentIds) {
      assert.ok(rows.filter((row) => row.agent === id && isOpen(row)).length <= 1, 'one open blackout an agent');
    }
  };

  const settle = async (ms: number) => {
    for (let left = ms; left > 0; left -= showEveryMs) {
      await one.pass(Math.min(left, showEveryMs));
      await show();
      await one.pass(0);
    }
    for (let turn = 0; turn < 2; turn += 1) {
      await show();
      await one.pass(0);
    }
  };

  const expected = async (promise: Promise<unknown>): Promise<ExpectedError | null> => {
    try {
      await one.finish(promise, 1_000);
      return null;
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error;
      return error;
    }
  };

  const act = async (action: Action): Promise<void> => {
    switch (action.type) {
      case 'call':
        if (recorder.callOf(action.agent) === null) recorder.call(action.agent, `call-${++calls}`);
        return;
      case 'hangUp':
        return recorder.hangUp(action.agent);
      case 'transfer':
        if (recorder.callOf(action.agent) !== null && recorder.callOf(other[action.agent]) === null)
          recorder.transfer(action.agent, other[action.agent]);
        return;
      case 'join': {
        const call = recorder.callOf(other[action.agent]);
        if (call !== null && recorder.callOf(action.agent) === null) recorder.call(action.agent, call);
        return;
      }
      case 'video':
      case 'record': {
        const kind = action.type === 'video' ? 'VIDEO' : 'AUDIO';
        const isRunning = recorder.tapes.some((tape) => tape.running && tape.agent === action.agent && tape.kind === kind);
        if (recorder.callOf(action.agent) !== null && !isRunning) recorder.record(action.agent, kind);
        return;
      }
      case 'start': {
        const reference = { source: 'hq', identifier: 'ID' as const, value: action.agent };
        const request = { agent: reference, maxDuration: action.maxDuration };
        const error = await expected(server.control.startBlackout(request, alice, 'c'));
        if (error?.code === 'ALREADY_BLACKED_OUT') assert.ok(recorder.isMasked(action.agent), 'refused a start while it is unmasked');
        return;
      }
      case 'renew':
      case 'stop': {
        const reference = { source: 'hq', identifier: 'ID' as const, value: action.agent };
        const { control } = server;
        await expected((action.type === 'stop' ? control.stopBlackout : control.renewBlackout)({ agent: reference }, alice, 'c'));
        return;
      }
      case 'fault':
        return void recorder.faults.push(action.fault);
      case 'break':
        recorder.break(action.fault);
        isBroken = action.fault !== null;
        wellSinceMs = clock.now();
        return;
      case 'outage':
        await act({ type: 'break', fault: action.fault });
        await settle(action.ms);
        await checkNow();
        await act({ type: 'break', fault: null });
        if (action.agent !== null) await act({ type: 'start', agent: action.agent, maxDuration: 10_000 });
        return;
      case 'crash': {
        const from = clock.now();
        server.kill();
        await clock.advance(action.awayMs / 3);
        // The platform records meanwhile, and nobody sees it run.
        const isIdle = !recorder.tapes.some((tape) => tape.running && tape.agent === action.agent);
        const tape = action.agent !== null && isIdle && recorder.callOf(action.agent) !== null ? recorder.record(action.agent) : null;
        await clock.advance(action.awayMs / 3);
        if (tape !== null) recorder.stopTape(tape);
        await clock.advance(action.awayMs / 3);
        server = await one.boot();
        unwatched.push({ from, to: clock.now() + showEveryMs });
        wellSinceMs = clock.now();
        return;
      }
      case 'takeover':
        // Both go on: each acts on what falls due, under the agents' leases.
        server = await one.boot();
        return;
      case 'vendorRestart': {
        const sinceMs = clock.now();
        recorder.restart();
        if (support === 'NATIVE') server.observe.onOutageEnded('hq', sinceMs);
        wellSinceMs = clock.now();
        return;
      }
      case 'vendorClock':
        return times.set(action.aheadMs);
      case 'pass':
        return settle(action.ms);
    }
  };

  recorder.recordAutomatically(scene.automatic);
  recorder.call('1', 'call-0');
  if (!scene.automatic) recorder.record('1');
  await show();
  for (const action of scene.script) {
    await act(action);
    if (recorder.faults.length > 0) wellSinceMs = clock.now();
    await settle(10);
    await checkNow();
  }

  recorder.break(null);
  recorder.faults.length = 0;
  isBroken = false;
  wellSinceMs = clock.now();
  await settle(70_000);
  for (const id of agentIds) recorder.hangUp(id);
  await settle(10_000);
  await checkNow();
  for (const row of await one.blackouts()) {
    assert.ok(row.state === 'ENDED' || row.state === 'FAILED', `ends in ${row.state}`);
    if (row.state === 'FAILED') assert.deepEqual(row.exposures, [], 'what was never in force exposes nothing');
    if (row.state === 'ENDED') checkExposures(one, row, support, unwatched);
    const alarming = row.exposures.filter(({ startsAt, endsAt }) => startsAt !== row.startsAt || endsAt === null);
    if (alarming.length > 0)
      assert.ok(
        row.warnings.some(({ warning }) => warning === 'EXPOSED'),
        'exposures are warned of',
      );
  }
  for (const command of await one.commands()) {
    assert.notEqual(command.completedAt, null, `${command.operation} is completed`);
    assert.notEqual(command.status, 'PENDING');
  }
  assert.deepEqual(
    one.log.lines.filter(({ level }) => level === 'error'),
    [],
  );
};

const seed = process.env.FC_SEED === undefined ? {} : { seed: Number(process.env.FC_SEED) };
const numRuns = Number(process.env.FC_RUNS ?? 8);

describe('what is told is what was recorded, in any order of events', () => {
  for (const support of ['NATIVE', 'EMULATED'] as const) {
    it(`of an ${support} blackout`, async () => {
      await fc.assert(
        fc.asyncProperty(scenes, async (scene) => {
          const { reads } = scene;
          const one = await createDomainHarness({ support, reads, settings: { commandDeadlineMs } });
          try {
            await play(one, scene, support);
          } finally {
            await one.close();
          }
        }),
        { ...seed, numRuns, endOnFailure: process.env.FC_SHRINK === undefined },
      );
    });
  }
});
