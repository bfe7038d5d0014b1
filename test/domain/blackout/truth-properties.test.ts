/**
 * Runs any deeds in any order, and compares what is reported of blackouts with what a vendor model knows to have been recorded: nothing
 * maskable outside reported exposures, no CONFIRMED that is not so, no start refused while the agent is unmasked, every command and every
 * blackout ended in time.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ExpectedError } from '../../../src/domain/model/errors.ts';
import { alice, createDomainHarness, type DomainHarness, type Server } from '../support/domain-harness.ts';
import type { Recorder } from '../support/recorder.ts';
import { createReportedTimes } from '../support/reported-times.ts';
import type { Span } from '../support/spans.ts';
import { checkEnd, checkResumed, checkRows } from '../support/truth-checks.ts';
import { type Action, agentIds, type Occurrence, other, type Scene, scenes } from '../support/truth-scenes.ts';

const showEveryMs = 1_000;
const commandDeadlineMs = 4_000;

const occur = (recorder: Recorder, { type, agent }: Occurrence, newCall: () => string): void => {
  const own = recorder.callOf(agent);
  const others = recorder.callOf(other[agent]);
  const isRunning = (kind: 'AUDIO' | 'SCREEN' | 'VIDEO', isDuplicate = false) =>
    recorder.tapes.some((one) => one.running && one.agent === agent && one.kind === kind && one.isDuplicate === isDuplicate);
  if (type === 'call' && own === null) recorder.call(agent, newCall());
  if (type === 'hangUp') recorder.hangUp(agent);
  if (type === 'transfer' && own !== null && others === null) recorder.transfer(agent, other[agent]);
  if (type === 'join' && own === null && others !== null) recorder.call(agent, others);
  if (type === 'video' && own !== null && !isRunning('VIDEO')) recorder.record(agent, 'VIDEO');
  if (type === 'screen' && own !== null && !isRunning('SCREEN')) recorder.record(agent, 'SCREEN');
  if (type === 'duplicate' && own !== null && !isRunning('AUDIO', true)) recorder.record(agent, 'AUDIO', true);
  if (type === 'record' && own !== null && !isRunning('AUDIO')) recorder.record(agent);
  if (type === 'stopTapes') for (const tape of recorder.tapes) if (tape.running && tape.agent === agent) recorder.stopTape(tape);
};

const play = async (one: DomainHarness, scene: Scene, isNative: boolean): Promise<void> => {
  const { recorder, clock } = one;
  const times = createReportedTimes(recorder, clock, scene.partsPerMillion);
  times.set(scene.aheadMs);
  let server: Server = one.server;
  let calls = 0;
  const newCall = () => `call-${++calls}`;
  let isBroken = false;
  /** Since when the vendor answers, or does not, and a server has run without a break. */
  let wellSinceMs = clock.now();
  /** When nobody watched, and until the result was reported. */
  const unwatched: Span[] = [];

  const show = async () => {
    const snapshots = recorder.agentSnapshots().flatMap(({ observations }) => observations);
    const reported = times.observations();
    const others = snapshots.filter(({ type }) => type !== 'recording');
    // An end is reported before the agent's state that leaves its recording out, as events do.
    await server.observe.observe('hq', {
      observations: [...reported, ...recorder.takeFailures(), ...others],
      asOfMs: clock.now(),
      complete: true,
      contact: true,
    });
  };

  /** The blackouts that were over when they were last looked at. */
  const over = new Set<string>();

  const check = async () => {
    const rows = await one.blackouts();
    const ended = rows.filter(({ id, state }) => (state === 'ENDED' || state === 'FAILED') && !over.has(id));
    for (const row of ended) over.add(row.id);
    if (!isNative) for (const row of ended) checkResumed(one, rows, row);
    const sinceMs = (agent: string) => Math.max(wellSinceMs, isBroken ? 0 : recorder.faultedUntilMs(agent));
    checkRows(one, rows, isNative, { sinceMs, isBroken });
  };

  const settle = async (ms: number) => {
    for (let left = ms; left > 0; left -= showEveryMs) {
      await one.pass(Math.min(left, showEveryMs));
      await show();
      await one.pass(0);
      await check();
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
      case 'start': {
        const reference = { source: 'hq', identifier: 'ID' as const, value: action.agent };
        const request = { agent: reference, maxDuration: action.maxDuration, offset: action.offset };
        const error = await expected(server.control.startBlackout(request, alice, 'c'));
        if (error?.code === 'ALREADY_BLACKED_OUT' && !action.offset)
          assert.ok(recorder.isMasked(action.agent), 'refused a start while it is unmasked');
        return;
      }
      case 'renew': {
        const reference = { source: 'hq', identifier: 'ID' as const, value: action.agent };
        return void (await expected(server.control.renewBlackout({ agent: reference, maxDuration: action.maxDuration }, alice, 'c')));
      }
      case 'stop': {
        const reference = { source: 'hq', identifier: 'ID' as const, value: action.agent };
        return void (await expected(server.control.stopBlackout({ agent: reference, offset: action.offset }, alice, 'c')));
      }
      case 'fault':
        return void recorder.faults.push(action.fault);
      case 'break':
        recorder.break(action.fault);
        isBroken = action.fault !== null;
        wellSinceMs = clock.now();
        return;
      case 'outage': {
        const sinceMs = clock.now();
        await act({ type: 'break', fault: action.fault });
        if (action.restarts) recorder.restart();
        await settle(action.ms);
        await act({ type: 'break', fault: null });
        if (isNative) server.observe.onOutageEnded('hq', sinceMs);
        if (action.agent !== null) await act({ type: 'start', agent: action.agent, maxDuration: 10_000, offset: null });
        return;
      }
      case 'crash': {
        const from = clock.now();
        server.kill();
        const eachMs = Math.floor(action.awayMs / (action.meanwhile.length + 1));
        for (const occurrence of action.meanwhile) {
          await clock.advance(eachMs);
          occur(recorder, occurrence, newCall);
        }
        await clock.advance(eachMs);
        server = await one.boot();
        wellSinceMs = clock.now();
        await show();
        unwatched.push({ from, to: clock.now() });
        return;
      }
      case 'takeover':
        // Both go on: each acts on what falls due, under the agents' leases.
        server = await one.boot();
        return;
      case 'vendorRestart': {
        const sinceMs = clock.now();
        recorder.restart();
        if (isNative) server.observe.onOutageEnded('hq', sinceMs);
        return;
      }
      case 'vendorClock':
        return times.set(action.aheadMs);
      case 'pass':
        return settle(action.ms);
      default:
        return occur(recorder, action, newCall);
    }
  };

  recorder.recordAutomatically(scene.automatic);
  recorder.call('1', 'call-0');
  if (!scene.automatic) recorder.record('1');
  await show();
  for (const action of scene.script) {
    await act(action);
    await settle(10);
  }

  recorder.faults.length = 0;
  await act({ type: 'break', fault: null });
  await settle(70_000);
  for (const id of agentIds) recorder.hangUp(id);
  await settle(10_000);
  await checkEnd(one, { isNative, unwatched, showEveryMs });
};

/** The same scenes each time; FC_SEED chooses others. */
const seed = Number(process.env.FC_SEED ?? 20_261_130);
const numRuns = Number(process.env.FC_RUNS ?? 25);

describe('what is reported is what was recorded, in any order of events', () => {
  for (const support of ['NATIVE', 'EMULATED'] as const) {
    it(`of an ${support} blackout`, async () => {
      await fc.assert(
        fc.asyncProperty(scenes, async (scene) => {
          const { reads, lacks } = scene;
          const one = await createDomainHarness({ support, reads, lacks, settings: { commandDeadlineMs } });
          try {
            await play(one, scene, support === 'NATIVE');
          } finally {
            await one.close();
          }
        }),
        { seed, numRuns, endOnFailure: process.env.FC_SHRINK === undefined },
      );
    });
  }
});
