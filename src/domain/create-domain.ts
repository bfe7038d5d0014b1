/** Builds the use cases and joins them up: what observes, commands and masks emits to one hub, and the event feed follows it. */

import { createInProgress } from '../lib/in-progress.ts';
import { inLane } from '../lib/lane.ts';
import { createSlices } from '../lib/slices.ts';
import { createAgentLock } from './blackout/agent-lock.ts';
import type { BlackoutContext } from './blackout/context.ts';
import { observeBlackouts, readConcerned } from './blackout/on-observed.ts';
import { createListWatch, resendAfterOutage } from './blackout/outage.ts';
import { createRetries } from './blackout/retries.ts';
import { createBlackoutScheduler } from './blackout/scheduler.ts';
import { createAwaited } from './control/awaited.ts';
import type { ControlSettings } from './control/context.ts';
import { createRecovery } from './control/recovery.ts';
import { createRefusedAttempts } from './control/refused-attempts.ts';
import { readJudged, resolveObserved } from './control/resolve.ts';
import { createHub } from './hub.ts';
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
  /** Runs one of those: its reads take the places of commands at the vendor, `stop` waits for it, and what it committed is applied when it is over. */
  asCommand<T>(work: () => Promise<T>): Promise<T>;
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

export const createDomain = ({ bus, pollEveryMs, onEvents, ...given }: DomainDependencies): Domain => {
  const { store, clock, ids, log, sources, liveState, settings } = given;
  const hub = createHub();
  const awaited = createAwaited();
  const takesCommands = (name: string): boolean => {
    const { control, blackouts } = sources.get(name) ?? {};
    return control !== undefined || blackouts !== undefined;
  };

  const { observe, onEvents: onEventsObserved } = createObserve({
    store,
    clock,
    liveState,
    emit: hub.emit,
    applied: hub.applied,
    takesCommands,
    awaited: awaited.unjudged,
    noteJudged: awaited.noteJudged,
    onObserved: async (operations, observed, awaitedAgents) => {
      const transaction = { ...context, operations };
      const [commands, concerned] = await Promise.all([
        readJudged(operations, observed, awaitedAgents),
        readConcerned(transaction, observed),
      ]);
      await resolveObserved(transaction, observed, commands);
      if (concerned !== null) await observeBlackouts(transaction, observed, concerned);
    },
  });
  const context: BlackoutContext = {
    ...given,
    observe,
    applied: hub.applied,
    readFreshList: createFreshLists({ clock, observe }),
    emit: hub.emit,
    inFlight: new Map(),
    noteRefused: createRefusedAttempts(given),
    lock: createAgentLock({ store, clock, ids, leaseMs: settings.leaseMs }),
    retries: createRetries(clock),
    unwrittenStops: new Map(),
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
      if (events.some(({ entityType }) => entityType === 'blackout')) scheduler.wake();
      onEvents?.(events);
    },
  });

  const lists = createListWatch();
  const requests = createInProgress();
  const onOutageEnded = (source: string, sinceMs: number | null): void => {
    const lastContactMs = sinceMs ?? liveState.lastContactMs(source);
    void requests.run(() =>
      resendAfterOutage(context, source, lastContactMs).catch((error: unknown) =>
        log.error('blackouts could not be sent again', { source, message: error instanceof Error ? error.message : String(error) }),
      ),
    );
  };
  return {
    control: context,
    asCommand: (work) => requests.run(() => inLane('command', work).finally(hub.applied)),
    read: { clock, store, liveState, observe, eventFeed, vendorReads: createVendorReadState(), slices: createSlices(clock) },
    eventFeed,
    observe: async (source, batch) => {
      const contactMs = liveState.lastContactMs(source);
      await observe(source, batch);
      const awaySinceMs = lists(source, batch, contactMs);
      if (awaySinceMs !== null) onOutageEnded(source, awaySinceMs);
    },
    onOutageEnded,
    start: async () => {
      await recovery.start();
      scheduler.start();
    },
    stop: async (withinMs) => {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const cancel = withinMs === undefined ? () => {} : clock.after(withinMs, resolve);
      const recovered = recovery.stop();
      const finished = requests
        .drained()
        .then(() => Promise.all([scheduler.stop(), recovered]))
        .then(hub.applied);
      await Promise.race([finished, late]);
      cancel();
    },
    idle: async () => {
      await scheduler.idle();
      await hub.applied();
    },
  };
};
