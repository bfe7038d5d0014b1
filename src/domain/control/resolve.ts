/** Gives commands their outcome: from what is observed, after a doubtful answer, and after a server that died in between. */

import { commit } from '../commit.ts';
import type { ControlCommand, SourceKey } from '../model/entities.ts';
import { ExpectedError } from '../model/errors.ts';
import { epochMs } from '../model/instant.ts';
import type { ObservationResult } from '../observe/observation-result.ts';
import type { CommandFilter } from '../ports/pages.ts';
import type { StoreOperations } from '../ports/store.ts';
import { type AgentState, storedStates } from './agent-state.ts';
import { judgedSinceMs } from './awaited.ts';
import { evidenceFor, isControlOperation } from './confirmation.ts';
import type { ControlContext } from './context.ts';
import { commandDatedBack } from './future-dated.ts';
import { type LedgerTransaction, type Resolution, resolveCommand } from './ledger.ts';
import { observeOutcome } from './observe-outcome.ts';
import { type Failure, problemData } from './problems.ts';
import { newlyTouchedAgents } from './touched-agents.ts';

export const agentKeyOf = (command: ControlCommand): SourceKey => ({ source: command.source, externalId: command.agent ?? '' });

/** `resolveCommand` in a transaction of its own. Null where the row has moved on already. */
export const resolveAlone = (context: ControlContext, id: string, resolution: Resolution): Promise<ControlCommand | null> =>
  commit(context, (transaction) => resolveCommand(transaction, id, resolution));

/** Leaves the row PENDING with its problem, so that what is observed later can resolve it; then fetches the agent's state once. */
export const resolveDoubt = async (context: ControlContext, command: ControlCommand, { error, correlationId }: Failure): Promise<void> => {
  const { operation } = command;
  if (!isControlOperation(operation)) return;
  const as = (message: string) =>
    problemData(
      new ExpectedError(error.code, `${error.message} ${message}`, { retryable: error.retryable, vendorCode: error.vendorCode }),
      correlationId,
    );
  await resolveAlone(context, command.id, {
    status: 'PENDING',
    problem: as(`It is not known if ${operation} was carried out. The command stays PENDING until the vendor shows the outcome.`),
  });
  if (!(await observeOutcome(context, command))) return;
  await resolveAlone(context, command.id, {
    status: 'FAILED',
    problem: as(`The vendor's state shows that ${operation} was not carried out.`),
  });
};

/** Confirms the row where the state shows it done. */
const confirm = async (transaction: LedgerTransaction, row: ControlCommand, state: AgentState): Promise<void> => {
  const { done, recording } = evidenceFor(state, row);
  if (done) await resolveCommand(transaction, row.id, { status: 'CONFIRMED', recording });
};

/** A vendor's later no to a command that it had accepted. */
type LateFailure = ObservationResult['failures'][number] & Pick<ObservationResult, 'source'>;

/** How long after it was completed a command that names no recording may still be the one that failed. */
const lateFailureMs = 600_000;

/**
 * Finds the command that a vendor's later failure is about: of the agent's, the newest that touched the recording it names, by any name it
 * went then; else the newest that the vendor had accepted and that names no other recording; else one that still waits for its answer.
 */
const findFailed = async (
  { clock, operations }: LedgerTransaction,
  failure: LateFailure,
  open: readonly ControlCommand[],
): Promise<ControlCommand | null> => {
  const { source } = failure;
  const names = [failure.recording, ...open.map(({ recording }) => recording)].filter((name) => name !== null);
  const rows = names.length === 0 ? [] : await operations.recordings.byKeys(names.map((externalId) => ({ source, externalId })));
  const idOf = new Map(names.map((name, index) => [name, rows[index]?.externalId ?? null]));
  const wanted = failure.recording === null ? null : (idOf.get(failure.recording) ?? null);
  const recordingOf = ({ recording }: ControlCommand) => (recording === null ? null : (idOf.get(recording) ?? null));
  const newest = open.toSorted((left, right) => epochMs(right.requestedAt) - epochMs(left.requestedAt));
  const isSame = (row: ControlCommand) =>
    row.recording !== null && (row.recording === failure.recording || (wanted !== null && recordingOf(row) === wanted));
  const mayBe = (row: ControlCommand) =>
    (wanted === null || recordingOf(row) === null) && (row.completedAt === null || epochMs(row.completedAt) > clock.now() - lateFailureMs);
  const accepted = newest.filter(({ status }) => status === 'ACCEPTED');
  return newest.find(isSame) ?? accepted.find(mayBe) ?? newest.find(({ status }) => status === 'PENDING') ?? null;
};

