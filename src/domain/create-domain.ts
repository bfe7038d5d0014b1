/** Builds the use cases and joins them up: what observes, commands and masks emits to one hub, and the event feed follows it. */

import { createInProgress } from '../lib/in-progress.ts';
import { inLane } from '../lib/lane.ts';
import { createAgentLock } from './blackout/agent-lock.ts';
import type { BlackoutContext } from './blackout/context.ts';
import { observeBlackouts } from './blackout/on-observed.ts';
import { createListWatch, resendAfterOutage } from './blackout/outage.ts';
import { type RenewBlackoutRequest, renewBlackout } from './blackout/renew.ts';
import type { BlackoutAnswer } from './blackout/request.ts';
import { createRetries } from './blackout/retries.ts';
import { createBlackoutScheduler } from './blackout/scheduler.ts';
import { type StartBlackoutRequest, startBlackout } from './blackout/start.ts';
import { type StopBlackoutRequest, stopBlackout } from './blackout/stop.ts';
import { createAwaited } from './control/awaited.ts';
import type { ControlSettings } from './control/context.ts';
import { createRecovery } from './control/recovery.ts';
import type { ControlRequest } from './control/request.ts';
import { resolveObserved } from './control/resolve.ts';
import { type ControlAnswer, runCommand } from './control/run.ts';
import { createHub } from './hub.ts';
import type { LiveEvent } from './model/entities.ts';
import { instant } from './model/instant.ts';
import type { ObservationBatch } from './model/observation.ts';
import type { Principal } from './model/principal.ts';
import type { LiveState } from './observe/live-state.ts';
import { createObserve } from './observe/observe.ts';
import type { Bus } from './ports/bus.ts';
import type { Clock, Ids } from './ports/clock.ts';
import type { Log } from './ports/log.ts';
import type { CommandFilter, Store } from './ports/store.ts';
import type { VendorSource } from './ports/vendor.ts';
import { createVendorReads, type VendorReads } from './read/vendor-reads.ts';
import { createEventFeed, type EventFeed } from './stream/event-feed.ts';

export interface DomainDependencies {
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
  /** How often the event log is looked at unasked; null where nobody else writes to it. */
  lookEveryMs: number | null;
  /** Follows the events of every server, after live state has applied them. */
  onEvents?(events: readonly LiveEvent[]): void;
}

/** Commands, the ledger that explains them, and blackouts. */
export interface Control {
  /** Runs one command. Throws ExpectedError for what a client is told as Problem; the ledger keeps it too. */
  run(request: ControlRequest, principal: Principal, correlationId: string): Promise<ControlAnswer>;
  /** The blackout stays SCHEDULED until its time has come and the vendor has said yes. Throws ExpectedError. */
  startBlackout(request: StartBlackoutRequest, principal: Principal, correlationId: string): Promise<BlackoutAnswer>;
  /** A stop that the vendor does not take at once is answered with the blackout STOPPING, and repeated until it lands. */
  stopBlackout(request: StopBlackoutRequest, principal: Principal, correlationId: string): Promise<BlackoutAnswer>;
  /** Sends the start of the blackout in force again and moves its deadline. Throws ExpectedError. */
  renewBlackout(request: RenewBlackoutRequest, principal: Principal, correlationId: string): Promise<BlackoutAnswer>;
  /** Writes down who read the ledger, which part of it, and in which request. */
  noteLedgerRead(principal: Principal, filter: CommandFilter | { ids: readonly string[] }, correlationId: string): Promise<void>;
}

export interface Domain {
  control: Control;
  reads: VendorReads;
  eventFeed: EventFeed;
  /** Reduces and commits what a vendor showed; resolves when that is durable and told. */
  observe(source: string, batch: ObservationBatch): Promise<void>;
  /** Takes in that the source answers again after an outage; it was last heard from at `sinceMs`, epoch ms. */
  onOutageEnded(source: string, sinceMs: number): void;
  /** Whether something of the source waits to be observed. */
  isAwaited(source: string): boolean;
  /** Resolves what an earlier run left open, then acts on blackouts until `stop`. */
  start(): Promise<void>;
  /** Resolves when every request has its answer in the ledger and nothing is being acted on any more; after `withinMs` even so. */
  stop(withinMs?: number): Promise<void>;
  /** Resolves when every blackout step that is due has been taken. */
  idle(): Promise<void>;
}

export const createDomain = ({ bus, lookEveryMs, onEvents, ...given }: DomainDependencies): Domain => {
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
    takesCommands,
    isAwaited: awaited.has,
    onObserved: async (operations, observed) =>
      takesCommands(observed.source)
        ? [...(await resolveObserved(given, operations, observed)), ...(await observeBlackouts(context, operations, observed))]
        : [],
  });
  const context: BlackoutContext = {
    ...given,
    observe,
    emit: hub.emit,
    inFlight: new Map(),
    lock: createAgentLock({ store, clock, ids, leaseMs: settings.leaseMs }),
    retries: createRetries(clock),
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
    lookEveryMs,
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
  const onOutageEnded = requests.track((source: string, sinceMs: number) =>
    resendAfterOutage(context, source, sinceMs).catch((error: unknown) =>
      log.error('blackouts could not be sent again', { source, message: error instanceof Error ? error.message : String(error) }),
    ),
  );
  return {
    control: {
      run: requests.track((...request) => inLane('command', () => runCommand(context, ...request))),
      startBlackout: requests.track((...request) => inLane('command', () => startBlackout(context, ...request))),
      stopBlackout: requests.track((...request) => inLane('command', () => stopBlackout(context, ...request))),
      renewBlackout: requests.track((...request) => inLane('command', () => renewBlackout(context, ...request))),
      noteLedgerRead: (principal, filter, correlationId) =>
        store.audit.append([
          { at: instant(clock.now()), actor: principal.name, action: 'ledger.read', subject: { filter, correlationId } },
        ]),
    },
    reads: createVendorReads({ clock, liveState, sources, observe }),
    eventFeed,
    observe: async (source, batch) => {
      await observe(source, batch);
      const awaySinceMs = lists(source, batch);
      if (awaySinceMs !== null) onOutageEnded(source, awaySinceMs);
    },
    onOutageEnded,
    isAwaited: awaited.has,
    start: async () => {
      await recovery.start();
      scheduler.start();
    },
    stop: async (withinMs) => {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const cancel = withinMs === undefined ? () => {} : clock.after(withinMs, resolve);
      const recovered = recovery.stop();
      const finished = requests.drained().then(() => Promise.all([scheduler.stop(), recovered]));
      await Promise.race([finished, late]);
      cancel();
    },
    idle: scheduler.idle,
  };
};
