/** Runs any deeds in any order: masked where it says so, never for long past the deadline, and explained by the ledger. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ExpectedError } from '../../../src/domain/model/errors.ts';
import { epochMs } from '../../../src/domain/model/instant.ts';
import { alice, createDomainHarness, type DomainHarness, type Server } from '../support/domain-harness.ts';
import type { Fault } from '../support/recorder.ts';

type Action =
  | { type: 'call' | 'hangUp' | 'stop' | 'transfer'; agent: '1' | '2' }
  | { type: 'start'; agent: '1' | '2'; maxDuration: number; offset: number | null }
  | { type: 'fault'; fault: Fault }
  | { type: 'break'; fault: Fault | null }
  | { type: 'restart'; awayMs: number }
  | { type: 'jump'; ms: number }
  | { type: 'pass'; ms: number };

const agent = fc.constantFrom<'1' | '2'>('1', '2');
const fault = fc.constantFrom<Fault>('deaf', 'lost', 'down', 'refused', 'unconnected');
const seconds = (least: number, most: number) => fc.integer({ min: least, max: most }).map((one) => one * 1_000);

const actions = (support: 'NATIVE' | 'EMULATED'): fc.Arbitrary<Action[]> =>
  fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.record({ type: fc.constantFrom('call', 'hangUp', 'transfer'), agent }) },
      {
        weight: 4,
        arbitrary: fc.record({
          type: fc.constant('start'),
          agent,
          maxDuration: seconds(5, 90),
          offset: support === 'NATIVE' ? fc.constantFrom(null, null, 5_000) : fc.option(seconds(-10, 20)),
        }),
      },
      { weight: 2, arbitrary: fc.record({ type: fc.constant('stop'), agent }) },
      { weight: 2, arbitrary: fc.record({ type: fc.constant('fault'), fault }) },
      { weight: 1, arbitrary: fc.record({ type: fc.constant('break'), fault: fc.option(fault) }) },
      { weight: 1, arbitrary: fc.record({ type: fc.constant('restart'), awayMs: seconds(0, 100) }) },
      ...(support === 'EMULATED' ? [{ weight: 1, arbitrary: fc.record({ type: fc.constant('jump'), ms: seconds(-20, 20) }) }] : []),
      { weight: 4, arbitrary: fc.record({ type: fc.constant('pass'), ms: seconds(1, 30) }) },
    ),
    { minLength: 4, maxLength: 24 },
  ) as fc.Arbitrary<Action[]>;

/** The longest back-off, a command that nobody answers, the lease of a dead server, and as much again as clocks jump. */
const graceMs = 30_000 + 30_000 + 5_000 + 60_000;

/** The rows that explain a command to a vendor without blackouts of its own. */
const reasons: Record<string, readonly string[]> = {
  STOP_RECORDING: ['START_BLACKOUT', 'STOP_RECORDING'],
  START_RECORDING: ['STOP_BLACKOUT'],
};

const agents = ['1', '2'] as const;

