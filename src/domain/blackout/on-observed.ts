/** Applies observations to blackouts: confirmed, exposed, started or stopped by another actor. Runs inside their transaction. */
import { storedState } from '../control/agent-state.ts';
import { touchedAgents } from '../control/touched-agents.ts';
import type { Blackout, Recording } from '../model/entities.ts';
import { ExpectedError } from '../model/errors.ts';
import { epochMs, instant } from '../model/instant.ts';
import type { NewEvent, ObservationResult } from '../observe/observation-result.ts';
import type { StoreOperations } from '../ports/store.ts';
import type { VendorSource } from '../ports/vendor.ts';
import type { BlackoutContext } from './context.ts';
import { maskable, namesRecording, sameExposures, withRan } from './exposures.ts';
import { wasWarned } from './plan.ts';
import { isStoppable, startingOperations, stoppingOperations } from './recording-kinds.ts';
import {
  agentKey,
  finish,
  insertBlackout,
  isOpen,
  newBlackout,
  noteProblem,
  nowOf,
  openCommandsOf,
  openStopsOf,
  resolveCommands,
  server,
  startOperations,
  withExposures,
  writeBlackout,
} from './repository.ts';
import { isResumed } from './unmasking.ts';

interface View {
  context: BlackoutContext;
  source: VendorSource;
  row: Blackout;
  observed: ObservationResult;
  live: readonly Recording[];
  no: ExpectedError | null;
  operations: StoreOperations;
  events: NewEvent[];
}

type Patch = Partial<Blackout> | null;

/** The vendor's later no to what it had accepted, be it a stop for the mask or a start for its end; null where it tells of none. */
const lateNo = ({ source, agent, state, support }: Blackout, { failures }: ObservationResult): ExpectedError | null => {
  if (support !== 'EMULATED') return null;
  const sent: readonly string[] = state === 'STOPPING' ? startingOperations : stoppingOperations;
  const failure = failures.findLast((one) => one.agent === agent && one.operations.some((operation) => sent.includes(operation)));
  return failure ? new ExpectedError('VENDOR_REJECTED', `${source}: ${failure.message}`, { vendorCode: failure.vendorCode }) : null;
};

/** Returns true if it was warned, since the start was last sent, that the stop does not land. */
const isStopFailing = (row: Blackout): boolean => wasWarned(row, 'STOP_FAILING', epochMs(row.sentAt ?? row.requestedAt));

const activeEmulated = async ({ context, source, row, observed, live, no, operations, events }: View): Promise<Patch> => {
  const isRefused = no !== null;
  if (live.length === 0) {
    if (row.confirmation === 'CONFIRMED') return null;
    const waiting = await openCommandsOf(operations, row.id, startOperations);
    if (waiting.some(({ acceptedAt }) => acceptedAt !== null && epochMs(acceptedAt) > observed.asOfMs)) return null;
    await resolveCommands(context, operations, events, row.id, startOperations, { status: 'CONFIRMED' });
    return { confirmation: 'CONFIRMED' };
  }
  const more = live.filter((one) => row.confirmation === 'CONFIRMED' || !row.ran?.some((noted) => namesRecording(noted, one)));
  if (more.length === 0 && !isRefused) return null;
  // The times of what cannot be stopped are noted, and nothing is sent for it.
  const isToStop = isRefused || more.some(isStoppable(source));
  if (isToStop) context.retries.now(row.id);
  return {
    confirmation: isRefused ? 'PENDING' : 'ACCEPTED',
    ...(isToStop ? { acceptedAt: null } : {}),
  };
};

const stopping = async ({ context, source, row, observed, no, operations, events }: View): Promise<Patch> => {
  if (row.support !== 'EMULATED') return null;
  if (no !== null) {
    if (isStopFailing(row)) return null;
    // The first no is answered at once, any further one when the next attempt is due.
    context.retries.now(row.id);
    return {};
  }
  if (!(await isResumed(context, operations, source, row))) return null;
  const stops = await openStopsOf(operations, row.id);
  const wasSent = stops.some(({ acceptedAt }) => acceptedAt !== null && epochMs(acceptedAt) <= observed.asOfMs);
  const isShown = row.confirmation === 'CONFIRMED' && observed.recordings.some((one) => one.agent === row.agent);
  if (!wasSent && !isShown) return null;
  const by = row.endedBy === null ? 'startRolledBack' : 'stopAccepted';
  const at = context.unwrittenStops.get(row.id)?.sentAt ?? instant(observed.asOfMs);
  return finish(context, operations, events, row, { by, endedBy: row.endedBy, at, isConfirmed: true });
};

