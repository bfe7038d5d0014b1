/** Judges an open blackout by observations: that it is confirmed, exposed, or ended by another actor. Runs inside their transaction. */
import type { AgentState } from '../control/agent-state.ts';
import type { Blackout } from '../model/entities.ts';
import { ExpectedError } from '../model/errors.ts';
import { epochMs, instant } from '../model/instant.ts';
import type { ObservationResult } from '../observe/observation-result.ts';
import { finish, openStartsOf, openStopsOf, resolveOpen, resolveStarts } from './commands.ts';
import type { BlackoutTransaction } from './context.ts';
import { maskable, namesRecording, sameExposures, unnoted } from './exposures.ts';
import { wasWarned } from './plan.ts';
import { isStoppable, startingOperations, stoppingOperations } from './recording-kinds.ts';
import { sourceOf } from './row.ts';
import { type Moment, withExposures } from './stored-exposures.ts';
import { isResumed } from './unmasking.ts';
import type { Edit } from './write.ts';

/** An open blackout, and what was observed that may concern it. */
export interface ObservedBlackout {
  transaction: BlackoutTransaction;
  row: Blackout;
  observed: ObservationResult;
  state: AgentState;
  /** The vendor's later no, where it told of one. */
  no: ExpectedError | null;
}

type Patch = Partial<Blackout> | null;

/** The vendor's later no to what it had accepted, be it a stop for the mask or a start for its end; null where it tells of none. */
export const lateNo = ({ source, agent, state, support }: Blackout, { failures }: ObservationResult): ExpectedError | null => {
  if (support !== 'EMULATED') return null;
  const sent: readonly string[] = state === 'STOPPING' ? startingOperations : stoppingOperations;
  const failure = failures.findLast((one) => one.agent === agent && one.operations.some((operation) => sent.includes(operation)));
  return failure ? new ExpectedError('VENDOR_REJECTED', `${source}: ${failure.message}`, { vendorCode: failure.vendorCode }) : null;
};

/** Returns true if it was warned, since the start was last sent, that the stop does not land. */
export const isStopFailing = (row: Blackout): boolean => wasWarned(row, 'STOP_FAILING', epochMs(row.sentAt ?? row.requestedAt));

const activeEmulated = async ({ transaction, row, observed, state, no }: ObservedBlackout): Promise<Patch> => {
  const live = maskable(state.live);
  const isRefused = no !== null;
  if (live.length === 0) {
    if (row.confirmation === 'CONFIRMED') return null;
    const waiting = await openStartsOf(transaction.operations, row.id);
    if (waiting.some(({ acceptedAt }) => acceptedAt !== null && epochMs(acceptedAt) > observed.asOfMs)) return null;
    await resolveOpen(transaction, waiting, { status: 'CONFIRMED' });
    return { confirmation: 'CONFIRMED' };
  }
  const more = live.filter((one) => row.confirmation === 'CONFIRMED' || !row.ran?.some((noted) => namesRecording(noted, one)));
  if (more.length === 0 && !isRefused) return null;
  // The times of what cannot be stopped are noted, and nothing is sent for it.
  const isToStop = isRefused || more.some(isStoppable(sourceOf(transaction, row)));
  if (isToStop) transaction.retries.now(row.id);
  return {
    confirmation: isRefused ? 'PENDING' : 'ACCEPTED',
    ...(isToStop ? { acceptedAt: null } : {}),
  };
};

const stopping = async ({ transaction, row, observed, state, no }: ObservedBlackout): Promise<Patch> => {
  if (row.support !== 'EMULATED') return null;
  if (no !== null) {
    if (isStopFailing(row)) return null;
    // The first no is answered at once, any further one when the next attempt is due.
    transaction.retries.now(row.id);
    return {};
  }
  if (!(await isResumed(transaction, row, state))) return null;
  const stops = await openStopsOf(transaction.operations, row.id);
  const wasSent = stops.some(({ acceptedAt }) => acceptedAt !== null && epochMs(acceptedAt) <= observed.asOfMs);
  const isShown = row.confirmation === 'CONFIRMED' && observed.recordings.some((one) => one.agent === row.agent);
  if (!wasSent && !isShown) return null;
  const by = row.endedBy === null ? 'startRolledBack' : 'stopAccepted';
  const at = transaction.unwrittenStops.get(row.id)?.sentAt ?? instant(observed.asOfMs);
  return finish(transaction, row, { by, endedBy: row.endedBy, at, isConfirmed: true });
};

const byVendor = async ({ transaction, row, observed }: ObservedBlackout): Promise<Patch> => {
  let patch: Patch = null;
  for (const seen of observed.blackouts) {
    if (seen.agent !== row.agent || row.state === 'SCHEDULED' || epochMs(seen.at) < epochMs(row.startsAt)) continue;
    if (!seen.active) {
      const endedBy = row.endedBy ?? 'VENDOR';
      return finish(transaction, row, { by: 'vendorStop', endedBy, at: seen.at, isConfirmed: true });
    }
    if (row.state === 'ACTIVE' && row.confirmation !== 'CONFIRMED') {
      await resolveStarts(transaction, row.id, { status: 'CONFIRMED' });
      patch = { confirmation: 'CONFIRMED', unmasked: (row.unmasked ?? []).map((one) => ({ ...one, endsAt: one.endsAt ?? seen.at })) };
    }
  }
  return patch;
};

/** Takes note of what runs, and of what ran unobserved, such as while this server was down. */
const noted = ({ row, observed, state }: ObservedBlackout): Pick<Blackout, 'ran'> => {
  const own = observed.recordings.filter((one) => one.agent === row.agent);
  const more = unnoted(row, [...maskable(state.live), ...own]);
  return more.length === 0 ? {} : { ran: [...(row.ran ?? []), ...more] };
};

/** The last call of a row is closed, or another one added. */
const isInOtherCall = ({ inCalls: before = [] }: Blackout, { inCalls: after = [] }: Blackout): boolean =>
  after.length !== before.length || after.at(-1)?.endsAt !== before.at(-1)?.endsAt;

const patchOf = async (blackout: ObservedBlackout): Promise<Patch> => {
  const vendor = await byVendor(blackout);
  if (vendor) return vendor;
  if (blackout.row.state === 'STOPPING') return stopping(blackout);
  return blackout.row.state === 'ACTIVE' && blackout.row.support === 'EMULATED' ? activeEmulated(blackout) : null;
};

/** Applies the observations to an open row; returns null where nothing changes. */
export const changeOf = async (blackout: ObservedBlackout, moment: Moment): Promise<Edit | null> => {
  const { row: before } = blackout;
  const patch = await patchOf(blackout);
  // One whose start came while no server ran is SCHEDULED still, and what runs since then counts.
  if (before.state === 'SCHEDULED' && epochMs(before.startsAt) > blackout.observed.asOfMs) return patch && { before, patch };
  const more = noted(blackout);
  if (patch !== null) return { before, patch: { ...more, ...patch } };
  const exposed = await withExposures(blackout.transaction.operations, { ...before, ...more }, moment);
  const { row: after } = exposed;
  const isNews = more.ran !== undefined || !sameExposures(after.exposures, before.exposures) || isInOtherCall(before, after);
  return isNews ? { before, patch: more, exposed } : null;
};
