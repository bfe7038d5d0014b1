/** The acts that mask: each sends what the source needs and commits what came of it. Called under the agent's lock. */
import type { Blackout, Recording } from '../model/entities.ts';
import { asExpected, ExpectedError } from '../model/errors.ts';
import { epochMs } from '../model/instant.ts';
import type { AgentLookup, VendorSource } from '../ports/vendor.ts';
import { leavesDoubt } from '../under-deadline.ts';
import type { AgentLease } from './agent-lock.ts';
import { openCommandsOf } from './commands.ts';
import type { BlackoutContext } from './context.ts';
import { maskable, namesRecording, unnoted } from './exposures.ts';
import { newlyInterrupted } from './resumptions.ts';
import { agentKey, move, sourceOf } from './row.ts';
import { acceptStart, keepStarting, refuseStart, restoreRow, rollBackStart, type SentStart } from './start-outcomes.ts';
import type { GivenTime } from './times.ts';
import { observeAgent, observeAnswer, startNative, stopRecordings, timesFor } from './vendor-commands.ts';
import { changeBlackout } from './write.ts';

/** Failures that the same command may overcome a moment later. */
const isPassing = (error: ExpectedError): boolean => error.code === 'VENDOR_TIMEOUT' || error.code === 'VENDOR_UNAVAILABLE';

export const liveOf = ({ liveState }: Pick<BlackoutContext, 'liveState'>, row: Blackout): readonly Recording[] =>
  maskable(liveState.liveRecordings(agentKey(row)));

/** The row's notes with what runs added, as interrupted where it is to be stopped; null where all of it is noted already. */
export const withRunning = (row: Blackout, source: VendorSource, live: readonly Recording[]): Partial<Blackout> | null => {
  const interrupted = newlyInterrupted(source, row, live);
  const ran = unnoted(row, live);
  if (interrupted.length === 0 && ran.length === 0) return null;
  return { interrupted: [...row.interrupted, ...interrupted], ran: [...(row.ran ?? []), ...ran] };
};

/** Notes what runs, and returns what was noted as interrupted before. */
const noteRunning = async (context: BlackoutContext, row: Blackout, live: readonly Recording[]): Promise<Blackout['interrupted']> => {
  let known: Blackout['interrupted'] = [];
  await changeBlackout(context, row, async (_, before) => {
    known = before.interrupted;
    return withRunning(before, sourceOf(context, row), live);
  });
  return known;
};

/**
 * Notes what runs as interrupted, then stops it. Returns as not stopped those of the newly noted that the vendor says did not run: nobody continues
 * them. An attempt that nobody answered may have stopped those that were noted before. `isFirst` is true of a new row's first attempt, with whose
 * commit they were noted.
 */
export const stopNoted = async (
  context: BlackoutContext,
  row: Blackout,
  { isFirst = false, onStopped }: { isFirst?: boolean; onStopped?: () => void } = {},
): Promise<Omit<SentStart, 'given'>> => {
  const live = liveOf(context, row);
  const isNoted = isFirst && withRunning(row, sourceOf(context, row), live) === null;
  const before = isNoted ? [] : await noteRunning(context, row, live);
  const known = isFirst ? [] : before;
  const { observations, notRunning } = await stopRecordings(context, row, onStopped);
  const notStopped = notRunning.filter((one) => !known.some(({ recording }) => namesRecording(recording, one)));
  return { observations, notStopped: notStopped.map(({ externalId }) => externalId), live };
};

interface Start {
  given: GivenTime;
  isRepeated: boolean;
  isRenewed: boolean;
  /** Called for each recording that is stopped, also where the start fails after that. */
  onStopped(): void;
  addressedBy?: AgentLookup | undefined;
}

const sendStart = async (context: BlackoutContext, row: Blackout, start: Start): Promise<SentStart> => {
  const { given, isRepeated, isRenewed, onStopped, addressedBy } = start;
  if (row.support === 'NATIVE') {
    const live = liveOf(context, row);
    try {
      const times = timesFor(given, epochMs(row.startsAt), isRepeated);
      const answer = await startNative(context, row, { ...times, addressedBy });
      return { given, observations: answer.observations ?? [], notStopped: [], live };
    } catch (error) {
      if (!(error instanceof ExpectedError && error.code === 'ALREADY_BLACKED_OUT')) throw error;
      return { given, observations: [], notStopped: [], live };
    }
  }
  if (isRenewed) await observeAgent(context, row);
  return { given, ...(await stopNoted(context, row, { isFirst: !isRepeated && !isRenewed, onStopped })) };
};