const byVendor = async ({ context, row, observed, operations, events }: View): Promise<Patch> => {
  let patch: Patch = null;
  for (const seen of observed.blackouts) {
    if (seen.agent !== row.agent || row.state === 'SCHEDULED' || epochMs(seen.at) < epochMs(row.startsAt)) continue;
    if (!seen.active) {
      const endedBy = row.endedBy ?? 'VENDOR';
      return finish(context, operations, events, row, { by: 'vendorStop', endedBy, at: seen.at, isConfirmed: true });
    }
    if (row.state === 'ACTIVE' && row.confirmation !== 'CONFIRMED') {
      await resolveCommands(context, operations, events, row.id, startOperations, { status: 'CONFIRMED' });
      patch = { confirmation: 'CONFIRMED', unmasked: (row.unmasked ?? []).map((one) => ({ ...one, endsAt: one.endsAt ?? seen.at })) };
    }
  }
  return patch;
};

/** Takes note of what runs, and of what ran unobserved, such as while this server was down. */
const noted = ({ row, observed, live }: View): Pick<Blackout, 'ran'> => {
  const shown = observed.recordings.filter((one) => one.agent === row.agent);
  const ran = withRan(row, [...live, ...shown]);
  return ran === row.ran || (ran.length === 0 && row.ran === undefined) ? {} : { ran };
};

const patchOf = async (view: View): Promise<Patch> => {
  const vendor = await byVendor(view);
  if (vendor) return vendor;
  if (view.row.state === 'STOPPING') return stopping(view);
  return view.row.state === 'ACTIVE' && view.row.support === 'EMULATED' ? activeEmulated(view) : null;
};

/** Applies the observations to an open row; returns null where nothing changes. */
const changeOf = async (view: View, moment: { at: string; contactAt: string }): Promise<Patch> => {
  const patch = await patchOf(view);
  // One whose start came while no server ran is SCHEDULED still, and what runs since then counts.
  if (view.row.state === 'SCHEDULED' && epochMs(view.row.startsAt) > view.observed.asOfMs) return patch;
  const more = noted(view);
  if (patch !== null) return { ...more, ...patch };
  const before = { ...view.row, ...more };
  const { row: after } = await withExposures(view.operations, before, moment);
  const isMoved = after.inCalls !== view.row.inCalls && (view.row.inCalls !== undefined || after.inCalls!.length > 0);
  const isNews = Object.keys(more).length > 0 || !sameExposures(after.exposures, view.row.exposures) || isMoved;
  return isNews ? more : null;
};

/** Another actor's blackout, of which nothing was known: from here on it is ours to end at its deadline. */
const adopt = async (
  context: BlackoutContext,
  operations: StoreOperations,
  observed: ObservationResult,
  agent: string,
  at: string,
): Promise<NewEvent | null> => {
  const source = context.sources.get(observed.source)!;
  const maxMs = source.maxAgentBlackoutMs ?? context.settings.maxBlackoutMs;
  if (!source.blackouts || epochMs(at) + maxMs <= context.clock.now()) return null;
  const row = newBlackout({
    id: context.ids.next(),
    source: observed.source,
    agent,
    state: 'ACTIVE',
    confirmation: 'CONFIRMED',
    support: source.blackouts.support,
    reason: 'OTHER',
    note: null,
    requestedBy: 'vendor',
    requestedAt: at,
    startsAt: at,
    deadline: instant(epochMs(at) + maxMs),
  });
  return insertBlackout(operations, row, { at: nowOf(context), actor: 'vendor' });
};

/** The agents whose blackouts the observations may concern: those that were shown, and those that share a call with a recording. */
const concernedAgents = async (operations: StoreOperations, observed: ObservationResult): Promise<ReadonlySet<string>> => {
  const agents = new Set(touchedAgents(observed));
  const calls = new Set(observed.recordings.flatMap(({ call }) => call ?? []));
  const keys = [...calls].map((externalId) => ({ source: observed.source, externalId }));
  const rows = keys.length === 0 ? [] : await operations.calls.byKeys(keys);
  for (const call of rows) for (const agent of call?.agents ?? []) agents.add(agent);
  return agents;
};

