/** Applies observations to blackouts: confirmed, exposed, started or stopped by another actor. Runs inside their transaction. */

import { commit } from '../commit.ts';
import { storedState } from '../control/agent-state.ts';
import { touchedAgents } from '../control/touched-agents.ts';
import type { Blackout, Call, Instant } from '../model/entities.ts';
import { epochMs, instant } from '../model/instant.ts';
import { serverActor, vendorActor } from '../model/principal.ts';
import type { ObservationResult } from '../observe/observation-result.ts';
import type { StoreOperations } from '../ports/store.ts';
import { changeEnded, readOverlapping, timedRecordings } from './better-times.ts';
import { noteProblem, openStartsOf, openStopsOf } from './commands.ts';
import type { BlackoutContext, BlackoutTransaction } from './context.ts';
import { changeOf, isStopFailing, lateNo } from './evidence.ts';
import { unnoted, withCall } from './exposures.ts';
import { liveOf } from './masking.ts';
import { agentKey, isOpen, newBlackout, nowOf } from './row.ts';
import { insertBlackout, writeLocked } from './write.ts';

/** Another actor's blackout, of which nothing was known: from here on it is ours to end at its deadline. */
const adopt = async (
  transaction: BlackoutTransaction,
  source: string,
  { agent, at }: ObservationResult['blackouts'][number],
): Promise<void> => {
  const { sources, settings, clock, ids, operations } = transaction;
  const { maxAgentBlackoutMs, blackouts } = sources.get(source)!;
  const maxMs = maxAgentBlackoutMs ?? settings.maxBlackoutMs;
  if (!blackouts || epochMs(at) + maxMs <= clock.now()) return;
  const row = newBlackout({
    id: ids.next(),
    source,
    agent,
    state: 'ACTIVE',
    confirmation: 'CONFIRMED',
    support: blackouts.support,
    reason: 'OTHER',
    note: null,
    requestedBy: vendorActor,
    requestedAt: at,
    startsAt: at,
    deadline: instant(epochMs(at) + maxMs),
  });
  await insertBlackout(operations, row, { at: nowOf(transaction), actor: vendorActor });
};

/** The calls of the recordings. */
const recordedCalls = async (operations: StoreOperations, { source, recordings }: ObservationResult): Promise<readonly Call[]> => {
  const ids = [...new Set(recordings.flatMap(({ call }) => call ?? []))];
  const rows = ids.length === 0 ? [] : await operations.unlocked.calls.byKeys(ids.map((externalId) => ({ source, externalId })));
  return rows.flatMap((row) => row ?? []);
};

interface Found {
  row: Blackout;
  /** Since when the agent may be in the call that it is in now. */
  contactAt: Instant;
}

/** Changes one open row, which is locked first: nobody resolves its commands, or writes it, meanwhile. Returns null where it is over by then. */
const changeOpen = async (transaction: BlackoutTransaction, observed: ObservationResult, found: Found): Promise<Blackout | null> => {
  const { operations } = transaction;
  const { contactAt } = found;
  const [[row], state] = await Promise.all([
    operations.blackouts.byIds([found.row.id]),
    storedState(operations.unlocked, agentKey(found.row)),
  ]);
  if (!row || !isOpen(row)) return null;
  const at = nowOf(transaction);
  const no = lateNo(row, observed);
  const isStopping = row.state === 'STOPPING';
  if (no !== null) await noteProblem(transaction, await (isStopping ? openStopsOf : openStartsOf)(operations, row.id), no);
  const edit = await changeOf({ transaction, row, observed, state, no }, { at, contactAt, state });
  if (edit === null) return row;
  const actor = edit.patch.endedBy === 'VENDOR' ? vendorActor : serverActor;
  const warning = isStopping && no !== null && !isStopFailing(row) ? ('STOP_FAILING' as const) : undefined;
  return writeLocked(transaction, edit, { at, contactAt, state, actor, warning });
};

/**
 * Returns true if something runs, or the agent is in a call, of which the blackout does not tell. Its observation was written beside the start, so
 * that neither transaction saw the other. False where live state is behind the row.
 */
export const isUnjudged = (context: Pick<BlackoutContext, 'liveState'>, row: Blackout): boolean => {
  const agent = agentKey(row);
  if (row.state !== 'ACTIVE' || context.liveState.blackout(agent)?.version !== row.version) return false;
  const live = liveOf(context, row);
  const saysNothingRuns = row.support === 'EMULATED' && row.confirmation === 'CONFIRMED';
  const call = context.liveState.agent(agent)?.activeCall ?? null;
  const isInOtherCall = withCall(row, call, { from: row.startsAt, at: row.startsAt }) !== null;
  return isInOtherCall || (saysNothingRuns ? live.length > 0 : unnoted(row, live).length > 0);
};

const judgeAgainMs = 1000;

/** Compares the blackout with what is known of the agent, as with an observation of it that was made at the last contact. */
export const judgeKnown = async (context: BlackoutContext, row: Blackout): Promise<void> => {
  const { liveState, retries } = context;
  const nothing = { agents: [], calls: [], failures: [], blackouts: [] };
  const asOfMs = liveState.lastContactMs(row.source);
  const observed: ObservationResult = { ...nothing, source: row.source, asOfMs, recordings: liveOf(context, row), reported: [row.agent] };
  const judged = await commit(context, (transaction) => changeOpen(transaction, observed, { row, contactAt: row.startsAt }));
  // Where the store has moved on, nothing changes.
  if (judged?.version === row.version) retries.after(row.id, judgeAgainMs);
};

interface Concerned {
  /** The open blackouts of the source. */
  open: readonly Blackout[];
  /** The calls of the recordings that were observed. */
  calls: readonly Call[];
}

/** Reads what the observation may concern; null where the source has no blackouts. */
export const readConcerned = async (
  { sources, operations }: BlackoutTransaction,
  observed: ObservationResult,
): Promise<Concerned | null> => {
  if (!sources.get(observed.source)?.blackouts) return null;
  const [open, calls] = await Promise.all([operations.blackouts.open([observed.source]), recordedCalls(operations, observed)]);
  return { open, calls };
};

/** Confirms, exposes, ends and adopts blackouts from what was observed. */
export const observeBlackouts = async (
  transaction: BlackoutTransaction,
  observed: ObservationResult,
  { open, calls }: Concerned,
): Promise<void> => {
  const { operations, liveState } = transaction;
  const contactAt = instant(liveState.lastContactMs(observed.source));
  // Those that were shown, and those that share a call with a recording.
  const concerned = new Set(open.length === 0 ? [] : [...touchedAgents(observed), ...calls.flatMap(({ agents }) => agents)]);
  const timed = timedRecordings(observed);
  const overlapping = readOverlapping(operations, timed, calls);
  overlapping.catch(() => undefined);
  const judged = new Set<string>();
  for (const row of open)
    if (concerned.has(row.agent) && (await changeOpen(transaction, observed, { row, contactAt })) !== null) judged.add(row.id);
  const others = (await overlapping).filter(({ id }) => !judged.has(id));
  await changeEnded(transaction, timed, others);
  for (const seen of observed.blackouts) {
    const last = observed.blackouts.findLast(({ agent }) => agent === seen.agent);
    if (!seen.active || last !== seen) continue;
    if ((await operations.blackouts.openOf({ source: observed.source, externalId: seen.agent })) !== null) continue;
    await adopt(transaction, observed.source, seen);
  }
};
