/** How blackouts are read and written: a row by compare and set, and with it its commands, audit entries and events. */

import { commit } from '../commit.ts';
import { storedState } from '../control/agent-state.ts';
import { hashInput, openCommand, type Resolution, resolveCommand } from '../control/ledger.ts';
import { problemData } from '../control/problems.ts';
import type { Blackout, ControlCommand, Instant, Recording, SourceKey } from '../model/entities.ts';
import { type BlackoutEnd, type BlackoutOperation, type BlackoutWarning, openBlackoutStates } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import type { NewEvent } from '../model/events.ts';
import { epochMs, instant } from '../model/instant.ts';
import type { Observation } from '../model/observation.ts';
import type { StoreOperations } from '../ports/store.ts';
import type { VendorSource } from '../ports/vendor.ts';
import type { BlackoutContext } from './context.ts';
import { callsOf, exposuresOf, isNewlyExposed, namesRecording, sameExposures, withCall } from './exposures.ts';
import { wasWarned } from './plan.ts';
import { isStoppable } from './recording-kinds.ts';
import { type BlackoutChange, stateAfter } from './transitions.ts';

/** The server itself, as an actor. */
export const server = 'tapegraph';

export const agentKey = ({ source, agent }: Pick<Blackout, 'source' | 'agent'>): SourceKey => ({ source, externalId: agent });

export const isOpen = (row: Blackout): boolean => openBlackoutStates.includes(row.state);

export const nowOf = ({ clock }: BlackoutContext): Instant => instant(clock.now());

export const move = (before: Blackout, change: BlackoutChange): Pick<Blackout, 'state'> => ({ state: stateAfter(before.state, change) });

type NewBlackout = Pick<
  Blackout,
  | 'id'
  | 'source'
  | 'agent'
  | 'state'
  | 'confirmation'
  | 'support'
  | 'reason'
  | 'note'
  | 'requestedBy'
  | 'requestedAt'
  | 'startsAt'
  | 'deadline'
>;

/** A row as it is before anything came of it. */
export const newBlackout = (given: NewBlackout): Blackout => ({
  ...given,
  stopsAt: null,
  endedAt: null,
  endedBy: null,
  exposures: [],
  warnings: [],
  interrupted: [],
  version: 0,
});

interface Moment {
  at: Instant;
  /** When the source had been heard from before what is observed at `at`; absent where nothing is. */
  contactAt?: Instant;
}