const play = async (one: DomainHarness, script: readonly Action[], support: 'NATIVE' | 'EMULATED'): Promise<void> => {
  const { recorder, clock } = one;
  let server: Server = one.server;
  let jumpedMs = 0;
  /** Since when the vendor has answered and a server has run without a break. */
  let wellSinceMs = clock.now();
  let broken = false;

  const settle = async (ms: number) => {
    for (let left = ms; left > 0; left -= 2_000) {
      await one.pass(Math.min(left, 2_000));
      await server.show();
    }
    await one.pass(0);
    await server.show();
    await one.pass(0);
    await server.show();
  };

  const check = async () => {
    const rows = await one.blackouts();
    for (const row of rows) {
      const masked = recorder.isMasked(row.agent);
      if (support === 'EMULATED' && row.state === 'ACTIVE' && row.confirmation === 'CONFIRMED') {
        assert.ok(masked, 'nothing is recorded while ACTIVE and CONFIRMED');
      }
      if (support === 'NATIVE' && row.state === 'ACTIVE') assert.ok(masked, 'an accepted blackout is in force');
      const open = row.state === 'SCHEDULED' || row.state === 'ACTIVE' || row.state === 'STOPPING';
      const dueMs = Math.max(epochMs(row.deadline) - jumpedMs, wellSinceMs) + graceMs;
      if (open && !broken) assert.ok(clock.now() <= dueMs, `open ${clock.now() - dueMs} ms past its deadline and every excuse`);
    }
    for (const id of agents) {
      const open = rows.filter((row) => row.agent === id && ['SCHEDULED', 'ACTIVE', 'STOPPING'].includes(row.state));
      assert.ok(open.length <= 1, 'one open blackout an agent');
      if (support === 'NATIVE' && recorder.isMasked(id)) assert.equal(open.length, 1, 'what is masked stands in a row');
    }
    const ledger = await one.commands();
    for (const { operation, agent: who } of recorder.received) {
      const because = support === 'EMULATED' ? reasons[operation] : [operation];
      const explained = ledger.some((row) => row.agent === who && because!.includes(row.operation));
      assert.ok(explained, `${operation} stands in the ledger`);
    }
  };

  const expected = async (promise: Promise<unknown>) => {
    try {
      await one.finish(promise, 5_000);
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error;
    }
  };

  const act = async (action: Action) => {
    if (action.type === 'call') {
      if (recorder.callOf(action.agent) === null) recorder.call(action.agent, `call-${clock.now()}-${action.agent}`);
    } else if (action.type === 'hangUp') recorder.hangUp(action.agent);
    else if (action.type === 'transfer') {
      const to = action.agent === '1' ? '2' : '1';
      if (recorder.callOf(action.agent) !== null && recorder.callOf(to) === null) recorder.transfer(action.agent, to);
    } else if (action.type === 'start') {
      const { maxDuration, offset } = action;
      const reference = { source: 'hq', identifier: 'ID' as const, value: action.agent };
      await expected(server.control.startBlackout({ agent: reference, maxDuration, offset }, alice, 'c'));
    } else if (action.type === 'stop') {
      await expected(server.control.stopBlackout({ agent: { source: 'hq', identifier: 'ID', value: action.agent } }, alice, 'c'));
    } else if (action.type === 'fault') recorder.faults.push(action.fault);
    else if (action.type === 'break') {
      recorder.break(action.fault);
      broken = action.fault !== null;
      wellSinceMs = clock.now();
    } else if (action.type === 'restart') {
      server.kill();
      await clock.advance(action.awayMs);
      server = await one.boot();
      wellSinceMs = clock.now();
    } else if (action.type === 'jump') {
      one.jump(action.ms);
      // A clock that is set back is steadied: for the servers it goes on.
      jumpedMs += Math.max(0, action.ms);
    }
    if (recorder.faults.length > 0) wellSinceMs = clock.now();
    await settle(action.type === 'pass' ? action.ms : 10);
    await check();
  };

  recorder.recordAutomatically(true);
  recorder.call('1', 'call-0');
  await server.show();
  for (const action of script) await act(action);

  recorder.break(null);
  recorder.faults.length = 0;
  broken = false;
  wellSinceMs = clock.now();
  await settle(300_000);
  await check();
  for (const row of await one.blackouts()) assert.ok(row.state === 'ENDED' || row.state === 'FAILED', `ends in ${row.state}`);
  for (const id of agents) {
    if (support === 'NATIVE') assert.equal(recorder.isMasked(id), false);
    else assert.equal(recorder.isRecording(id), recorder.callOf(id) !== null, `agent ${id} is recorded again where a call goes on`);
  }
  for (const row of await one.commands()) {
    assert.notEqual(row.completedAt, null, `${row.operation} is settled`);
    assert.notEqual(row.status, 'PENDING');
  }
  assert.deepEqual(
    one.log.lines.filter(({ level }) => level === 'error'),
    [],
  );
};

const seed = Number(process.env.FC_SEED ?? 20_260_105);
const numRuns = Number(process.env.FC_RUNS ?? 25);

describe('any order of events', () => {
  for (const support of ['NATIVE', 'EMULATED'] as const) {
    it(`keeps the promises of an ${support} blackout`, async () => {
      await fc.assert(
        fc.asyncProperty(actions(support), async (script) => {
          const one = await createDomainHarness({ support, reads: false });
          try {
            await play(one, script, support);
          } finally {
            await one.close();
          }
        }),
        { seed, numRuns, endOnFailure: process.env.FC_SHRINK === undefined },
      );
    });
  }
});
