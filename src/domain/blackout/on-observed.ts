/** Applies observations to blackouts: confirmed, exposed, started or stopped by another actor. Runs inside their transaction. */

import { storedState } from '../control/agent-state.ts';
import { touchedAgents } from '../control/touched-agents.ts';
import type { Blackout, Call } from '../model/entities.ts';
import { epochMs, instant } from '../model/instant.ts';
import { serverActor, vendorActor } from '../model/principal.ts';
import type { ObservationResult } from '../observe/observation-result.ts';
import type { StoreOperations } from '../ports/store.ts';
import type { VendorSource } from '../ports/vendor.ts';
import { changeEnded } from './better-times.ts';
import { noteProblem, startOperations } from './commands.ts';
import type { BlackoutContext } from './context.ts';
import { changeOf, isStopFailing, lateNo } from './evidence.ts';
import { agentKey, isOpen, newBlackout, nowOf } from './row.ts';
import { insertBlackout, writeLocked } from './write.ts';

/** Another actor's blackout, of which nothing was known: from here on it is ours to end at its deadline. */
const adopt = async (
  context: BlackoutContext,
  operations: StoreOperations,
  observed: ObservationResult,
  agent: string,
  at: string,
): Promise<void> => {
  const source = context.sources.get(observed.source)!;
  const maxMs = source.maxAgentBlackoutMs ?? context.settings.maxBlackoutMs;
  if (!source.blackouts || epochMs(at) + maxMs <= context.clock.now()) return;
  const row = newBlackout({
    id: context.ids.next(),
    source: observed.source,
    agent,
    state: 'ACTIVE',
    confirmation: 'CONFIRMED',
    support: source.blackouts.support,
    reason: 'OTHER',
    note: null,
    requestedBy: vendorActor,
    requestedAt: at,
    startsAt: at,
    deadline: instant(epochMs(at) + maxMs),
  });
  await insertBlackout(operations, row, { at: nowOf(context), actor: vendorActor });
};

/** The calls of the recordings. */
const recordedCalls = async (operations: StoreOperations, { source, recordings }: ObservationResult): Promise<readonly Call[]> => {
  const ids = [...new Set(recordings.flatMap(({ call }) => call ?? []))];
  const rows = ids.length === 0 ? [] : await operations.unlocked.calls.byKeys(ids.map((externalId) => ({ source, externalId })));
  return rows.flatMap((row) => row ?? []);
};

/** Changes one open row, which is locked first: nobody resolves its commands, or writes it, meanwhile. */
const changeOpen = async (
  context: BlackoutContext,
  operations: StoreOperations,
  source: VendorSource,
  observed: ObservationResult,
  found: Blackout,
): Promise<void> => {
  const [[row], state] = await Promise.all([operations.blackouts.byIds([found.id]), storedState(operations.unlocked, agentKey(found))]);
  if (!row || !isOpen(row)) return;
  const at = nowOf(context);
  const contactAt = instant(context.liveState.lastContactMs(observed.source));
  const no = lateNo(row, observed);
  const isStopping = row.state === 'STOPPING';
  if (no !== null) await noteProblem(context, operations, row.id, isStopping ? ['STOP_BLACKOUT'] : startOperations, no);
  const patch = await changeOf({ context, source, row, observed, state, no, operations }, { at, contactAt, state });
  if (patch === null) return;
  const actor = patch.endedBy === 'VENDOR' ? vendorActor : serverActor;
  const warning = isStopping && no !== null && !isStopFailing(row) ? ('STOP_FAILING' as const) : undefined;
  await writeLocked(context, operations, row, patch, { at, contactAt, state, actor, warning });
};

interface Concerned {
  /** The open blackouts of the source. */
  open: readonly Blackout[];
  /** The calls of the recordings that were observed. */
  calls: readonly Call[];
}

/** Reads what the observation may concern; null where the source has no blackouts. */
export const readConcerned = async (
  { sources }: BlackoutContext,
  operations: StoreOperations,
  observed: ObservationResult,
): Promise<Concerned | null> => {
  if (!sources.get(observed.source)?.blackouts) return null;
  const [open, calls] = await Promise.all([operations.blackouts.open([observed.source]), recordedCalls(operations, observed)]);
  return { open, calls };
};

/** Confirms, exposes, ends and adopts blackouts from what was observed. */
export const observeBlackouts = async (
  context: BlackoutContext,
  operations: StoreOperations,
  observed: ObservationResult,
  found: Concerned | null,
): Promise<void> => {
  const source = context.sources.get(observed.source);
  if (!source || found === null) return;
  const { open, calls } = found;
  // Those that were shown, and those that share a call with a recording.
  const concerned = new Set(open.length === 0 ? [] : [...touchedAgents(observed), ...calls.flatMap(({ agents }) => agents)]);
  for (const row of open) if (concerned.has(row.agent)) await changeOpen(context, operations, source, observed, row);
  await changeEnded(context, operations, observed, calls);
  for (const seen of observed.blackouts) {
    const last = observed.blackouts.findLast(({ agent }) => agent === seen.agent);
    if (!seen.active || last !== seen) continue;
    if ((await operations.blackouts.openOf({ source: observed.source, externalId: seen.agent })) !== null) continue;
    await adopt(context, operations, observed, seen.agent, seen.at);
  }
};
