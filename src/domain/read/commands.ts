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
const recordLedgerRead = (
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

const othersCommand = () =>
  new ExpectedError('FORBIDDEN', 'Commands of other callers need the scope audit:read; use a key or token with that scope.');

/**
 * Returns rows within reach by their ids, in order; null for the others, and FORBIDDEN for those of other callers where this one lacks
 * audit:read.
 */
export const findCommands = async (
  context: ReadContext,
  ids: readonly string[],
  correlationId: string,
): Promise<readonly (ControlCommand | ExpectedError | null)[]> => {
  const { store, principal } = context;
  const rows = (await store.commands.byIds(ids)).map((row) => (row && isWithinReach(context, row.source) ? row : null));
  const isOthers = (row: ControlCommand | null) => row !== null && row.requestedBy !== principal.name;
  const others = rows.filter((row) => row !== null).filter(isOthers);
  if (others.length === 0) return rows;
  if (!hasScope(principal, 'audit:read')) return rows.map((row) => (isOthers(row) ? othersCommand() : row));
  await recordLedgerRead(context, { ids: others.map(({ id }) => id) }, correlationId);
  return rows;
};

/** Returns the commands of many blackouts, in the order of the blackouts. */
export const commandsOfBlackouts = async (
  context: ReadContext,
  blackouts: readonly string[],
  correlationId: string,
): Promise<readonly (readonly ControlCommand[])[]> => {
  const lists = await context.store.commands.ofBlackouts(blackouts);
  await recordLedgerRead(context, { ids: lists.flatMap((list) => list.map(({ id }) => id)) }, correlationId);
  return lists;
};
