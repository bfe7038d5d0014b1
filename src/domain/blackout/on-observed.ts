/** What a fold says about blackouts: confirmed, exposed, started or stopped by another actor. Runs inside the fold's transaction. */
import { storedState } from '../control/agent-state.ts';
import type { ControlContext, NewEvent, ObservationResult } from '../control/context.ts';
import { touchedAgents } from '../control/touched-agents.ts';
import type { Blackout, Recording } from '../model/entities.ts';
import { epochMs, epochMsOrNull, instant } from '../model/instant.ts';
import type { StoreOperations } from '../ports/store.ts';
import { agentKey, maskable } from './masking.ts';
import type { Retries } from './retries.ts';
import { isOpen } from './row-writer.ts';
import { namesRecording, openBlackoutsOf, openCommandsOf, withInterrupted } from './rows.ts';
import type { Steps } from './steps.ts';
import { isResumed } from './stopping.ts';
import { insertBlackout, writeBlackout } from './write.ts';

interface View {
  row: Blackout;
  observed: ObservationResult;
  live: readonly Recording[];
  operations: StoreOperations;
  events: NewEvent[];
}

/** Recordings that run although the blackout was in force before they did. */
const uninvited = (row: Blackout, live: readonly Recording[]): readonly Recording[] =>
  live.filter(
    (one) =>
      !row.exposures.some(({ recording, endsAt }) => endsAt === null && recording !== null && namesRecording(recording, one)) &&
      (row.confirmation === 'CONFIRMED' || !row.interrupted.some(({ recording }) => namesRecording(recording, one))),
  );

const exposureStart = (row: Blackout, recording: Recording, asOfMs: number): string => {
  const seenBefore = row.interrupted.some((one) => namesRecording(one.recording, recording));
  const startedMs = seenBefore ? asOfMs : (epochMsOrNull(recording.startedAt) ?? asOfMs);
  return instant(Math.max(startedMs, epochMs(row.startsAt)));
};