/** The commands of the agent that a late no may still be about: those that are open, and those that stayed ACCEPTED. */
const failable = async ({ operations }: LedgerTransaction, failure: LateFailure): Promise<readonly ControlCommand[]> => {
  const { source, agent: externalId } = failure;
  const filter = { sources: [source], agent: { source, externalId }, statuses: ['PENDING', 'ACCEPTED'] } satisfies CommandFilter;
  const [page] = await operations.commands.pages([{ filter, first: 20, after: null }]);
  return page!.items.filter(({ operation }) => isControlOperation(operation) && failure.operations.includes(operation));
};

/** Fails the command that the failure is about. Null where there is none. */
const failAccepted = async (transaction: LedgerTransaction, failure: LateFailure): Promise<ControlCommand | null> => {
  const row = await findFailed(transaction, failure, await failable(transaction, failure));
  if (row === null) return null;
  const no = new ExpectedError('VENDOR_REJECTED', `${failure.source}: ${row.operation} was accepted and then failed: ${failure.message}`, {
    vendorCode: failure.vendorCode,
  });
  return resolveCommand(transaction, row.id, { status: 'FAILED', problem: problemData(no, row.id) });
};

/**
 * The open commands of the agents that the observation changed, and of those of `awaitedAgents` that it showed: what it shows of any other was
 * held against their commands before.
 */
export const readJudged = (
  operations: StoreOperations,
  observed: ObservationResult,
  awaitedAgents: ReadonlySet<string>,
): Promise<readonly ControlCommand[]> => operations.commands.openOf(observed.source, newlyTouchedAgents(observed, awaitedAgents));

/** Resolves those of the commands that the observation shows done, or failed. Runs inside its transaction. */
export const resolveObserved = async (
  transaction: LedgerTransaction,
  observed: ObservationResult,
  commands: readonly ControlCommand[],
): Promise<void> => {
  const { operations } = transaction;
  const failed = new Set<string>();
  for (const failure of observed.failures) {
    const row = await failAccepted(transaction, { ...failure, source: observed.source });
    if (row !== null) failed.add(row.id);
  }
  const open = commands.filter((row) => isControlOperation(row.operation) && !failed.has(row.id));
  const agents = [...new Set(open.map(({ agent }) => agent!))];
  const keys = agents.map((externalId) => ({ source: observed.source, externalId }));
  const read = agents.length === 0 ? [] : await storedStates(operations, keys);
  const states = new Map(agents.map((agent, index) => [agent, read[index]!]));
  // An observation says nothing of a command that is newer.
  for (const row of open) if (observed.asOfMs >= judgedSinceMs(row)) await confirm(transaction, row, states.get(row.agent!)!);
};

/** Clamps the times of open commands that a clock which was ahead has written: nothing waits for a moment yet to come. */
const dateBackCommands = async ({ store, clock, sources }: ControlContext): Promise<void> => {
  const ahead = (await store.commands.open([...sources.keys()])).filter((row) => commandDatedBack(row, clock.now()) !== null);
  if (ahead.length === 0) return;
  await store.transaction(async (operations) => {
    for (const row of await operations.commands.byIds(ahead.map(({ id }) => id))) {
      const datedBack = row?.completedAt === null ? commandDatedBack(row, clock.now()) : null;
      if (datedBack !== null) await operations.commands.update(datedBack);
    }
  });
};

/** Resolves what a killed or timed-out server left open, from what the vendor shows; no command is ever sent again. */
export const recoverCommands = async (context: ControlContext): Promise<void> => {
  const { store, clock, sources, settings, inFlight } = context;
  await dateBackCommands(context);
  const nowMs = clock.now();
  for (const row of await store.commands.open([...sources.keys()])) {
    if (!isControlOperation(row.operation) || inFlight.has(row.id)) continue;
    const source = sources.get(row.source)!;
    const ageMs = nowMs - epochMs(row.requestedAt);
    if (row.status === 'ACCEPTED') {
      if (ageMs <= source.confirmMs + settings.commandDeadlineMs) continue;
      await observeOutcome(context, row);
      await resolveAlone(context, row.id, { status: 'ACCEPTED', final: true });
      continue;
    }
    if (ageMs < settings.commandDeadlineMs + settings.leaseMs) continue;
    const timeout = new ExpectedError('VENDOR_TIMEOUT', `${row.source}: the answer to ${row.operation} was lost.`);
    if (row.problem === null) await resolveDoubt(context, row, { error: timeout, correlationId: row.id });
    else if ((await observeOutcome(context, row)) || ageMs > settings.unknownOutcomeMs) {
      await resolveAlone(context, row.id, { status: 'FAILED', problem: row.problem });
    }
  }
};
