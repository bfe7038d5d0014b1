/** Commands, the ledger that explains them, and blackouts: what resolvers, observers and `main.ts` call. */
import { createAgentLock } from '../blackout/agent-lock.ts';
import { type BlackoutAnswer, createBlackouts, type StartBlackoutRequest, type StopBlackoutRequest } from '../blackout/blackouts.ts';
import { createBlackoutOnObserved } from '../blackout/on-observed.ts';
import { createRetries } from '../blackout/retries.ts';
import { createBlackoutScheduler } from '../blackout/scheduler.ts';
import { createSteps } from '../blackout/steps.ts';
import type { ControlCommand, LiveEvent } from '../model/entities.ts';
import { instant } from '../model/instant.ts';
import type { Principal } from '../model/principal.ts';
import type { CommandFilter, StoreOperations } from '../ports/store.ts';
import { type ControlAnswer, createCommands } from './commands.ts';
import type { ControlDependencies, NewEvent, ObservationResult } from './dependencies.ts';
import { createLedger } from './ledger.ts';
import type { ControlRequest } from './request.ts';

export type { BlackoutAnswer, StartBlackoutRequest, StopBlackoutRequest } from '../blackout/blackouts.ts';
export { type BlackoutInterval, blackoutIntervals } from '../blackout/intervals.ts';
export type { ControlAnswer } from './commands.ts';
export { type AgentReference, type ControlDependencies, type ControlSettings, defaultControlSettings } from './dependencies.ts';
export type { ControlAction, ControlRequest } from './request.ts';

export interface Control {
  /** Runs one command. Throws ExpectedError for what a client is told as Problem; the ledger keeps it too. */
  run(request: ControlRequest, principal: Principal, correlationId: string): Promise<ControlAnswer>;
  /** The blackout stays SCHEDULED until its time has come and the vendor has said yes. Throws ExpectedError. */
  startBlackout(request: StartBlackoutRequest, principal: Principal, correlationId: string): Promise<BlackoutAnswer>;
  /** A stop that the vendor does not take at once is answered with the blackout STOPPING, and repeated until it lands. */
  stopBlackout(request: StopBlackoutRequest, principal: Principal, correlationId: string): Promise<BlackoutAnswer>;
  /** Writes down who read the ledger, which part of it, and in which request. */
  noteLedgerRead(principal: Principal, filter: CommandFilter, correlationId: string): Promise<void>;
  /** Settles commands and blackouts from a fold, inside its transaction; the caller appends the events. */
  onObserved(operations: StoreOperations, observed: ObservationResult): Promise<readonly NewEvent[]>;
  /** Whether a fold of the source may settle anything. */
  takesCommands(source: string): boolean;
  /** Whether something of the source waits to be seen, so that a fold without changes matters too. */
  isAwaited(source: string): boolean;
  /** Takes in committed events of every server, this one's included: hand it to the bus. */
  onEvents(events: readonly LiveEvent[]): void;
  /** Settles what an earlier run left open, then acts on blackouts until `stop`. */
  start(): Promise<void>;
  /** Resolves when every request has its answer in the ledger and nothing is being acted on any more; after `withinMs` even so. */
  stop(withinMs?: number): Promise<void>;
  /** Resolves when every blackout step that is due has been taken. */
  idle(): Promise<void>;
}

export const createControl = (deps: ControlDependencies): Control => {
  const { clock, settings, log, store, sources } = deps;
  /** Commands and blackouts, by source, that a further sight of the agent may settle. */
  const awaited = new Map<string, Set<string>>();
  /** Commands whose completion came in while the open ones were being read, so that what was read of them is old. */
  let completedMeanwhile: Set<string> | null = null;

  const note = (source: string, id: string, waits: boolean): void => {
    const ofSource = awaited.get(source) ?? new Set();
    awaited.set(source, ofSource);
    if (waits) ofSource.add(id);
    else ofSource.delete(id);
  };

  const onEvents = (events: readonly LiveEvent[]): void => {
    let blackoutChanged = false;
    for (const { entityType, source, key, state } of events) {
      if (entityType === 'command') {
        const isOpen = (state as ControlCommand).completedAt === null;
        note(source, key, isOpen);
        if (!isOpen) completedMeanwhile?.add(key);
      }
      if (entityType === 'blackout') blackoutChanged = true;
    }
    if (blackoutChanged) engine.wake();
  };

  const telling: ControlDependencies = {
    ...deps,
    publish: async (events) => {
      onEvents(events);
      await deps.publish(events);
    },
  };
  const ledger = createLedger(telling);
  const commands = createCommands(telling, ledger);
  const retries = createRetries(clock);
  const lock = createAgentLock({ store, clock, ids: deps.ids, leaseMs: settings.leaseMs });
  const steps = createSteps(telling, ledger, commands, retries);
  const blackouts = createBlackouts(telling, ledger, commands, steps, lock, retries);
  const engine = createBlackoutScheduler(telling, steps, lock, retries);
  const onBlackoutsObserved = createBlackoutOnObserved(telling, steps, retries);

  const takesCommands = (name: string): boolean => {
    const { control, blackouts: masked } = sources.get(name) ?? {};
    return control !== undefined || masked !== undefined;
  };

  const answering = new Set<Promise<unknown>>();
  const counted = <Given extends unknown[], Answer>(answer: (...given: Given) => Promise<Answer>) => {
    return (...given: Given): Promise<Answer> => {
      const promise = answer(...given);
      answering.add(promise);
      const done = () => answering.delete(promise);
      promise.then(done, done);
      return promise;
    };
  };

  let cancelSweep = () => {};
  let running = false;
  let sweeping: Promise<void> = Promise.resolve();

  const recover = async (): Promise<void> => {
    try {
      const completed = new Set<string>();
      completedMeanwhile = completed;
      const open = await store.commands.open([...sources.keys()]).finally(() => {
        completedMeanwhile = null;
      });
      for (const row of open) if (!completed.has(row.id)) note(row.source, row.id, true);
      await commands.recover();
    } catch (error) {
      log.error('control.recover.failed', { message: error instanceof Error ? error.message : String(error) });
    }
  };

  const sweepLater = (): void => {
    cancelSweep = clock.after(settings.sweepMs, () => {
      sweeping = recover().then(() => {
        if (running) sweepLater();
      });
    });
  };

  return {
    run: counted(commands.run),
    startBlackout: counted(blackouts.start),
    stopBlackout: counted(blackouts.stop),
    noteLedgerRead: (principal, filter, correlationId) =>
      store.audit.append([{ at: instant(clock.now()), actor: principal.name, action: 'ledger.read', subject: { filter, correlationId } }]),
    takesCommands,
    onObserved: async (operations, observed) => {
      if (!takesCommands(observed.source)) return [];
      return [...(await commands.onObserved(operations, observed)), ...(await onBlackoutsObserved(operations, observed))];
    },
    isAwaited: (source) => (awaited.get(source)?.size ?? 0) > 0,
    onEvents,
    start: async () => {
      running = true;
      await recover();
      sweepLater();
      engine.start();
    },
    stop: async (withinMs) => {
      running = false;
      cancelSweep();
      let cancel = () => {};
      const late = new Promise<void>((resolve) => {
        if (withinMs !== undefined) cancel = clock.after(withinMs, resolve);
      });
      const finished = Promise.allSettled(answering).then(() => Promise.all([engine.stop(), sweeping]));
      await Promise.race([finished, late]);
      cancel();
    },
    idle: engine.idle,
  };
};
