/** How the acts on a blackout write: the row by compare and set, and with it its commands, audit entries and events. */

import { commit } from '../control/commit.ts';
import type { ControlContext, NewEvent } from '../control/context.ts';
import { hashInput, openCommand, type Resolution, resolveCommand } from '../control/ledger.ts';
import { problemData } from '../control/problems.ts';
import type { Blackout } from '../model/entities.ts';
import { type BlackoutEnd, type BlackoutWarning, openBlackoutStates } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import { instant } from '../model/instant.ts';
import type { Observation } from '../model/observation.ts';
import type { StoreOperations } from '../ports/store.ts';
import type { VendorSource } from '../ports/vendor.ts';
import { datedBack } from './future-dated.ts';
import { openCommandsOf } from './rows.ts';
import { type BlackoutChange, stateAfter } from './transitions.ts';
import { type Circumstance, writeBlackout } from './write.ts';

/** The server itself, as an actor. */
export const server = 'tapegraph';

export const isOpen = (row: Blackout): boolean => openBlackoutStates.includes(row.state);

export const asExpected = (error: unknown): ExpectedError => {
  if (error instanceof ExpectedError) return error;
  throw error;
};

/** The exposures, with those that still run ended. */
export const closed = (row: Blackout, at: string): Blackout['exposures'] =>
  row.exposures.map((one) => (one.endsAt === null ? { ...one, endsAt: at } : one));

class Overtaken extends Error {}

export const createRowWriter = (deps: ControlContext) => {
  const { clock } = deps;
  const now = () => instant(clock.now());

  type Write = (operations: StoreOperations, events: NewEvent[], before: Blackout) => Promise<Partial<Blackout> | null>;

  /** Rereads the row, and writes what `work` makes of it, until nobody came between. Null where the row is over, or `work` says so. */
  const change = async (id: string, work: Write, circumstance: Omit<Circumstance, 'at'> = { actor: server }): Promise<Blackout | null> => {
    for (;;) {
      const outcome = await commit(deps, async (operations, events) => {
        const [before] = await operations.blackouts.byIds([id]);
        if (!before || !isOpen(before)) return { row: null };
        const made: NewEvent[] = [];
        const patch = await work(operations, made, before);
        if (patch === null) return { row: null };
        const written = await writeBlackout(operations, before, patch, { at: now(), ...circumstance });
        if (!written) throw new Overtaken();
        events.push(...made, written.event);
        return { row: written.row };
      }).catch((error: unknown) => {
        if (error instanceof Overtaken) return null;
        throw error;
      });
      if (outcome) return outcome.row;
    }
  };

  /** Folds what the vendor's own answer showed. */
  const reduce = async (source: VendorSource, observations: readonly Observation[]): Promise<void> => {
    if (observations.length > 0) await deps.observe(source.name, { observations, asOfMs: clock.now() });
  };

  const settleCommands = async (
    operations: StoreOperations,
    events: NewEvent[],
    blackout: string,
    operation: 'START_BLACKOUT' | 'STOP_BLACKOUT',
    settlement: Resolution,
  ): Promise<void> => {
    for (const command of await openCommandsOf(operations, blackout, operation)) {
      const settled = await resolveCommand(deps, operations, command.id, settlement);
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
    const opened = await openCommand(deps, operations, {
      operation,
      source: row.source,
      agent: row.agent,
      blackout: row.id,
      requestedBy: server,
      idempotencyKey: null,
      inputHash: hashInput(deps, operation, { blackout: row.id, because }),
      input: { because },
    });
    events.push(...opened.events);
    return opened.row;
  };

  const move = (before: Blackout, to: BlackoutChange): Pick<Blackout, 'state'> => ({ state: stateAfter(before.state, to) });

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
      const settled = await resolveCommand(
        deps,
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

  const warn = (row: Blackout, warning: BlackoutWarning) =>
    change(row.id, async (_operations, _events, before) => (before.warnings.some((given) => given.warning === warning) ? null : {}), {
      actor: server,
      warning,
    });

  const dateBack = (row: Blackout) => change(row.id, async (_operations, _events, before) => datedBack(before, clock.now()));

  return { now, change, reduce, settleCommands, openOwn, move, openStops, over, warn, dateBack };
};

export type RowWriter = ReturnType<typeof createRowWriter>;