interface CallersStart {
  row: Blackout;
  /** The row as it was where it is started over or renewed; null where it is new. */
  before: Blackout | null;
  given: GivenTime;
  /** The agent as the caller named it. */
  addressedBy: AgentLookup;
  lease: AgentLease;
  correlationId: string;
}

/** While the caller waits: repeats once towards safety, then gives up. */
export const startForCaller = async (
  context: BlackoutContext,
  { row, before, given, addressedBy, lease, correlationId }: CallersStart,
): Promise<void> => {
  if (before !== null) {
    context.retries.delete(row.id);
    context.unwrittenStops.delete(row.id);
  }
  let inDoubt = false;
  const onStopped = () => {
    inDoubt = true;
  };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const sent = await sendStart(context, row, { given, isRepeated: attempt > 1, isRenewed: before !== null, onStopped, addressedBy });
      const accepting = acceptStart(context, row, sent);
      // The vendor's own blackout is shown in force only once it is accepted. Recordings go beside it: each locks the row, and sees what the other did.
      if (row.support === 'NATIVE') await accepting;
      await Promise.all([accepting, observeAnswer(context, row, sent.observations)]);
      context.retries.delete(row.id);
      return;
    } catch (caught) {
      const error = asExpected(caught);
      const failure = { error, correlationId };
      inDoubt ||= leavesDoubt(error);
      if (isPassing(error) && attempt < 2) continue;
      if (inDoubt) lease.retain();
      if (before === null) await (inDoubt ? rollBackStart : refuseStart)(context, row, failure);
      else if (before.state !== 'STOPPING' && (inDoubt || isPassing(error))) {
        await keepStarting(context, row, failure);
        context.retries.failed(row.id);
      } else await restoreRow(context, before, failure);
      return;
    }
  }
};

/** The requested times of the start; of one that lies ahead, at least its own. */
const givenTo = async ({ store, clock }: BlackoutContext, row: Blackout): Promise<GivenTime> => {
  if (row.state === 'ACTIVE') return { at: null, offsetMs: null };
  const [command] = await openCommandsOf(store, row.id, ['START_BLACKOUT']);
  const at = (command?.input.startAt as string | undefined) ?? null;
  const offsetMs = (command?.input.offsetMs as number | undefined) ?? null;
  const liesAhead = at === null && offsetMs === null && epochMs(row.startsAt) > clock.now();
  return { at: liesAhead ? row.startsAt : at, offsetMs };
};

/** Returns true if a start may have reached the vendor before: a native one is sent as it is written down. */
const wasSent = ({ support, interrupted }: Blackout): boolean => support === 'NATIVE' || interrupted.length > 0;

/** How soon it is looked again whether an agent that the vendor's list left out is listed again. */
const absentMs = 1000;

/** Returns true if the vendor's last complete list leaves the agent out: it is sent nothing until it is listed again. */
const isAbsent = ({ liveState }: BlackoutContext, row: Blackout): boolean => liveState.agent(agentKey(row))?.absentSince != null;

/** Nobody waits for it any more: repeats towards safety, with back-off, until the deadline; a plain no to a first start ends it. */
export const mask = async (context: BlackoutContext, row: Blackout, lease: AgentLease): Promise<void> => {
  if (row.state === 'ACTIVE' && isAbsent(context, row)) {
    context.retries.after(row.id, absentMs);
    return;
  }
  let inDoubt = wasSent(row);
  const onStopped = () => {
    inDoubt = true;
  };
  try {
    const given = await givenTo(context, row);
    const sent = await sendStart(context, row, { given, isRepeated: true, isRenewed: false, onStopped });
    await acceptStart(context, row, sent);
    context.retries.delete(row.id);
    await observeAnswer(context, row, sent.observations);
  } catch (caught) {
    const error = asExpected(caught);
    if (!error.retryable && row.state === 'SCHEDULED') {
      await (inDoubt ? rollBackStart : refuseStart)(context, row, { error, correlationId: row.id });
      return;
    }
    if (leavesDoubt(error)) lease.retain();
    context.retries.failed(row.id);
  }
};

export const begin = (context: BlackoutContext, row: Blackout) =>
  changeBlackout(context, row, async (_, before) => (before.state === 'SCHEDULED' ? move(before, 'begin') : null));
