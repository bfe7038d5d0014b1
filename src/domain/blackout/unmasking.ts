/** The acts that unmask: each sends what the source needs and commits what came of it. Called under the agent's lock. */
import { commit } from '../commit.ts';
import { type AgentState, storedState } from '../control/agent-state.ts';
import type { Blackout } from '../model/entities.ts';
import type { ProblemCode } from '../model/enums.ts';
import { asExpected, ExpectedError } from '../model/errors.ts';
import { epochMs } from '../model/instant.ts';
import type { Observation } from '../model/observation.ts';
import type { StoreOperations } from '../ports/store.ts';
import type { AgentLookup, VendorSource } from '../ports/vendor.ts';
import { leavesDoubt } from '../under-deadline.ts';
import type { AgentLease } from './agent-lock.ts';
import { finish, noteProblem, openStopsOf, resolveCommands } from './commands.ts';
import type { BlackoutContext } from './context.ts';
import { maskable } from './exposures.ts';
import { isStoppable } from './recording-kinds.ts';
import { interruptedRecordings, resumptionsOf } from './resumptions.ts';
import { agentKey, laterStartOf, nowOf } from './row.ts';
import { agentOf, fetchAgentState, isCallGoingOn, observeAnswer, resume, stopNative } from './vendor-commands.ts';
import { changeBlackout, warnOf } from './write.ts';

/** Answers to a stop by which the vendor says that there is nothing to stop, or nobody. */
const nothingThere: ReadonlySet<ProblemCode> = new Set(['NOT_BLACKED_OUT', 'NOT_IN_CALL', 'NOT_FOUND']);

/** Returns true if something is recorded again, and nothing that was interrupted has to be started any more. */
export const isResumed = async (
  context: BlackoutContext,
  operations: StoreOperations,
  source: VendorSource,
  row: Blackout,
  { agent, live }: AgentState,
): Promise<boolean> => {
  const running = live.filter(({ state }) => state === 'RECORDING');
  if (!running.some(isStoppable(source))) return false;
  const now = { agent: agent ?? agentOf(context, row), running, isCallGoingOn: isCallGoingOn(context, row) };
  return resumptionsOf(source, row, await interruptedRecordings(operations, row), now).length === 0;
};

const stopAccepted = async (context: BlackoutContext, row: Blackout, isConfirmed: boolean): Promise<void> => {
  const at = context.unwrittenStops.get(row.id)?.sentAt ?? nowOf(context);
  await changeBlackout(context, row, async (operations, before) => {
    if (before.state !== 'STOPPING') return null;
    const by = before.endedBy === null ? 'startRolledBack' : 'stopAccepted';
    return finish(context, operations, before, { by, endedBy: before.endedBy, isConfirmed, at });
  });
  context.unwrittenStops.delete(row.id);
};

/** Sends the stop. A failure leaves the row STOPPING, with a warning, to be tried again until the vendor accepts it. */
export const unmask = async (
  context: BlackoutContext,
  row: Blackout,
  source: VendorSource,
  lease: AgentLease,
  addressedBy?: AgentLookup,
): Promise<void> => {
  try {
    if (row.support === 'NATIVE') await unmaskNative(context, row, source, addressedBy);
    else await unmaskEmulated(context, row, source);
  } catch (caught) {
    const error = asExpected(caught);
    if (leavesDoubt(error)) lease.retain();
    context.retries.failed(row.id);
    context.log.warn('the stop of a blackout failed; it is sent again until the recorder accepts it', {
      source: row.source,
      blackout: row.id,
      code: error.code,
    });
    await commit(context, (operations) => noteProblem(context, operations, row.id, ['STOP_BLACKOUT'], error));
    await warnOf(context, row, 'STOP_FAILING');
  }
};

const unmaskNative = async (
  context: BlackoutContext,
  row: Blackout,
  source: VendorSource,
  addressedBy: AgentLookup | undefined,
): Promise<void> => {
  const { clock, retries } = context;
  if (context.unwrittenStops.has(row.id)) {
    await stopAccepted(context, row, false);
    retries.clear(row.id);
    return;
  }
  const startsLater = epochMs(row.startsAt) > clock.now();
  // The vendor's own threshold has ended it by then, so that its no is the truth and not a matter of who is in a call.
  const sinceMs = Math.max(epochMs(row.startsAt), epochMs(row.sentAt ?? row.startsAt));
  const isOutlived = source.maxAgentBlackoutMs !== null && clock.now() >= sinceMs + source.maxAgentBlackoutMs + source.confirmMs;
  let observations: readonly Observation[] = [];
  try {
    const laterStart = laterStartOf(context, row);
    if (laterStart !== null) await stopNative(context, source, row, { addressedBy, at: laterStart });
    observations =
      (await stopNative(context, source, row, { addressedBy, ...(startsLater ? { at: row.startsAt } : {}) })).observations ?? [];
  } catch (error) {
    const isOver = error instanceof ExpectedError && (error.code === 'NOT_BLACKED_OUT' || (isOutlived && nothingThere.has(error.code)));
    if (!isOver) throw error;
  }
  retries.clear(row.id);
  await stopAccepted(context, row, false);
  await observeAnswer(context, source, observations);
};

const unmaskEmulated = async (context: BlackoutContext, row: Blackout, source: VendorSource): Promise<void> => {
  const { store, clock, retries, liveState } = context;
  const waiting = await openStopsOf(store, row.id);
  const acceptedMs = Math.max(0, ...waiting.map(({ acceptedAt }) => (acceptedAt === null ? 0 : epochMs(acceptedAt))));
  if (!retries.known(row.id) && acceptedMs > 0 && clock.now() < acceptedMs + source.confirmMs) {
    retries.after(row.id, acceptedMs + source.confirmMs - clock.now());
    return;
  }
  // The belief may be over by now: nothing is started again on it.
  await fetchAgentState(context, source, row.agent);
  const [now] = await store.blackouts.byIds([row.id]);
  if (now?.state !== 'STOPPING') return;
  const isRepeated = acceptedMs > 0;
  const wasMasked = now.confirmation === 'CONFIRMED';
  const believed = maskable(liveState.liveRecordings(agentKey(row)));
  const resumptions = resumptionsOf(source, now, await interruptedRecordings(store, now), {
    agent: agentOf(context, row),
    // Recordings may be believed to run from before the mask.
    running: wasMasked || isRepeated ? believed.filter(({ state }) => state !== 'STOPPING') : [],
    isCallGoingOn: isCallGoingOn(context, row),
  });
  if (resumptions.length === 0) {
    await stopAccepted(context, row, wasMasked || isRepeated);
    retries.clear(row.id);
    return;
  }
  if (isRepeated) await warnOf(context, row, 'STOP_FAILING');
  const observations: Observation[] = [];
  for (const resumption of resumptions) {
    try {
      observations.push(...((await resume(context, source, resumption)).observations ?? []));
    } catch (error) {
      const runs =
        error instanceof ExpectedError &&
        (error.code === 'ALREADY_RECORDING' ||
          (!leavesDoubt(error) && !error.notSent && believed.some(({ kind }) => kind === resumption.kind)));
      if (!runs) throw error;
    }
  }
  await commit(context, (operations) => resolveCommands(context, operations, row.id, ['STOP_BLACKOUT'], { status: 'ACCEPTED' }));
  retries.after(row.id, source.confirmMs);
  const isConfirmable = source.blackouts?.confirmable ?? false;
  if (!isConfirmable || (wasMasked && (await isResumed(context, store, source, now, await storedState(store, agentKey(row))))))
    await stopAccepted(context, row, isConfirmable);
  await observeAnswer(context, source, observations);
};
