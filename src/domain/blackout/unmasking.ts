/** The acts that unmask: each sends what the source needs and commits what came of it. Called under the agent's lock. */
import { commit, type InTransaction } from '../commit.ts';
import { type AgentState, storedState } from '../control/agent-state.ts';
import type { Blackout } from '../model/entities.ts';
import type { ProblemCode } from '../model/enums.ts';
import { asExpected, ExpectedError } from '../model/errors.ts';
import { epochMs } from '../model/instant.ts';
import type { Observation } from '../model/observation.ts';
import type { AgentLookup } from '../ports/vendor.ts';
import { leavesDoubt } from '../under-deadline.ts';
import type { AgentLease } from './agent-lock.ts';
import { finish, noteProblem, openStopsOf, resolveStops } from './commands.ts';
import type { BlackoutContext } from './context.ts';
import { maskable } from './exposures.ts';
import { isStoppable } from './recording-kinds.ts';
import { interruptedRecordings, resumptionsOf } from './resumptions.ts';
import { agentKey, laterStartOf, nowOf, sourceOf } from './row.ts';
import { agentOf, isCallGoingOn, observeAgent, observeAnswer, resume, stopNative } from './vendor-commands.ts';
import { changeBlackout, warnOf } from './write.ts';

/** Answers to a stop by which the vendor says that there is nothing to stop, or nobody. */
const nothingThere: ReadonlySet<ProblemCode> = new Set(['NOT_BLACKED_OUT', 'NOT_IN_CALL', 'NOT_FOUND']);

/** Returns true if something is recorded again, and nothing that was interrupted has to be started any more. */
export const isResumed = async (
  context: InTransaction<Pick<BlackoutContext, 'sources' | 'liveState'>>,
  row: Blackout,
  { agent, live }: AgentState,
): Promise<boolean> => {
  const source = sourceOf(context, row);
  const running = live.filter(({ state }) => state === 'RECORDING');
  if (!running.some(isStoppable(source))) return false;
  const resumptions = resumptionsOf(source, row, {
    interrupted: await interruptedRecordings(context.operations, row),
    agent: agent ?? agentOf(context, row),
    running,
    isCallGoingOn: isCallGoingOn(context, row),
  });
  return resumptions.length === 0;
};

const stopAccepted = async (context: BlackoutContext, row: Blackout, isConfirmed: boolean): Promise<void> => {
  const at = context.unwrittenStops.get(row.id)?.sentAt ?? nowOf(context);
  await changeBlackout(context, row, async (transaction, before) => {
    if (before.state !== 'STOPPING') return null;
    const by = before.endedBy === null ? 'startRolledBack' : 'stopAccepted';
    return finish(transaction, before, { by, endedBy: before.endedBy, isConfirmed, at });
  });
  context.unwrittenStops.delete(row.id);
};

/** Sends the stop. A failure leaves the row STOPPING, with a warning, to be tried again until the vendor accepts it. */
export const unmask = async (
  context: BlackoutContext,
  row: Blackout,
  { lease, addressedBy }: { lease: AgentLease; addressedBy?: AgentLookup },
): Promise<void> => {
  try {
    if (row.support === 'NATIVE') await unmaskNative(context, row, addressedBy);
    else await unmaskEmulated(context, row);
  } catch (caught) {
    const error = asExpected(caught);
    if (leavesDoubt(error)) lease.retain();
    context.retries.failed(row.id);
    context.log.warn('the stop of a blackout failed; it is sent again until the recorder accepts it', {
      source: row.source,
      blackout: row.id,
      code: error.code,
    });
    await commit(context, async (transaction) => noteProblem(transaction, await openStopsOf(transaction.operations, row.id), error));
    await warnOf(context, row, 'STOP_FAILING');
  }
};