/** Changes one open row, until nobody came between. */
const changeOpen = async (
  context: BlackoutContext,
  operations: StoreOperations,
  source: VendorSource,
  observed: ObservationResult,
  found: Blackout,
): Promise<readonly NewEvent[]> => {
  let row = found;
  const contactAt = instant(context.liveState.lastContactMs(observed.source));
  const events: NewEvent[] = [];
  for (let attempt = 0; attempt < 5 && isOpen(row); attempt += 1) {
    const at = nowOf(context);
    const live = maskable((await storedState(operations, agentKey(row))).live);
    const no = lateNo(row, observed);
    const isStopping = row.state === 'STOPPING';
    if (no !== null) await noteProblem(context, operations, events, row.id, isStopping ? ['STOP_BLACKOUT'] : startOperations, no);
    const patch = await changeOf({ context, source, row, observed, live, no, operations, events }, { at, contactAt });
    if (patch === null) return events;
    const actor = patch.endedBy === 'VENDOR' ? 'vendor' : server;
    const warning = isStopping && no !== null && !isStopFailing(row) ? ('STOP_FAILING' as const) : undefined;
    const written = await writeBlackout(context, operations, row, patch, { at, contactAt, actor, warning });
    if (written) return [...events, written.event];
    const [again] = await operations.blackouts.byIds([row.id]);
    if (!again) return events;
    row = again;
  }
  return events;
};

/** Computes the exposures of finished blackouts anew where the vendor reports better times of their recordings. */
const changeEnded = async (
  context: BlackoutContext,
  operations: StoreOperations,
  observed: ObservationResult,
): Promise<readonly NewEvent[]> => {
  const timed = observed.recordings.filter(({ agent, startedAt }) => agent !== null && startedAt !== null);
  if (timed.length === 0) return [];
  const calls = await operations.calls.byKeys(timed.map(({ source, call }) => ({ source, externalId: call ?? '' })));
  const spans = timed.flatMap(({ source, agent, startedAt, endedAt }, index) =>
    [...new Set([agent!, ...(calls[index]?.agents ?? [])])].map((externalId) => ({
      agent: { source, externalId },
      from: startedAt!,
      to: endedAt,
    })),
  );
  const ended = new Map((await operations.blackouts.overlapping(spans)).flat().map((row) => [row.id, row]));
  const events: NewEvent[] = [];
  for (const row of ended.values()) {
    if (row.state !== 'ENDED') continue;
    const at = nowOf(context);
    const ran = withRan(
      row,
      timed.filter(({ agent }) => agent === row.agent),
    );
    const { row: after } = await withExposures(operations, { ...row, ran }, { at });
    if (sameExposures(after.exposures, row.exposures)) continue;
    const written = await writeBlackout(context, operations, row, { ran }, { at, actor: server });
    if (written) events.push(written.event);
  }
  return events;
};

/** Confirms, exposes and ends blackouts from what was observed; answers the events for the caller to append. */
export const observeBlackouts = async (
  context: BlackoutContext,
  operations: StoreOperations,
  observed: ObservationResult,
): Promise<readonly NewEvent[]> => {
  const source = context.sources.get(observed.source);
  if (!source?.blackouts) return [];
  const events: NewEvent[] = [];
  const open = await operations.blackouts.open([observed.source]);
  const concerned = open.length === 0 ? new Set<string>() : await concernedAgents(operations, observed);
  for (const row of open) if (concerned.has(row.agent)) events.push(...(await changeOpen(context, operations, source, observed, row)));
  events.push(...(await changeEnded(context, operations, observed)));
  for (const seen of observed.blackouts) {
    const last = observed.blackouts.findLast(({ agent }) => agent === seen.agent);
    if (!seen.active || last !== seen) continue;
    if ((await operations.blackouts.openOf({ source: observed.source, externalId: seen.agent })) !== null) continue;
    const adopted = await adopt(context, operations, observed, seen.agent, seen.at);
    if (adopted) events.push(adopted);
  }
  return events;
};
