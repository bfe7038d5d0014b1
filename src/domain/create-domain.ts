/** Builds the use cases and joins them up: what observes, commands and masks emits to one hub, and the event feed follows it. */

import { createInProgress, type InProgress } from '../lib/in-progress.ts';
import { inLane } from '../lib/lane.ts';
import { createSlices } from '../lib/slices.ts';
import { createAgentLock } from './blackout/agent-lock.ts';
import type { BlackoutContext, UnwrittenStop } from './blackout/context.ts';
import { createListWatch, type ListWatch, resendAfterOutage } from './blackout/outage.ts';
import { createRetries } from './blackout/retries.ts';
import { type BlackoutScheduler, createBlackoutScheduler } from './blackout/scheduler.ts';
import { createAwaited } from './control/awaited.ts';
import type { ControlSettings } from './control/context.ts';
import { createRecovery, type Recovery } from './control/recovery.ts';
import { createRefusedAttempts } from './control/refused-attempts.ts';
import { createHub, type Hub } from './hub.ts';
import { judgeObserved } from './judge-observed.ts';
import type { LiveEvent } from './model/events.ts';
import type { ObservationBatch } from './model/observation.ts';
import { createFreshLists } from './observe/listing.ts';
import type { LiveState } from './observe/live-state.ts';
import { createObserve } from './observe/observe.ts';
import type { Bus } from './ports/bus.ts';
import type { Clock, Ids } from './ports/clock.ts';
import type { EventFeed } from './ports/event-feed.ts';
import type { Log } from './ports/log.ts';
import type { Store } from './ports/store.ts';
import type { VendorSource } from './ports/vendor.ts';
import { createVendorReadState, type ReadServices } from './read/context.ts';
import { createEventFeed } from './stream/event-feed.ts';
import { whereWritable } from './where-writable.ts';

interface DomainDependencies {
  store: Store;
  bus: Bus;
  clock: Clock;
  ids: Ids;
  log: Log;
  /** By name; may be filled until `start`. */
  sources: ReadonlyMap<string, VendorSource>;
  /** Loaded from the store already. */
  liveState: LiveState;
  /** SHA-256 in hex. */
  hash(text: string): string;
  settings: ControlSettings;
  /** How often the event log is polled unasked; null where nobody else writes to it. */
  pollEveryMs: number | null;
  /** Follows the events of every server, after live state has applied them. */
  onEvents?(events: readonly LiveEvent[]): void;
}

export interface Domain {
  /** The context of `runCommand`, `startBlackout`, `stopBlackout` and `renewBlackout`. */
  control: BlackoutContext;
  /**
   * Runs one of those: its reads take the places of commands at the vendor, `stop` waits for it, and what it committed is applied when it is over.
   * Throws CONFLICT where the store cannot be used now.
   */
  asCommand<T>(correlationId: string, work: () => Promise<T>): Promise<T>;
  /** The context of the use cases of `read/` and `stream/`. */
  read: ReadServices;
  eventFeed: EventFeed;
  /** Reduces and commits observations; resolves when they are durable and emitted. */
  observe(source: string, batch: ObservationBatch): Promise<void>;
  /** Handles the end of a source's outage; the last contact before it was at `sinceMs`, epoch ms: null for the last that any server had. */
  onOutageEnded(source: string, sinceMs: number | null): void;
  /** Resolves what an earlier run left open, then acts on blackouts until `stop`. */
  start(): Promise<void>;
  /** Resolves when every request has its answer in the ledger and nothing is being acted on any more; after `withinMs` even so. */
  stop(withinMs?: number): Promise<void>;
  /** Resolves when every blackout step that is due has been taken. */
  idle(): Promise<void>;
}

/** The parts that a domain's functions use. */
interface Parts {
  context: BlackoutContext;
  hub: Hub;
  scheduler: BlackoutScheduler;
  recovery: Recovery;
  requests: InProgress;
  liveState: LiveState;
  /** Answers since when a source was away whose list is filled again. */
  awaySince: ListWatch;
}

const takesCommands = ({ control, blackouts }: Partial<VendorSource>): boolean => control !== undefined || blackouts !== undefined;

