import type { NewEvent } from '../control/context.ts';
import type { Blackout, Instant } from '../model/entities.ts';
import type { BlackoutWarning } from '../model/enums.ts';
import type { StoreOperations } from '../ports/store.ts';

export interface Circumstance {
  at: Instant;
  /** Who is behind it: a caller, `tapegraph` for the server itself, `vendor` for another actor that the vendor showed. */
  actor: string;
  warning?: BlackoutWarning;
}

const subjectOf = (row: Blackout, from: Blackout | null, warning: BlackoutWarning | null) => ({
  blackout: row.id,
  source: row.source,
  agent: row.agent,
  from: from?.state ?? null,
  to: row.state,
  confirmation: row.confirmation,
  endedBy: row.endedBy,
  exposures: row.exposures.length,
  warning,
});

const eventOf = (row: Blackout, from: Blackout | null, { at, warning }: Circumstance): NewEvent => ({
  at,
  entityType: 'blackout',
  source: row.source,
  key: row.id,
  previous: from?.state ?? null,
  warning: warning ?? null,
  state: row,
});

/** Inserts a blackout with its audit entry; the event is for the caller to append. */
export const insertBlackout = async (operations: StoreOperations, row: Blackout, circumstance: Circumstance): Promise<NewEvent> => {
  await operations.blackouts.insert(row);
  await operations.audit.append([
    { at: circumstance.at, actor: circumstance.actor, action: 'blackout.requested', subject: subjectOf(row, null, null) },
  ]);
  return eventOf(row, null, circumstance);
};

/** Writes a change with its audit entry, where nobody has written since `before` was read; null, and nothing written, where one has. */
export const writeBlackout = async (
  operations: StoreOperations,
  before: Blackout,
  patch: Partial<Blackout>,
  circumstance: Circumstance,
): Promise<{ row: Blackout; event: NewEvent } | null> => {
  const warnings = circumstance.warning ? [...before.warnings, { warning: circumstance.warning, at: circumstance.at }] : before.warnings;
  const after: Blackout = { ...before, ...patch, warnings };
  if (!(await operations.blackouts.compareAndSet(after))) return null;
  const row = { ...after, version: before.version + 1 };
  await operations.audit.append([
    {
      at: circumstance.at,
      actor: circumstance.actor,
      action: 'blackout.changed',
      subject: subjectOf(row, before, circumstance.warning ?? null),
    },
  ]);
  return { row, event: eventOf(row, before, circumstance) };
};
