/** Compares what is reported of blackouts with what a recorder knows to have recorded. */
import assert from 'node:assert/strict';
import type { Blackout } from '../../../src/domain/model/entities.ts';
import { openBlackoutStates } from '../../../src/domain/model/enums.ts';
import { epochMs } from '../../../src/domain/model/instant.ts';
import type { DomainHarness } from './domain-harness.ts';
import type { Recorder, Taped } from './recorder.ts';
import { never, overlap, reportedSpans, type Span, wanted, widened, without } from './spans.ts';
import { agentIds } from './truth-scenes.ts';

/** Bounds the time a stop takes to begin, and the error of clocks. */
const clockErrorMs = 1_000;

/** How long after its deadline, or after the vendor is ready to end it, a blackout may be open. */
const landsWithinMs = 10_000;

const isOpen = ({ state }: Blackout) => openBlackoutStates.includes(state);

const spansOf = ({ segments }: Taped): Span[] => segments.map(({ from, to }) => ({ from, to: to ?? never }));

/** When the agent was in the tape's call, but for a stay that began and ended unseen and of which no recording of its own tells. */
const together = (recorder: Recorder, agent: string, tape: Taped, unwatched: readonly Span[]): Span[] => {
  const isRecorded = recorder.tapes.some((one) => one.agent === agent && one.call === tape.call);
  return recorder.memberships
    .filter((one) => one.agent === agent && one.call === tape.call)
    .map(({ from, to }) => ({ from, to: to ?? never }))
    .filter((stay) => isRecorded || !unwatched.some(({ from, to }) => from <= stay.from && stay.to <= to));
};

export const checkExposures = (
  recorder: Recorder,
  row: Blackout,
  { isNative, unwatched, showEveryMs }: { isNative: boolean; unwatched: readonly Span[]; showEveryMs: number },
): void => {
  const spoken = wanted(row);
  for (const tape of recorder.tapes) {
    const ran = spansOf(tape).flatMap((span) => overlap(span, spoken));
    if (tape.agent === row.agent) {
      const masks = isNative ? recorder.blackouts(row.agent).map(({ startMs, stopMs }) => ({ from: startMs, to: stopMs })) : [];
      const reported = widened(reportedSpans(row, tape.id), clockErrorMs);
      const prompt = { from: spoken.from, to: spoken.from + clockErrorMs };
      const unreported = without(without(without(ran, masks), reported), [prompt]).filter(({ from, to }) => to - from > clockErrorMs);
      assert.deepEqual(unreported, [], `${tape.id} of the agent itself was maskable and is not reported`);
      continue;
    }
    const held = together(recorder, row.agent, tape, unwatched).flatMap((stay) => ran.flatMap((span) => overlap(span, stay)));
    const reported = widened(reportedSpans(row, tape.id), showEveryMs + clockErrorMs);
    const unreported = without(held, reported).filter(({ from, to }) => to - from > showEveryMs + clockErrorMs);
    assert.deepEqual(unreported, [], `${tape.id} of another agent in the call held it and is not reported`);
  }
};

/** Checks, of an EMULATED blackout that has just ended, that what it stopped is recorded again while the agent is in the same call. */
export const checkResumed = ({ recorder }: DomainHarness, rows: readonly Blackout[], { agent, startsAt }: Blackout): void => {
  if (rows.some((row) => row.agent === agent && isOpen(row))) return;
  for (const kind of ['AUDIO', 'SCREEN'] as const) {
    const own = recorder.tapes.filter((tape) => tape.agent === agent && tape.kind === kind && !tape.isDuplicate);
    const last = own.findLast(({ call }) => call === recorder.callOf(agent));
    if (own.some(({ running }) => running) || !last?.isStoppedByCommand || last.segments.at(-1)!.to! < epochMs(startsAt)) continue;
    assert.fail(`${last.id}, which the blackout stopped, does not go on`);
  }
};

interface Readiness {
  /** Since when a server runs and the vendor takes each agent's stop, or has refused it or been away. */
  sinceMs(agent: string): number;
  /** True while the vendor refuses or is away. */
  isBroken: boolean;
}

export const checkRows = (one: DomainHarness, rows: readonly Blackout[], isNative: boolean, { sinceMs, isBroken }: Readiness) => {
  const { recorder, clock } = one;
  for (const row of rows) {
    if (row.state === 'ACTIVE' && row.confirmation === 'CONFIRMED' && !isNative) {
      const running = recorder.tapes.filter((tape) => tape.running && tape.agent === row.agent);
      assert.deepEqual(running, [], 'CONFIRMED, and nothing runs');
    }
    if (!isOpen(row) || clock.now() <= Math.max(epochMs(row.deadline), sinceMs(row.agent)) + landsWithinMs) continue;
    assert.ok(isBroken, `the vendor would stop it, and it is ${row.state} for too long`);
    assert.equal(row.state, 'STOPPING', 'its end is wanted');
    const warned = row.warnings.some(({ warning }) => warning === 'STOP_FAILING');
    assert.ok(warned, 'warns that the stop does not land');
  }
  for (const id of agentIds) {
    const open = rows.filter((row) => row.agent === id && isOpen(row));
    assert.ok(open.length <= 1, 'one open blackout an agent');
    if (isNative && recorder.isMasked(id)) assert.equal(open.length, 1, 'what is masked has not ended');
  }
};

/** Checks what is left when all is over. */
export const checkEnd = async (one: DomainHarness, check: Parameters<typeof checkExposures>[2]): Promise<void> => {
  for (const row of await one.blackouts()) {
    assert.ok(row.state === 'ENDED' || row.state === 'FAILED', `ends in ${row.state}`);
    if (row.state === 'FAILED') assert.deepEqual(row.exposures, [], 'what was never in force exposes nothing');
    if (row.state === 'ENDED') checkExposures(one.recorder, row, check);
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
  const errors = one.log.lines.filter(({ level }) => level === 'error');
  assert.deepEqual(errors, []);
};