/** Returns true if a blackout has changed, or an agent that has one, or its recording. */
const concernsBlackout = (liveState: LiveState, { entityType, source, state }: LiveEvent): boolean => {
  if (entityType !== 'recording' && entityType !== 'agent') return entityType === 'blackout';
  const externalId = entityType === 'agent' ? state.externalId : state.agent;
  return externalId !== null && liveState.blackout({ source, externalId }) !== null;
};

const outageEnded = ({ context, requests, liveState }: Parts, source: string, sinceMs: number | null): void => {
  const lastContactMs = sinceMs ?? liveState.lastContactMs(source);
  void requests.run(() =>
    resendAfterOutage(context, source, lastContactMs).catch((error: unknown) =>
      context.log.error('blackouts could not be sent again', { source, message: error instanceof Error ? error.message : String(error) }),
    ),
  );
};

const observeBatch = async (parts: Parts, source: string, batch: ObservationBatch): Promise<void> => {
  const contactMs = parts.liveState.lastContactMs(source);
  await parts.context.observe(source, batch);
  const awaySinceMs = parts.awaySince(source, batch, contactMs);
  if (awaySinceMs !== null) outageEnded(parts, source, awaySinceMs);
};

const stop = async ({ context, hub, scheduler, recovery, requests }: Parts, withinMs: number | undefined): Promise<void> => {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const cancel = withinMs === undefined ? () => {} : context.clock.after(withinMs, resolve);
  const recovered = recovery.stop();
  const finished = requests
    .drained()
    .then(() => Promise.all([scheduler.stop(), recovered]))
    .then(hub.applied);
  await Promise.race([finished, late]);
  cancel();
};

export const createDomain = ({ bus, pollEveryMs, onEvents, ...given }: DomainDependencies): Domain => {
  const { store, clock, ids, log, sources, liveState, settings } = given;
  const hub = createHub();
  const awaited = createAwaited();
  const stored = { ...given, retries: createRetries(clock), unwrittenStops: new Map<string, UnwrittenStop>() };
  const { observe, onEvents: onEventsObserved } = createObserve({
    store,
    clock,
    liveState,
    emit: hub.emit,
    applied: hub.applied,
    takesCommands: (source) => takesCommands(sources.get(source) ?? {}),
    awaited: awaited.unjudged,
    noteJudged: awaited.noteJudged,
    onObserved: (operations, observed, awaitedAgents) => judgeObserved({ ...stored, operations }, observed, awaitedAgents),
  });
  const context: BlackoutContext = {
    ...stored,
    observe,
    applied: hub.applied,
    readFreshList: createFreshLists({ clock, observe }),
    emit: hub.emit,
    inFlight: new Map(),
    noteRefused: createRefusedAttempts(given),
    lock: createAgentLock({ store, clock, ids, leaseMs: settings.leaseMs }),
  };
  const scheduler = createBlackoutScheduler(context);
  const recovery = createRecovery(context, awaited);
  const eventFeed = createEventFeed({
    store,
    bus,
    hub,
    clock,
    log,
    startAt: liveState.position(),
    pollEveryMs,
    apply: (events) => {
      liveState.apply(events);
      awaited.apply(events);
      onEventsObserved(events);
      if (events.some((event) => concernsBlackout(liveState, event))) scheduler.wake();
      onEvents?.(events);
    },
  });
  const requests = createInProgress();
  const parts: Parts = { context, hub, scheduler, recovery, requests, liveState, awaySince: createListWatch() };
  return {
    control: context,
    asCommand: (correlationId, work) =>
      requests.run(() => whereWritable(context, correlationId, () => inLane('command', work)).finally(hub.applied)),
    read: { clock, store, liveState, observe, eventFeed, vendorReads: createVendorReadState(), slices: createSlices(clock) },
    eventFeed,
    observe: (source, batch) => observeBatch(parts, source, batch),
    onOutageEnded: (source, sinceMs) => outageEnded(parts, source, sinceMs),
    start: async () => {
      await recovery.start();
      scheduler.start();
    },
    stop: (withinMs) => stop(parts, withinMs),
    idle: async () => {
      await scheduler.idle();
      await hub.applied();
    },
  };
};
