/** The acts on a blackout, each of which sends at most one kind of vendor command and commits what came of it. Called under the agent's lock. */
import { storedState } from '../control/agent-state.ts';
import type { Commands } from '../control/commands.ts';
import type { ControlDependencies, NewEvent } from '../control/dependencies.ts';
import type { Ledger } from '../control/ledger.ts';
import { problemData } from '../control/problems.ts';
import { leavesDoubt } from '../control/send.ts';
import { ExpectedError } from '../errors.ts';
import { epochMs, instant } from '../instant.ts';
import type { Blackout, Recording } from '../nouns.ts';
import type { Observation } from '../observation.ts';
import type { StoreOperations, VendorSource } from '../ports.ts';
import type { BlackoutEnd, BlackoutWarning, Confirmation, ProblemCode } from '../words.ts';
import type { Hold } from './agent-lock.ts';
import { agentKey, audible, createMasking } from './masking.ts';
import type { Retries } from './retries.ts';
import { interruptedRecordings, openCommandsOf, withInterrupted } from './rows.ts';
import type { GivenTime } from './times.ts';
import { type BlackoutChange, openBlackoutStates, stateAfter } from './transitions.ts';
import { type Circumstance, writeBlackout } from './write.ts';

/** The server itself, as an actor. */
export const server = 'tapegraph';

export const isOpen = (row: Blackout): boolean => openBlackoutStates.includes(row.state);

const asExpected = (error: unknown): ExpectedError => {
  if (error instanceof ExpectedError) return error;
  throw error;
};

/** Failures that the same command may overcome a moment later. */
const isPassing = (error: ExpectedError): boolean => error.code === 'VENDOR_TIMEOUT' || error.code === 'VENDOR_UNAVAILABLE';

/** Answers to a stop by which the vendor says that there is nothing to stop, or nobody. */
const nothingThere: ReadonlySet<ProblemCode> = new Set(['NOT_BLACKED_OUT', 'NOT_IN_CALL', 'NOT_FOUND']);