export const createBlackoutOnObserved = (deps: ControlContext, steps: Steps, retries: Retries) => {
  const endOf = (row: Blackout, recordings: readonly Recording[], asOfMs: number): Blackout['exposures'] =>
    row.exposures.map((one) => {
      if (one.endsAt !== null) return one;
      const ended = recordings.find((recording) => one.recording !== null && namesRecording(one.recording, recording))?.endedAt;
      return { ...one, endsAt: instant(Math.max(epochMs(one.startsAt), ended ? epochMs(ended) : asOfMs)) };
    });

  const activeEmulated = async ({ row, observed, live, operations, events }: View): Promise<Partial<Blackout> | null> => {
    const failed = observed.failures.some((one) => one.agent === row.agent && one.operations.includes('STOP_RECORDING'));
    if (live.length === 0) {
      if (row.confirmation === 'CONFIRMED') return null;
      const waiting = await openCommandsOf(operations, row.id, 'START_BLACKOUT');
      if (waiting.some(({ acceptedAt }) => acceptedAt !== null && epochMs(acceptedAt) > observed.asOfMs)) return null;
      await steps.settleCommands(operations, events, row.id, 'START_BLACKOUT', { status: 'CONFIRMED' });
      return { confirmation: 'CONFIRMED', exposures: endOf(row, observed.recordings, observed.asOfMs) };
    }
    const more = uninvited(row, live);
    if (more.length === 0 && !failed) return null;
    retries.now(row.id);
    return {
      confirmation: failed ? 'PENDING' : 'ACCEPTED',
      acceptedAt: null,
      interrupted: withInterrupted(row, more),
      exposures: [
        ...row.exposures,
        ...more.map((one) => ({ recording: one.externalId, startsAt: exposureStart(row, one, observed.asOfMs), endsAt: null })),
      ],
    };
  };

  const stopping = async ({ row, observed, live, operations, events }: View): Promise<Partial<Blackout> | null> => {
    if (row.support !== 'EMULATED') return null;
    if (observed.failures.some((one) => one.agent === row.agent && one.operations.includes('START_RECORDING'))) {
      retries.now(row.id);
      return row.warnings.some(({ warning }) => warning === 'STOP_FAILING') ? null : {};
    }
    if (!isResumed(live)) return null;
    const stops = await steps.openStops(operations, row.id);
    const sent = stops.some(({ acceptedAt }) => acceptedAt !== null && epochMs(acceptedAt) <= observed.asOfMs);
    const shown = row.confirmation === 'CONFIRMED' && observed.recordings.some((one) => one.agent === row.agent);
    if (!sent && !shown) return null;
    return steps.over(operations, events, row, row.endedBy === null ? 'undo' : 'land', row.endedBy, instant(observed.asOfMs), true);
  };

  const byVendor = async (view: View): Promise<Partial<Blackout> | null> => {
    const { row, observed, operations, events } = view;
    let patch: Partial<Blackout> | null = null;
    for (const seen of observed.blackouts) {
      if (seen.agent !== row.agent || row.state === 'SCHEDULED' || epochMs(seen.at) < epochMs(row.startsAt)) continue;
      if (!seen.active) return steps.over(operations, events, row, 'vendorStop', row.endedBy ?? 'VENDOR', seen.at, true);
      if (row.state === 'ACTIVE' && row.confirmation !== 'CONFIRMED') {
        await steps.settleCommands(operations, events, row.id, 'START_BLACKOUT', { status: 'CONFIRMED' });
        patch = { confirmation: 'CONFIRMED' };
      }
    }
    return patch;
  };

  const patchOf = async (view: View): Promise<Partial<Blackout> | null> => {
    const vendor = await byVendor(view);
    if (vendor) return vendor;
    if (view.row.state === 'STOPPING') return stopping(view);
    return view.row.state === 'ACTIVE' && view.row.support === 'EMULATED' ? activeEmulated(view) : null;
  };

  /** Another actor's blackout, of which nothing was known: from here on it is ours to end at its deadline. */
  const takeIn = async (operations: StoreOperations, observed: ObservationResult, agent: string, at: string): Promise<NewEvent | null> => {
    const source = deps.sources.get(observed.source)!;
    const longestMs = source.maxAgentBlackoutMs ?? deps.settings.maxBlackoutMs;
    if (!source.blackouts || epochMs(at) + longestMs <= deps.clock.now()) return null;
    const row: Blackout = {
      id: deps.ids.next(),
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
      stopsAt: null,
      deadline: instant(epochMs(at) + longestMs),
      endedAt: null,
      endedBy: null,
      exposures: [],
      warnings: [],
      interrupted: [],
      version: 0,
    };
    return insertBlackout(operations, row, { at: instant(deps.clock.now()), actor: 'vendor' });
  };

  return async (operations: StoreOperations, observed: ObservationResult): Promise<NewEvent[]> => {
    const source = deps.sources.get(observed.source);
    if (!source?.blackouts) return [];
    const touched = touchedAgents(observed);
    const events: NewEvent[] = [];
    const open = (await operations.blackouts.open([observed.source])).filter(({ agent }) => touched.has(agent));
    for (let row of open) {
      for (let attempt = 0; attempt < 5 && isOpen(row); attempt += 1) {
        const live = maskable((await storedState(operations, agentKey(row))).live);
        const made: NewEvent[] = [];
        const patch = await patchOf({ row, observed, live, operations, events: made });
        if (patch === null) break;
        const actor = patch.endedBy === 'VENDOR' ? 'vendor' : 'tapegraph';
        const failing = row.state === 'STOPPING' && Object.keys(patch).length === 0;
        const written = await writeBlackout(operations, row, patch, {
          at: instant(deps.clock.now()),
          actor,
          ...(failing ? { warning: 'STOP_FAILING' as const } : {}),
        });
        if (written) {
          events.push(...made, written.event);
          break;
        }
        const [again] = await operations.blackouts.byIds([row.id]);
        if (!again) break;
        row = again;
      }
    }
    for (const seen of observed.blackouts) {
      const known = await openBlackoutsOf(operations, { source: observed.source, externalId: seen.agent });
      const last = observed.blackouts.findLast(({ agent }) => agent === seen.agent);
      if (!seen.active || last !== seen || known.length > 0) continue;
      const taken = await takeIn(operations, observed, seen.agent, seen.at);
      if (taken) events.push(taken);
    }
    return events;
  };
};
