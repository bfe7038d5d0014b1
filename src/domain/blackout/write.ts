/** How blackouts are written: a row by compare and set, with its exposures, its audit entry and its event. */

import { commit } from '../commit.ts';
import { type AgentState, storedState } from '../control/agent-state.ts';
import type { Blackout } from '../model/entities.ts';
import type { BlackoutWarning } from '../model/enums.ts';
import { epochMs } from '../model/instant.ts';
import { serverActor } from '../model/principal.ts';
import type { StoreOperations } from '../ports/store.ts';
import type { BlackoutContext } from './context.ts';
import { isNewlyExposed } from './exposures.ts';
import { wasWarned } from './plan.ts';
import { isStoppable } from './recording-kinds.ts';
import { agentKey, isOpen, nowOf } from './row.ts';
import { type Moment, withExposures } from './stored-exposures.ts';

interface Circumstance extends Moment {
  /** The actor: a caller, `tapegraph` for the server itself, `vendor` for another actor that the vendor showed. */
  actor: string;
  warning?: BlackoutWarning | undefined;
}

/** Writes the audit entry and the event of a row that was inserted, or changed from `before`. */
const record = async (operations: StoreOperations, row: Blackout, before: Blackout | null, circumstance: Circumstance): Promise<void> => {
  const { at, actor, warning = null } = circumstance;
  const subject = {
    blackout: row.id,
    source: row.source,
    agent: row.agent,
    from: before?.state ?? null,
    to: row.state,
    confirmation: row.confirmation,
    endedBy: row.endedBy,
    exposures: row.exposures.length,
    warning,
  };
  const action = before === null ? 'blackout.requested' : 'blackout.changed';
  await operations.audit.append([{ at, actor, action, subject }]);
  const previous = before?.state ?? null;
  await operations.events.append([{ at, entityType: 'blackout', source: row.source, key: row.id, previous, warning, state: row }]);
};

/** Inserts a blackout with its audit entry and event. False where another one of the agent is open. */
export const insertBlackout = async (operations: StoreOperations, row: Blackout, circumstance: Circumstance): Promise<boolean> => {
  if (!(await operations.blackouts.insert(row))) return false;
  await record(operations, row, null, circumstance);
  return true;
};

/**
 * Writes a change with its audit entry and event, where nobody has written since `before` was read; null, and nothing written, where one has. The
 * exposures follow; a new one is warned of, unless the change warns of something else.
 */
export const writeBlackout = async (
  { sources }: Pick<BlackoutContext, 'sources'>,
  operations: StoreOperations,
  before: Blackout,
  patch: Partial<Blackout>,
  given: Circumstance,
): Promise<Blackout | null> => {
  const { row: changed, recordings } = await withExposures(operations, { ...before, ...patch }, given);
  const exposed = isNewlyExposed(before, changed, recordings, isStoppable(sources.get(before.source))) ? ('EXPOSED' as const) : undefined;
  const raised = [given.warning, exposed].filter((one) => one !== undefined);
  const after: Blackout = { ...changed, warnings: [...changed.warnings, ...raised.map((warning) => ({ warning, at: given.at }))] };
  if (!(await operations.blackouts.compareAndSet(after))) return null;
  const row = { ...after, version: before.version + 1 };
  await record(operations, row, before, { ...given, warning: raised[0] });
  return row;
};

/** Writes a change of a row that is locked in this transaction. */
export const writeLocked = async (
  context: Pick<BlackoutContext, 'sources'>,
  operations: StoreOperations,
  before: Blackout,
  patch: Partial<Blackout>,
  circumstance: Circumstance,
): Promise<Blackout> => {
  const row = await writeBlackout(context, operations, before, patch, circumstance);
  if (row === null) throw new Error(`Blackout ${before.id} was changed although it was locked.`);
  return row;
};

/** `state` is the agent's, as it is while the row is locked. */
type Change = (operations: StoreOperations, before: Blackout, state: Promise<AgentState>) => Promise<Partial<Blackout> | null>;

/** Writes what `work` makes of the row, which is locked meanwhile. Null where the row is not open, or `work` says so. */
export const changeBlackout = (
  context: BlackoutContext,
  row: Pick<Blackout, 'id' | 'source' | 'agent'>,
  work: Change,
  { actor, warning }: Omit<Circumstance, 'at'> = { actor: serverActor },
): Promise<Blackout | null> =>
  commit(context, async (operations) => {
    const locking = operations.blackouts.byIds([row.id]);
    // Sent behind the lock, without waiting for it.
    const state = storedState(operations.unlocked, agentKey(row));
    state.catch(() => undefined);
    const [before] = await locking;
    const patch = before && isOpen(before) ? await work(operations, before, state) : null;
    if (!before || patch === null) return null;
    return writeLocked(context, operations, before, patch, { at: nowOf(context), actor, warning, state: await state });
  });

/** Raises a warning, unless it was raised since the start was last sent. */
export const warnOf = (context: BlackoutContext, row: Blackout, warning: BlackoutWarning): Promise<Blackout | null> =>
  changeBlackout(
    context,
    row,
    async (_operations, before) => (wasWarned(before, warning, epochMs(before.sentAt ?? before.requestedAt)) ? null : {}),
    { actor: serverActor, warning },
  );