export const createSteps = (deps: ControlDependencies, ledger: Ledger, commands: Pick<Commands, 'commit'>, retries: Retries) => {
  const { store, clock, tracker } = deps;
  const masking = createMasking(deps);
  const now = () => instant(clock.now());

  type Write = (operations: StoreOperations, events: NewEvent[], before: Blackout) => Promise<Partial<Blackout> | null>;

  /** Rereads the row, and writes what `work` makes of it, until nobody came between. Null where the row is over, or `work` says so. */
  const change = async (id: string, work: Write, circumstance: Omit<Circumstance, 'at'> = { actor: server }): Promise<Blackout | null> => {
    for (;;) {
      const outcome = await commands
        .commit(async (operations, events) => {
          const [before] = await operations.blackouts.byIds([id]);
          if (!before || !isOpen(before)) return { row: null };
          const made: NewEvent[] = [];
          const patch = await work(operations, made, before);
          if (patch === null) return { row: null };
          const written = await writeBlackout(operations, before, patch, { at: now(), ...circumstance });
          if (!written) throw new Overtaken();
          events.push(...made, written.event);
          return { row: written.row };
        })
        .catch((error: unknown) => {
          if (error instanceof Overtaken) return null;
          throw error;
        });
      if (outcome) return outcome.row;
    }
  };

  /** Folds what the vendor's own answer showed. */
  const fold = async (source: VendorSource, observations: readonly Observation[]): Promise<void> => {
    if (observations.length > 0) await deps.observe(source.name, { observations, asOfMs: clock.now() });
  };

  const settleCommands = async (
    operations: StoreOperations,
    events: NewEvent[],
    blackout: string,
    operation: 'START_BLACKOUT' | 'STOP_BLACKOUT',
    settlement: Parameters<Ledger['settle']>[2],
  ): Promise<void> => {
    for (const command of await openCommandsOf(operations, blackout, operation)) {
      const settled = await ledger.settle(operations, command.id, settlement);
      if (settled) events.push(...settled.events);
    }
  };

  /** A command of the server's own, PENDING before it is sent. */
  const openOwn = async (
    operations: StoreOperations,
    events: NewEvent[],
    row: Blackout,
    operation: 'STOP_BLACKOUT' | 'STOP_RECORDING',
    because: 'SCHEDULE' | 'DEADLINE' | 'UNDO' | 'BLACKOUT',
  ) => {
    const opened = await ledger.open(operations, {
      operation,
      source: row.source,
      agent: row.agent,
      blackout: row.id,
      requestedBy: server,
      idempotencyKey: null,
      inputHash: ledger.inputHash(operation, { blackout: row.id, because }),
      input: { because },
    });
    events.push(...opened.events);
    return opened.row;
  };

  const move = (before: Blackout, to: BlackoutChange): Pick<Blackout, 'state'> => ({ state: stateAfter(before.state, to) });

  /** The vendor said yes to the start. */
  const acceptStart = (row: Blackout, source: VendorSource) =>
    change(row.id, async (operations, events, before) => {
      if (before.state !== 'SCHEDULED') return null;
      const quiet = before.support === 'EMULATED' && audible((await storedState(operations, agentKey(before))).live).length === 0;
      const confirmation: Confirmation = quiet ? 'CONFIRMED' : 'ACCEPTED';
      await settleCommands(operations, events, row.id, 'START_BLACKOUT', {
        status: confirmation,
        final: quiet || !source.blackouts?.confirmable,
      });
      return { confirmation, acceptedAt: now(), ...(epochMs(before.startsAt) <= clock.now() ? move(before, 'begin') : {}) };
    });

  const sendStart = async (row: Blackout, source: VendorSource, repeated: boolean): Promise<readonly Observation[]> => {
    if (row.support === 'NATIVE') {
      const [command] = await openCommandsOf(store, row.id, 'START_BLACKOUT');
      const given: GivenTime = {
        at: (command?.input.startAt as string | undefined) ?? null,
        offsetMs: (command?.input.offsetMs as number | undefined) ?? null,
      };
      try {
        const answer = await masking.startNative(source, row, masking.timesFor(given, epochMs(row.startsAt), repeated));
        return answer.observations ?? [];
      } catch (error) {
        if (!(error instanceof ExpectedError && error.code === 'ALREADY_BLACKED_OUT')) throw error;
        return [];
      }
    }
    const live = audible(tracker.liveRecordings(agentKey(row)));
    await change(row.id, async (_operations, _events, before) => {
      const interrupted = withInterrupted(before, live);
      return interrupted === before.interrupted ? null : { interrupted };
    });
    return masking.stopRecordings(source, row);
  };

  /** Says no to the start for good: the vendor refused it and is not masking. */
  const refuseStart = (row: Blackout, error: ExpectedError, correlationId: string) =>
    change(row.id, async (operations, events, before) => {
      if (before.state !== 'SCHEDULED') return null;
      await settleCommands(operations, events, row.id, 'START_BLACKOUT', {
        status: 'FAILED',
        problem: problemData(error, correlationId),
      });
      return { ...move(before, 'refuse'), endedAt: now() };
    });

  /** Gives the start up without knowing whether the vendor masks: it is stopped until the vendor says so. */
  const abandonStart = (row: Blackout, error: ExpectedError, correlationId: string) =>
    change(row.id, async (operations, events, before) => {
      if (before.state !== 'SCHEDULED') return null;
      const told = new ExpectedError(
        error.code,
        `${error.message} The blackout is not in force; in case the vendor began it all the same, it is being stopped.`,
        { retryable: error.retryable, vendorCode: error.vendorCode },
      );
      await settleCommands(operations, events, row.id, 'START_BLACKOUT', {
        status: 'FAILED',
        problem: problemData(told, correlationId),
      });
      await openOwn(operations, events, row, 'STOP_BLACKOUT', 'UNDO');
      return move(before, 'stop');
    });

  /** While the caller waits: repeats once towards safety, then gives up. */
  const startForCaller = async (row: Blackout, source: VendorSource, hold: Hold, correlationId: string): Promise<void> => {
    let inDoubt = false;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const shown = await sendStart(row, source, attempt > 1);
        await acceptStart(row, source);
        await fold(source, shown);
        return;
      } catch (caught) {
        const error = asExpected(caught);
        inDoubt ||= leavesDoubt(error);
        if (isPassing(error) && attempt < 2) continue;
        if (!inDoubt) {
          await refuseStart(row, error, correlationId);
          return;
        }
        hold.keep();
        await abandonStart(row, error, correlationId);
        return;
      }
    }
  };

  /** Nobody waits for it any more: repeats towards safety, with back-off, until the deadline; a plain no ends it. */
  const mask = async (row: Blackout, source: VendorSource, hold: Hold): Promise<void> => {
    try {
      const shown = await sendStart(row, source, true);
      await acceptStart(row, source);
      retries.clear(row.id);
      await fold(source, shown);
    } catch (caught) {
      const error = asExpected(caught);
      if (!error.retryable) {
        await refuseStart(row, error, row.id);
        return;
      }
      if (leavesDoubt(error)) hold.keep();
      retries.failed(row.id);
    }
  };

  /** A recording runs although the agent is blacked out: it is stopped, under a command of its own in the ledger. */
  const maskAgain = async (row: Blackout, source: VendorSource, hold: Hold): Promise<void> => {
    const running = audible(tracker.liveRecordings(agentKey(row)));
    if (running.length === 0 && masking.isFresh(source)) {
      await change(row.id, async (operations) => {
        const { live } = await storedState(operations, agentKey(row));
        return audible(live).length > 0 ? null : { confirmation: 'CONFIRMED', exposures: closed(row, now()) };
      });
      retries.after(row.id, source.confirmMs);
      return;
    }
    const command = await commands.commit((operations, events) => openOwn(operations, events, row, 'STOP_RECORDING', 'BLACKOUT'));
    const settle = (settlement: Parameters<Ledger['settle']>[2]) =>
      commands.commit(async (operations, events) => {
        const settled = await ledger.settle(operations, command.id, settlement);
        if (settled) events.push(...settled.events);
      });
    try {
      const shown = await masking.stopRecordings(source, row);
      await settle({ status: 'ACCEPTED' });
      await change(row.id, async (operations, _events, before) => {
        if (before.state !== 'ACTIVE') return null;
        const { live } = await storedState(operations, agentKey(before));
        const others = audible(live).filter((one) => !running.some(({ externalId }) => externalId === one.externalId));
        if (others.length > 0) return { confirmation: 'ACCEPTED', acceptedAt: null };
        if (audible(live).length > 0) return { confirmation: 'ACCEPTED', acceptedAt: now() };
        return { confirmation: 'CONFIRMED', acceptedAt: now(), exposures: closed(before, now()) };
      });
      retries.clear(row.id);
      await fold(source, shown);
    } catch (caught) {
      const error = asExpected(caught);
      await settle({ status: 'FAILED', problem: problemData(error, row.id) });
      if (leavesDoubt(error)) hold.keep();
      retries.failed(row.id);
    }
  };

  const begin = (row: Blackout) =>
    change(row.id, async (_operations, _events, before) => (before.state === 'SCHEDULED' ? move(before, 'begin') : null));

  const warn = (row: Blackout, warning: BlackoutWarning) =>
    change(row.id, async (_operations, _events, before) => (before.warnings.includes(warning) ? null : {}), { actor: server, warning });

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

  const openStops = (operations: StoreOperations, id: string) => openCommandsOf(operations, id, 'STOP_BLACKOUT');

  /** Ends the row and completes its commands. */
  const over = async (
    operations: StoreOperations,
    events: NewEvent[],
    before: Blackout,
    by: BlackoutChange,
    endedBy: BlackoutEnd | null,
    at = now(),
    seen = false,
  ): Promise<Partial<Blackout>> => {
    const startOpen = await openCommandsOf(operations, before.id, 'START_BLACKOUT');
    for (const command of startOpen) {
      const ended = new ExpectedError('CONFLICT', `${before.source}: the blackout was stopped before the vendor had accepted its start.`);
      const settled = await ledger.settle(
        operations,
        command.id,
        command.status === 'ACCEPTED' ? { status: 'ACCEPTED', final: true } : { status: 'FAILED', problem: problemData(ended, command.id) },
      );
      if (settled) events.push(...settled.events);
    }
    await settleCommands(operations, events, before.id, 'STOP_BLACKOUT', { status: seen ? 'CONFIRMED' : 'ACCEPTED', final: true });
    return {
      ...move(before, by),
      endedAt: at,
      endedBy: by === 'undo' ? null : (before.endedBy ?? endedBy),
      exposures: closed(before, at),
    };
  };

  const land = (row: Blackout, seen: boolean) =>
    change(row.id, async (operations, events, before) => {
      if (before.state !== 'STOPPING') return null;
      return over(operations, events, before, before.endedBy === null ? 'undo' : 'land', before.endedBy, now(), seen);
    });

  /** Sends the stop. A failure leaves the row STOPPING, with a warning, to be tried again until it lands. */
  const unmask = async (row: Blackout, source: VendorSource, hold: Hold): Promise<void> => {
    try {
      if (row.support === 'NATIVE') await unmaskNative(row, source);
      else await unmaskEmulated(row, source);
    } catch (caught) {
      const error = asExpected(caught);
      if (leavesDoubt(error)) hold.keep();
      retries.failed(row.id);
      deps.log.warn('blackout.stop.failed', { source: row.source, blackout: row.id, code: error.code });
      await warn(row, 'STOP_FAILING');
    }
  };

  const unmaskNative = async (row: Blackout, source: VendorSource): Promise<void> => {
    const startsLater = epochMs(row.startsAt) > clock.now();
    // The vendor's own threshold has ended it by then, so that its no is the truth and not a matter of who is in a call.
    const outlived =
      source.maxAgentBlackoutMs !== null && clock.now() >= epochMs(row.startsAt) + source.maxAgentBlackoutMs + source.confirmMs;
    let shown: readonly Observation[] = [];
    try {
      shown = (await masking.stopNative(source, row, startsLater ? { at: row.startsAt } : {})).observations ?? [];
    } catch (error) {
      const over = error instanceof ExpectedError && (error.code === 'NOT_BLACKED_OUT' || (outlived && nothingThere.has(error.code)));
      if (!over) throw error;
    }
    retries.clear(row.id);
    await land(row, false);
    await fold(source, shown);
  };

  const unmaskEmulated = async (row: Blackout, source: VendorSource): Promise<void> => {
    const waiting = await openStops(store, row.id);
    const acceptedMs = Math.max(0, ...waiting.map(({ acceptedAt }) => (acceptedAt === null ? 0 : epochMs(acceptedAt))));
    if (!retries.known(row.id) && acceptedMs > 0 && clock.now() < acceptedMs + source.confirmMs) {
      retries.after(row.id, acceptedMs + source.confirmMs - clock.now());
      return;
    }
    const repeated = acceptedMs > 0;
    const believed = audible(tracker.liveRecordings(agentKey(row))).length > 0;
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
    await commands.commit((operations, events) => settleCommands(operations, events, row.id, 'STOP_BLACKOUT', { status: 'ACCEPTED' }));
    retries.after(row.id, source.confirmMs);
    const { live } = await storedState(store, agentKey(row));
    if (!source.blackouts?.confirmable || (seenMasked && isResumed(live))) await land(row, source.blackouts?.confirmable ?? false);
    await fold(source, shown);
  };

  return { change, startForCaller, mask, maskAgain, begin, warn, end, over, unmask, move, masking, openStops, settleCommands };
};

export type Steps = ReturnType<typeof createSteps>;

class Overtaken extends Error {}

/** Whether the agent's recording runs again. */
export const isResumed = (live: readonly Recording[]): boolean => live.some(({ state }) => state === 'RECORDING');

/** The exposures, with those that still run ended. */
export const closed = (row: Blackout, at: string): Blackout['exposures'] =>
  row.exposures.map((one) => (one.endsAt === null ? { ...one, endsAt: at } : one));
