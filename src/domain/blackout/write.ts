/** How blackouts are written: a row by compare and set, with its exposures, its audit entry and its event. */

import { commit, type InTransaction } from '../commit.ts';
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
import { agentKey, isOpen, nowOf, sourceOf } from './row.ts';
import { type Exposed, type Moment, withExposures } from './stored-exposures.ts';

interface Circumstance extends Moment {
  /** The actor: a caller, `tapegraph` for the server itself, `vendor` for another actor that the vendor showed. */
  actor: string;
  warning?: BlackoutWarning | undefined;
}

/** Writes the audit entry and the event of a row that was inserted, or changed from `before`. */
const record = async (
  operations: StoreOperations,
  { before, after }: { before: Blackout | null; after: Blackout },
  circumstance: Circumstance,
): Promise<void> => {
  const { at, actor, warning = null } = circumstance;
  const previous = before?.state ?? null;
  const subject = {
    blackout: after.id,
    source: after.source,
    agent: after.agent,
    from: previous,
    to: after.state,
    confirmation: after.confirmation,
    endedBy: after.endedBy,
    exposures: after.exposures.length,
    warning,
  };
  const action = before === null ? 'blackout.requested' : 'blackout.changed';
  await operations.audit.append([{ at, actor, action, subject }]);
  await operations.events.append([{ at, entityType: 'blackout', source: after.source, key: after.id, previous, warning, state: after }]);
};

/** Inserts a blackout with its audit entry and event. False where another one of the agent is open. */
export const insertBlackout = async (operations: StoreOperations, row: Blackout, circumstance: Circumstance): Promise<boolean> => {
  if (!(await operations.blackouts.insert(row))) return false;
  await record(operations, { before: null, after: row }, circumstance);
  return true;
};

/** A row as it was read, and what of it changes. */
export interface Edit {
  before: Blackout;
  patch: Partial<Blackout>;
  /** The changed row with its exposures, where they were computed already. */
  exposed?: Exposed;
}

type WriteTransaction = InTransaction<Pick<BlackoutContext, 'sources'>>;

/**
 * Writes a change with its audit entry and event, where nobody has written since `before` was read; null, and nothing written, where one has. The
 * exposures follow; a new one is warned of, unless the change warns of something else.
 */
export const writeBlackout = async (
  transaction: WriteTransaction,
  { before, patch, exposed }: Edit,
  circumstance: Circumstance,
): Promise<Blackout | null> => {
  const { operations } = transaction;
  const { row: changed, recordings } = exposed ?? (await withExposures(operations, { ...before, ...patch }, circumstance));
  const isExposed = isNewlyExposed({ before, after: changed }, recordings, isStoppable(sourceOf(transaction, before)));
  const raised = [circumstance.warning, isExposed ? ('EXPOSED' as const) : undefined].filter((one) => one !== undefined);
  const warnings = [...changed.warnings, ...raised.map((warning) => ({ warning, at: circumstance.at }))];
  const written: Blackout = { ...changed, warnings };
  if (!(await operations.blackouts.compareAndSet(written))) return null;
  const after = { ...written, version: before.version + 1 };
  await record(operations, { before, after }, { ...circumstance, warning: raised[0] });
  return after;
};

/** Writes a change of a row that is locked in this transaction. */
export const writeLocked = async (transaction: WriteTransaction, edit: Edit, circumstance: Circumstance): Promise<Blackout> => {
  const row = await writeBlackout(transaction, edit, circumstance);
  if (row === null) throw new Error(`Blackout ${edit.before.id} was changed although it was locked.`);
  return row;
};

/** The row to change, and what to warn of with the change. */
interface Target extends Pick<Blackout, 'id' | 'source' | 'agent'> {
  warning?: BlackoutWarning | undefined;
}

/** `state` is the agent's, as it is while the row is locked. */
type Change = (
  transaction: InTransaction<BlackoutContext>,
  before: Blackout,
  state: Promise<AgentState>,
) => Promise<Partial<Blackout> | null>;

/** Writes what `work` makes of the row, which is locked meanwhile. Null where the row is not open, or `work` says so. */
export const changeBlackout = (context: BlackoutContext, target: Target, work: Change): Promise<Blackout | null> =>
  commit(context, async (transaction) => {
    const { operations } = transaction;
    const locking = operations.blackouts.byIds([target.id]);
    // Sent behind the lock, without waiting for it.
    const state = storedState(operations.unlocked, agentKey(target));
    state.catch(() => undefined);
    const [before] = await locking;
    const patch = before && isOpen(before) ? await work(transaction, before, state) : null;
    if (!before || patch === null) return null;
    const circumstance = { at: nowOf(context), actor: serverActor, warning: target.warning, state: await state };
    return writeLocked(transaction, { before, patch }, circumstance);
  });

/** Raises a warning, unless it was raised since the start was last sent. */
export const warnOf = (context: BlackoutContext, row: Blackout, warning: BlackoutWarning): Promise<Blackout | null> =>
  changeBlackout(context, { ...row, warning }, async (_, before) =>
    wasWarned(before, warning, epochMs(before.sentAt ?? before.requestedAt)) ? null : {},
  );
