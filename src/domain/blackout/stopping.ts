/** The acts that unmask: each sends what the source needs and commits what came of it. Called under the agent's lock. */
import { storedState } from '../control/agent-state.ts';
import { commit } from '../control/commit.ts';
import type { ControlContext } from '../control/context.ts';
import { leavesDoubt } from '../control/under-deadline.ts';
import type { Blackout, Recording } from '../model/entities.ts';
import type { ProblemCode } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import { epochMs } from '../model/instant.ts';
import type { Observation } from '../model/observation.ts';
import type { AgentLookup, VendorSource } from '../ports/vendor.ts';
import type { Hold } from './agent-lock.ts';
import { agentKey, type Masking, maskable } from './masking.ts';
import type { Retries } from './retries.ts';
import { asExpected, type RowWriter } from './row-writer.ts';
import { interruptedRecordings } from './rows.ts';

/** Answers to a stop by which the vendor says that there is nothing to stop, or nobody. */
const nothingThere: ReadonlySet<ProblemCode> = new Set(['NOT_BLACKED_OUT', 'NOT_IN_CALL', 'NOT_FOUND']);

/** Whether the agent's recording runs again. */
export const isResumed = (live: readonly Recording[]): boolean => live.some(({ state }) => state === 'RECORDING');

export const createStopping = (deps: ControlContext, retries: Retries, masking: Masking, writer: RowWriter) => {
  const { store, clock, liveState } = deps;
  const { now, change, reduce, settleCommands, openOwn, move, openStops, over, warn } = writer;

  /** The stop time or the deadline has come. */
  const end = async (row: Blackout, by: 'SCHEDULE' | 'DEADLINE'): Promise<void> => {
    const nothingSent = row.state === 'SCHEDULED' && row.support === 'EMULATED' && epochMs(row.startsAt) > clock.now();
    await change(row.id, async (operations, events, before) => {
      if (before.state !== row.state) return null;
      const stops = await openStops(operations, row.id);
      if (nothingSent) return over(operations, events, before, 'cancel', by);
      const heldByVendor = stops.some(({ status }) => status === 'ACCEPTED');
      if (by === 'SCHEDULE' && before.support === 'NATIVE' && before.state === 'ACTIVE' && heldByVendor) {
        return over(operations, events, before, 'elapse', by, before.stopsAt ?? now());
      }
      if (!stops.some(({ status }) => status === 'PENDING')) await openOwn(operations, events, row, 'STOP_BLACKOUT', by);
      return { ...move(before, 'stop'), endedBy: by };
    });
    retries.clear(row.id);
  };

  const land = (row: Blackout, seen: boolean) =>
    change(row.id, async (operations, events, before) => {
      if (before.state !== 'STOPPING') return null;
      return over(operations, events, before, before.endedBy === null ? 'undo' : 'land', before.endedBy, now(), seen);
    });

  /** Sends the stop. A failure leaves the row STOPPING, with a warning, to be tried again until it lands. */
  const unmask = async (row: Blackout, source: VendorSource, hold: Hold, addressedBy?: AgentLookup): Promise<void> => {
    try {
      if (row.support === 'NATIVE') await unmaskNative(row, source, addressedBy);
      else await unmaskEmulated(row, source);
    } catch (caught) {
      const error = asExpected(caught);
      if (leavesDoubt(error)) hold.keep();
      retries.failed(row.id);
      deps.log.warn('blackout.stop.failed', { source: row.source, blackout: row.id, code: error.code });
      await warn(row, 'STOP_FAILING');
    }
  };

  const unmaskNative = async (row: Blackout, source: VendorSource, addressedBy: AgentLookup | undefined): Promise<void> => {
    const startsLater = epochMs(row.startsAt) > clock.now();
    // The vendor's own threshold has ended it by then, so that its no is the truth and not a matter of who is in a call.
    const outlived =
      source.maxAgentBlackoutMs !== null && clock.now() >= epochMs(row.startsAt) + source.maxAgentBlackoutMs + source.confirmMs;
    let shown: readonly Observation[] = [];
    try {
      shown = (await masking.stopNative(source, row, { addressedBy, ...(startsLater ? { at: row.startsAt } : {}) })).observations ?? [];
    } catch (error) {
      const over = error instanceof ExpectedError && (error.code === 'NOT_BLACKED_OUT' || (outlived && nothingThere.has(error.code)));
      if (!over) throw error;
    }
    retries.clear(row.id);
    await land(row, false);
    await reduce(source, shown);
  };

  const unmaskEmulated = async (row: Blackout, source: VendorSource): Promise<void> => {
    const waiting = await openStops(store, row.id);
    const acceptedMs = Math.max(0, ...waiting.map(({ acceptedAt }) => (acceptedAt === null ? 0 : epochMs(acceptedAt))));
    if (!retries.known(row.id) && acceptedMs > 0 && clock.now() < acceptedMs + source.confirmMs) {
      retries.after(row.id, acceptedMs + source.confirmMs - clock.now());
      return;
    }
    const repeated = acceptedMs > 0;
    const believed = maskable(liveState.liveRecordings(agentKey(row))).length > 0;
    const seenMasked = row.confirmation === 'CONFIRMED';
    const resumptions = masking.resumptions(source, row, await interruptedRecordings(store, row), seenMasked || repeated);
    if (resumptions.length === 0) {
      await land(row, seenMasked || repeated);
      retries.clear(row.id);
      return;
    }
    if (repeated) await warn(row, 'STOP_FAILING');
    const shown: Observation[] = [];
    for (const resumption of resumptions) {
      try {
        shown.push(...((await masking.resume(source, resumption)).observations ?? []));
      } catch (error) {
        const runs =
          error instanceof ExpectedError && (error.code === 'ALREADY_RECORDING' || (!leavesDoubt(error) && !error.notSent && believed));
        if (!runs) throw error;
      }
    }
    await commit(deps, (operations, events) => settleCommands(operations, events, row.id, 'STOP_BLACKOUT', { status: 'ACCEPTED' }));
    retries.after(row.id, source.confirmMs);
    const { live } = await storedState(store, agentKey(row));
    if (!source.blackouts?.confirmable || (seenMasked && isResumed(live))) await land(row, source.blackouts?.confirmable ?? false);
    await reduce(source, shown);
  };

  return { end, unmask };
};