const unmaskNative = async (context: BlackoutContext, row: Blackout, addressedBy: AgentLookup | undefined): Promise<void> => {
  const { clock, retries } = context;
  const { maxAgentBlackoutMs, confirmMs } = sourceOf(context, row);
  if (context.unwrittenStops.has(row.id)) {
    await stopAccepted(context, row, false);
    retries.delete(row.id);
    return;
  }
  const startsLater = epochMs(row.startsAt) > clock.now();
  // The vendor's own threshold has ended it by then, so that its no is the truth and not a matter of who is in a call.
  const sinceMs = Math.max(epochMs(row.startsAt), epochMs(row.sentAt ?? row.startsAt));
  const isOutlived = maxAgentBlackoutMs !== null && clock.now() >= sinceMs + maxAgentBlackoutMs + confirmMs;
  let observations: readonly Observation[] = [];
  try {
    const laterStart = laterStartOf(context, row);
    if (laterStart !== null) await stopNative(context, row, { addressedBy, at: laterStart });
    const answer = await stopNative(context, row, startsLater ? { addressedBy, at: row.startsAt } : { addressedBy });
    observations = answer.observations ?? [];
  } catch (error) {
    const isOver = error instanceof ExpectedError && (error.code === 'NOT_BLACKED_OUT' || (isOutlived && nothingThere.has(error.code)));
    if (!isOver) throw error;
  }
  retries.delete(row.id);
  await stopAccepted(context, row, false);
  await observeAnswer(context, row, observations);
};

const unmaskEmulated = async (context: BlackoutContext, row: Blackout): Promise<void> => {
  const { store, clock, retries, liveState } = context;
  const source = sourceOf(context, row);
  const waiting = await openStopsOf(store, row.id);
  const acceptedMs = Math.max(0, ...waiting.map(({ acceptedAt }) => (acceptedAt === null ? 0 : epochMs(acceptedAt))));
  if (!retries.known(row.id) && acceptedMs > 0 && clock.now() < acceptedMs + source.confirmMs) {
    retries.after(row.id, acceptedMs + source.confirmMs - clock.now());
    return;
  }
  // The belief may be over by now: nothing is started again on it.
  await observeAgent(context, row);
  const [[now], interrupted] = await Promise.all([store.blackouts.byIds([row.id]), interruptedRecordings(store, row)]);
  if (now?.state !== 'STOPPING') return;
  const isRepeated = acceptedMs > 0;
  const wasMasked = now.confirmation === 'CONFIRMED';
  const believed = maskable(liveState.liveRecordings(agentKey(row)));
  const resumptions = resumptionsOf(source, now, {
    interrupted,
    agent: agentOf(context, row),
    // Recordings may be believed to run from before the mask.
    running: wasMasked || isRepeated ? believed.filter(({ state }) => state !== 'STOPPING') : [],
    isCallGoingOn: isCallGoingOn(context, row),
  });
  if (resumptions.length === 0) {
    await stopAccepted(context, row, wasMasked || isRepeated);
    retries.delete(row.id);
    return;
  }
  if (isRepeated) await warnOf(context, row, 'STOP_FAILING');
  const observations: Observation[] = [];
  for (const resumption of resumptions) {
    try {
      observations.push(...((await resume(context, row, resumption)).observations ?? []));
    } catch (error) {
      const runs =
        error instanceof ExpectedError &&
        (error.code === 'ALREADY_RECORDING' ||
          (!leavesDoubt(error) && !error.notSent && believed.some(({ kind }) => kind === resumption.kind)));
      if (!runs) throw error;
    }
  }
  const isConfirmable = source.blackouts?.confirmable ?? false;
  const committed = { ...context, operations: store };
  const [runsAgain] = await Promise.all([
    // An observation from here on ends a blackout that was CONFIRMED, even if the acceptance is not written by then.
    wasMasked && storedState(store, agentKey(row)).then((state) => isResumed(committed, now, state)),
    commit(context, (transaction) => resolveStops(transaction, row.id, { status: 'ACCEPTED' })),
  ]);
  retries.after(row.id, source.confirmMs);
  if (!isConfirmable || runsAgain) await stopAccepted(context, row, isConfirmable);
  await observeAnswer(context, row, observations);
};
