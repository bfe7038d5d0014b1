/** Reads the ledger. Writes a caller who reads others' rows into the audit trail. */
import type { ControlCommand } from '../model/entities.ts';
import { ExpectedError } from '../model/errors.ts';
import { instant } from '../model/instant.ts';
import { hasScope } from '../model/principal.ts';
import type { CommandFilter } from '../ports/pages.ts';
import type { ReadContext } from './context.ts';
import { countInTurn } from './counts.ts';
import { type ListRequest, pageRequest, type ReadPage } from './pages.ts';
import { isWithinReach, narrowFilter } from './sources.ts';

/** Writes down who read the ledger, which part of it, and in which request. */
export const recordLedgerRead = (
  { store, clock, principal }: ReadContext,
  filter: CommandFilter | { ids: readonly string[] },
  correlationId: string,
): Promise<void> =>
  store.audit.append([{ at: instant(clock.now()), actor: principal.name, action: 'ledger.read', subject: { filter, correlationId } }]);

export const listCommands = async (
  context: ReadContext,
  { filter, page: args }: Pick<ListRequest<CommandFilter>, 'filter' | 'page'>,
  correlationId: string,
): Promise<ReadPage<ControlCommand>> => {
  const entityType = 'commands';
  const { commands } = context.store;
  const wanted = narrowFilter(context, filter);
  const request = pageRequest(context, { entityType, filter: wanted }, args);
  const [page] = await commands.pages([request]);
  await recordLedgerRead(context, wanted, correlationId);
  const requested = { entityType, request, failures: [] };
  return { requested, page: page!, failures: [], count: () => countInTurn(context, (max) => commands.count(wanted, max)) };
};

/** Returns rows within reach by their ids, in order; null for the others. */
export const findCommands = async (context: ReadContext, ids: readonly string[]): Promise<readonly (ControlCommand | null)[]> =>
  (await context.store.commands.byIds(ids)).map((row) => (row && isWithinReach(context, row.source) ? row : null));

/** Throws FORBIDDEN where the row is someone else's and the caller lacks audit:read. */
export const requireCommandReader = async (context: ReadContext, command: ControlCommand, correlationId: string): Promise<void> => {
  if (command.requestedBy === context.principal.name) return;
  if (!hasScope(context.principal, 'audit:read')) {
    throw new ExpectedError('FORBIDDEN', 'Commands of other callers need the scope audit:read; use a key or token with that scope.');
  }
  await recordLedgerRead(context, { ids: [command.id] }, correlationId);
};

/** Returns the commands of many blackouts, in the order of the blackouts. */
export const commandsOfBlackouts = (
  { store }: ReadContext,
  blackouts: readonly string[],
): Promise<readonly (readonly ControlCommand[])[]> => store.commands.ofBlackouts(blackouts);