export interface Circumstance extends Moment {
  /** The actor: a caller, `tapegraph` for the server itself, `vendor` for another actor that the vendor showed. */
  actor: string;
  warning?: BlackoutWarning | undefined;
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

/** Inserts a blackout with its audit entry and event. False where another one of the agent is open. */
export const insertBlackout = async (operations: StoreOperations, row: Blackout, circumstance: Circumstance): Promise<boolean> => {
  if (!(await operations.blackouts.insert(row))) return false;
  await operations.audit.append([
    { at: circumstance.at, actor: circumstance.actor, action: 'blackout.requested', subject: subjectOf(row, null, null) },
  ]);
  await operations.events.append([eventOf(row, null, circumstance)]);
  return true;
};

/** `row` with the call noted that the agent is in, as far as is known. */
const withCallNow = async (operations: StoreOperations, row: Blackout, { at, contactAt }: Moment): Promise<Blackout> => {
  // A stop that fails may be called off, and what was recorded meanwhile counts then.
  const isWanted = row.state === 'ACTIVE' || row.state === 'STOPPING' || (row.state === 'SCHEDULED' && row.confirmation !== 'PENDING');
  if (!isWanted) return row;
  const { agent, calls } = await storedState(operations, agentKey(row));
  const call = agent?.activeCall ?? null;
  const leg = call === null ? undefined : calls.get(call)?.legs.findLast((one) => one.agent === row.agent && one.endedAt === null);
  const from = leg?.startedAt ?? (row.inCalls === undefined ? row.startsAt : (contactAt ?? at));
  const inCalls = withCall(row, call, from, at);
  return inCalls === row.inCalls ? row : { ...row, inCalls };
};

/** `row` with its exposures computed anew from the recordings' own times. */
export const withExposures = async (
  operations: StoreOperations,
  row: Blackout,
  moment: Moment,
): Promise<{ row: Blackout; recordings: readonly Recording[] }> => {
  const noted = await withCallNow(operations, row, moment);
  const keyOf = (externalId: string): SourceKey => ({ source: noted.source, externalId });
  const { ran = [] } = noted;
  const own = ran.length === 0 ? [] : (await operations.recordings.byKeys(ran.map(keyOf))).filter((one) => one !== null);
  const calls = callsOf(noted, own);
  const inCalls = calls.length === 0 ? [] : (await operations.recordings.ofCalls(calls.map(keyOf))).flat();
  const recordings = [...own, ...inCalls.filter(({ agent }) => agent !== noted.agent)];
  const exposures = exposuresOf(noted, recordings);
  return { row: sameExposures(exposures, noted.exposures) ? noted : { ...noted, exposures }, recordings };
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
  const circumstance = { ...given, warning: given.warning ?? exposed };
  const raised = [given.warning, exposed].filter((one) => one !== undefined);
  const noted = changed.warnings;
  const warnings = raised.length === 0 ? noted : [...noted, ...raised.map((warning) => ({ warning, at: given.at }))];
  const after: Blackout = { ...changed, warnings };
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
  await operations.events.append([eventOf(row, before, circumstance)]);
  return row;
};

type Change = (operations: StoreOperations, before: Blackout) => Promise<Partial<Blackout> | null>;

/** Writes what `work` makes of the row, which is locked meanwhile. Null where the row is not open, or `work` says so. */
export const changeBlackout = (
  context: BlackoutContext,
  id: string,
  work: Change,
  { actor, warning }: Omit<Circumstance, 'at'> = { actor: server },
): Promise<Blackout | null> =>
  commit(context, async (operations) => {
    const [before] = await operations.blackouts.byIds([id]);
    const patch = before && isOpen(before) ? await work(operations, before) : null;
    if (!before || patch === null) return null;
    const row = await writeBlackout(context, operations, before, patch, { at: nowOf(context), actor, warning });
    if (row === null) throw new Error(`Blackout ${id} was changed although it was locked.`);
    return row;
  });

/** Raises a warning, unless it was raised since the start was last sent. */
export const warnOf = (context: BlackoutContext, row: Blackout, warning: BlackoutWarning): Promise<Blackout | null> =>
  changeBlackout(
    context,
    row.id,
    async (_operations, before) => (wasWarned(before, warning, epochMs(before.sentAt ?? before.requestedAt)) ? null : {}),
    { actor: server, warning },
  );

/** The commands of a blackout that are not completed, oldest first. */
export const openCommandsOf = async (
  operations: StoreOperations,
  blackout: string,
  wanted: readonly BlackoutOperation[],
): Promise<readonly ControlCommand[]> => {
  const [rows = []] = await operations.commands.ofBlackouts([blackout]);
  return rows.filter((row) => (wanted as readonly string[]).includes(row.operation) && row.completedAt === null);
};

export const startOperations: readonly BlackoutOperation[] = ['START_BLACKOUT', 'RENEW_BLACKOUT'];

export const openStopsOf = (operations: StoreOperations, blackout: string) => openCommandsOf(operations, blackout, ['STOP_BLACKOUT']);

/** Gives the blackout's open commands of these operations an outcome. One that was accepted before keeps the problem that came since. */
export const resolveCommands = async (
  context: BlackoutContext,
  operations: StoreOperations,
  blackout: string,
  wanted: readonly BlackoutOperation[],
  resolution: Resolution,
): Promise<void> => {
  for (const command of await openCommandsOf(operations, blackout, wanted)) {
    if (command.status === 'ACCEPTED' && resolution.status === 'ACCEPTED' && !resolution.final) continue;
    await resolveCommand(context, operations, command.id, resolution);
  }
};

/** The open commands stay as they are, with the newest problem, so that a later reader sees why the blackout does not go on. */
export const noteProblem = async (
  context: BlackoutContext,
  operations: StoreOperations,
  blackout: string,
  wanted: readonly BlackoutOperation[],
  error: ExpectedError,
): Promise<void> => {
  for (const { id, status, problem: known } of await openCommandsOf(operations, blackout, wanted)) {
    if (known?.message === error.message) continue;
    await resolveCommand(context, operations, id, { status, problem: problemData(error, known?.correlationId ?? id) });
  }
};

/** A command of the server's own, PENDING before it is sent. */
export const openOwnCommand = async (
  context: BlackoutContext,
  operations: StoreOperations,
  row: Blackout,
  operation: 'STOP_BLACKOUT' | 'STOP_RECORDING' | 'START_BLACKOUT',
  because: 'OPERATOR' | 'SCHEDULE' | 'DEADLINE' | 'UNDO' | 'BLACKOUT' | 'MASK_LOST',
  more: Readonly<Record<string, unknown>> = {},
): Promise<ControlCommand> => {
  const { row: opened } = await openCommand(context, operations, {
    operation,
    source: row.source,
    agent: row.agent,
    blackout: row.id,
    requestedBy: server,
    idempotencyKey: null,
    inputHash: hashInput(context, operation, { blackout: row.id, because }),
    input: { because, ...more },
  });
  return opened;
};

interface Finish {
  by: BlackoutChange;
  endedBy: BlackoutEnd | null;
  at?: Instant;
  /** True if the vendor showed it. */
  isConfirmed?: boolean;
}

/** Ends the row and completes its commands. */
export const finish = async (
  context: BlackoutContext,
  operations: StoreOperations,
  before: Blackout,
  { by, endedBy, at = nowOf(context), isConfirmed = false }: Finish,
): Promise<Partial<Blackout>> => {
  for (const command of await openCommandsOf(operations, before.id, startOperations)) {
    const ended = new ExpectedError('CONFLICT', `${before.source}: the blackout was stopped before the vendor accepted its start.`);
    await resolveCommand(
      context,
      operations,
      command.id,
      command.status === 'ACCEPTED' ? { status: 'ACCEPTED', final: true } : { status: 'FAILED', problem: problemData(ended, command.id) },
    );
  }
  const status = isConfirmed ? 'CONFIRMED' : 'ACCEPTED';
  await resolveCommands(context, operations, before.id, ['STOP_BLACKOUT'], { status, final: true });
  return {
    ...move(before, by),
    endedAt: at,
    endedBy: by === 'startRolledBack' ? null : (before.endedBy ?? endedBy),
    ...(before.unmasked ? { unmasked: before.unmasked.map((one) => ({ ...one, endsAt: one.endsAt ?? at })) } : {}),
  };
};

/** Takes in what the vendor's own answer showed. */
export const observeAnswer = async (
  { observe, clock }: BlackoutContext,
  source: VendorSource,
  observations: readonly Observation[],
): Promise<void> => {
  if (observations.length > 0) await observe(source.name, { observations, asOfMs: clock.now() });
};

/** The recordings that a blackout interrupted, in the order in which it did; those whose final id is known by now under that. */
export const interruptedRecordings = async (operations: StoreOperations, blackout: Blackout): Promise<readonly Recording[]> => {
  const keys = blackout.interrupted.map(({ recording }) => ({ source: blackout.source, externalId: recording }));
  const rows = keys.length === 0 ? [] : await operations.recordings.byKeys(keys);
  return rows.filter((row) => row !== null);
};

/** Recordings that are not noted yet, added in order; one that cannot be stopped is not: nothing has to continue it. */
export const withInterrupted = (source: VendorSource, blackout: Blackout, live: readonly Recording[]): Blackout['interrupted'] => {
  const more = live.filter(
    (one) => !one.isDuplicate && isStoppable(source)(one) && !blackout.interrupted.some(({ recording }) => namesRecording(recording, one)),
  );
  return more.length === 0
    ? blackout.interrupted
    : [...blackout.interrupted, ...more.map((one) => ({ recording: one.externalId, fileName: one.fileName }))];
};
