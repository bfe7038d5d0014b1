/** The use cases behind startBlackout and stopBlackout. */

import { commit } from '../control/commit.ts';
import type { AgentReference, ControlContext, NewEvent } from '../control/context.ts';
import { findAgent } from '../control/find-agent.ts';
import { findEarlier, hashInput, type NewCommand, openCommand, resolveCommand } from '../control/ledger.ts';
import { problemData, problemError } from '../control/problems.ts';
import { referenceInput, requireKey, requireReachable, requireReference } from '../control/request.ts';
import type { Agent, Blackout, ControlCommand, Instant } from '../model/entities.ts';
import type { BlackoutReason } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import { epochMs, instant } from '../model/instant.ts';
import type { Principal } from '../model/principal.ts';
import type { StoreOperations } from '../ports/store.ts';
import type { VendorSource } from '../ports/vendor.ts';
import type { AgentLock, Hold } from './agent-lock.ts';
import { type Addressing, requireBlackouts } from './masking.ts';
import { requireNote } from './note.ts';
import type { Retries } from './retries.ts';
import { openBlackoutsOf } from './rows.ts';
import type { Steps } from './steps.ts';
import { deadlineMs, effectiveMs, type GivenTime, understoodTime } from './times.ts';
import { stateAfter } from './transitions.ts';
import { insertBlackout, writeBlackout } from './write.ts';

/** Named as in the contract; `offset` and `maxDuration` are milliseconds. */
export interface StartBlackoutRequest {
  agent: AgentReference;
  startAt?: Instant | null;
  offset?: number | null;
  maxDuration?: number | null;
  reason?: BlackoutReason | null;
  note?: string | null;
  idempotencyKey?: string | null;
}

/** Named as in the contract; `offset` is milliseconds. */
export interface StopBlackoutRequest {
  agent: AgentReference;
  stopAt?: Instant | null;
  offset?: number | null;
  idempotencyKey?: string | null;
}

export interface BlackoutAnswer {
  command: ControlCommand;
  blackout: Blackout;
  replayed: boolean;
}

/** A start that was given up and is being undone: a new start may take its place. */
const isUndone = (row: Blackout): boolean => row.state === 'STOPPING' && row.confirmation === 'PENDING' && row.endedBy === null;

export const createBlackouts = (deps: ControlContext, steps: Steps, lock: AgentLock, retries: Retries) => {
  const { store, clock, sources, settings } = deps;

  /** `opened` is the command as it was opened: its blackout stays, and the rest is read as it is by now. */
  const answerOf = async (opened: ControlCommand, replayed: boolean): Promise<BlackoutAnswer> => {
    const [[command], [blackout]] = await Promise.all([
      store.commands.byIds([opened.id]),
      store.blackouts.byIds(opened.blackout === null ? [] : [opened.blackout]),
    ]);
    if (command?.problem) throw problemError(command.problem);
    if (!command || !blackout) throw new Error(`Command ${opened.id} has lost its blackout.`);
    return { command, blackout, replayed };
  };

  /** Waits until nobody acts on the agent, so that a repeated request hears what its first one heard. */
  const replay = async (row: ControlCommand): Promise<BlackoutAnswer> => {
    if (row.status === 'PENDING') {
      await lock.run({ source: row.source, externalId: row.agent ?? '' }, settings.commandDeadlineMs, async () => undefined);
    }
    return answerOf(row, true);
  };

  const prepare = async (
    operation: 'START_BLACKOUT' | 'STOP_BLACKOUT',
    request: StartBlackoutRequest | StopBlackoutRequest,
    principal: Principal,
    understood: Readonly<Record<string, unknown>>,
  ) => {
    requireReference(request.agent);
    const idempotencyKey = requireKey(request.idempotencyKey);
    const source = requireReachable(sources, request.agent.source, principal);
    requireBlackouts(source, operation);
    const inputHash = hashInput(deps, operation, { agent: referenceInput(request.agent), ...understood });
    const earlier = await findEarlier(deps, store, { requestedBy: principal.name, idempotencyKey, inputHash });
    return { source, idempotencyKey, inputHash, earlier };
  };

  const busy = (agent: Agent) =>
    new ExpectedError('CONFLICT', `Another server is acting on the blackout of this agent of source ${agent.source}; try again shortly.`, {
      retryable: true,
    });

  /** Opens the ledger row and does `work` with it under the agent's lock; the row's answer is told. */
  const underLock = async (
    agent: Agent,
    command: NewCommand,
    correlationId: string,
    open: (operations: StoreOperations, events: NewEvent[], row: ControlCommand) => Promise<Blackout | ExpectedError>,
    work: (blackout: Blackout, hold: Hold) => Promise<void>,
  ): Promise<BlackoutAnswer> => {
    const answer = await lock.run(agent, settings.commandDeadlineMs, async (hold) => {
      const opened = await commit(deps, async (operations, events) => {
        const { row, inserted, events: made } = await openCommand(deps, operations, command);
        if (!inserted) return { row, inserted, outcome: null };
        events.push(...made);
        const outcome = await open(operations, events, row);
        if (outcome instanceof ExpectedError) {
          const settled = await resolveCommand(deps, operations, row.id, {
            status: 'FAILED',
            problem: problemData(outcome, correlationId),
          });
          events.push(...(settled?.events ?? []));
        }
        return { row, inserted, outcome };
      });
      if (opened.outcome && !(opened.outcome instanceof ExpectedError)) await work(opened.outcome, hold);
      return { row: opened.row, replayed: !opened.inserted };
    });
    if (!answer) throw busy(agent);
    return answerOf(answer.row, answer.replayed);
  };

  const start = async (request: StartBlackoutRequest, principal: Principal, correlationId: string): Promise<BlackoutAnswer> => {
    const receiptMs = clock.now();
    const note = requireNote(request.note);
    const { source, idempotencyKey, inputHash, earlier } = await prepare('START_BLACKOUT', request, principal, {
      start: understoodTime(request.startAt, request.offset),
      maxDurationMs: request.maxDuration,
      reason: request.reason ?? 'OTHER',
      note,
    });
    if (earlier) return replay(earlier);
    const given: GivenTime = { at: request.startAt ?? null, offsetMs: request.offset ?? null };
    const startsAtMs = effectiveMs(given, receiptMs, settings.clockSkewMs, { at: 'startAt', offset: 'offset' });
    const longestMs = source.maxAgentBlackoutMs ?? settings.maxBlackoutMs;
    const endMs = deadlineMs(startsAtMs, receiptMs, request.maxDuration ?? null, longestMs);
    const { agent, addressedBy } = await findAgent(deps, request.agent, 'START_BLACKOUT');
    const id = deps.ids.next();
    const command: NewCommand = {
      operation: 'START_BLACKOUT',
      source: source.name,
      agent: agent.externalId,
      blackout: id,
      requestedBy: principal.name,
      idempotencyKey,
      inputHash,
      input: {
        ...(given.at === null ? {} : { startAt: given.at }),
        ...(given.offsetMs === null ? {} : { offsetMs: given.offsetMs }),
        ...(request.maxDuration == null ? {} : { maxDurationMs: request.maxDuration }),
        reason: request.reason ?? 'OTHER',
        note,
      },
    };
    const row: Blackout = {
      id,
      source: source.name,
      agent: agent.externalId,
      state: 'SCHEDULED',
      confirmation: 'PENDING',
      support: source.blackouts!.support,
      reason: request.reason ?? 'OTHER',
      note,
      requestedBy: principal.name,
      requestedAt: instant(receiptMs),
      startsAt: instant(startsAtMs),
      stopsAt: null,
      deadline: instant(endMs),
      endedAt: null,
      endedBy: null,
      exposures: [],
      warnings: [],
      interrupted: [],
      version: 0,
    };
    let inDoubt = false;
    return underLock(
      agent,
      command,
      correlationId,
      async (operations, events) => {
        inDoubt = false;
        const circumstance = { at: instant(clock.now()), actor: principal.name };
        let taken = row;
        for (const other of await openBlackoutsOf(operations, agent)) {
          if (!isUndone(other)) return alreadyBlackedOut(other);
          if (startsAtMs > clock.now()) return stillUndone(agent);
          const written = await writeBlackout(
            operations,
            other,
            { state: stateAfter(other.state, 'undo'), endedAt: circumstance.at },
            circumstance,
          );
          if (!written) throw busy(agent);
          const replaced = new ExpectedError('CONFLICT', `Blackout ${row.id} took the place of this one before its start was undone.`);
          await steps.settleCommands(operations, events, other.id, 'STOP_BLACKOUT', {
            status: 'FAILED',
            problem: problemData(replaced, correlationId),
          });
          events.push(written.event);
          retries.clear(other.id);
          inDoubt = true;
          taken = { ...taken, interrupted: other.interrupted };
        }
        events.push(await insertBlackout(operations, taken, circumstance));
        return taken;
      },
      async (blackout, hold) => {
        if (blackout.support === 'NATIVE' || startsAtMs <= clock.now()) {
          await steps.startForCaller(blackout, source, { given, addressedBy, hold, correlationId, wasInDoubt: inDoubt });
        }
      },
    );
  };

  /** Until then the agent may be masked, which a start that lies ahead would leave so. */
  const stillUndone = (agent: Agent) =>
    new ExpectedError('CONFLICT', `An earlier start for this agent of source ${agent.source} is still being undone; try again shortly.`, {
      retryable: true,
    });

  const alreadyBlackedOut = (other: Blackout) =>
    new ExpectedError(
      'ALREADY_BLACKED_OUT',
      `The agent has blackout ${other.id} already, ${other.state === 'SCHEDULED' ? `scheduled for ${other.startsAt}` : `in state ${other.state} since ${other.startsAt}`}; stop it first, or let it run to its deadline ${other.deadline}.`,
    );

  const stop = async (request: StopBlackoutRequest, principal: Principal, correlationId: string): Promise<BlackoutAnswer> => {
    const receiptMs = clock.now();
    const { source, idempotencyKey, inputHash, earlier } = await prepare('STOP_BLACKOUT', request, principal, {
      stop: understoodTime(request.stopAt, request.offset),
    });
    if (earlier) return replay(earlier);
    const given: GivenTime = { at: request.stopAt ?? null, offsetMs: request.offset ?? null };
    const stopsAtMs = effectiveMs(given, receiptMs, settings.clockSkewMs, { at: 'stopAt', offset: 'offset' });
    const { agent, addressedBy } = await findAgent(deps, request.agent, 'STOP_BLACKOUT');
    const [inForce] = await openBlackoutsOf(store, agent);
    const command: NewCommand = {
      operation: 'STOP_BLACKOUT',
      source: source.name,
      agent: agent.externalId,
      blackout: inForce?.id ?? null,
      requestedBy: principal.name,
      idempotencyKey,
      inputHash,
      input: {
        ...(given.at === null ? {} : { stopAt: given.at }),
        ...(given.offsetMs === null ? {} : { offsetMs: given.offsetMs }),
      },
    };
    const later = stopsAtMs > receiptMs;
    return underLock(
      agent,
      command,
      correlationId,
      async (operations, events) => {
        const [open] = await openBlackoutsOf(operations, agent);
        if (!open || isUndone(open) || open.id !== inForce?.id) {
          return new ExpectedError('NOT_BLACKED_OUT', 'The agent has no blackout, scheduled or in force; there is nothing to stop.');
        }
        if (later && open.state !== 'STOPPING') {
          return writeStop(operations, events, open, { stopsAt: instant(stopsAtMs) }, principal);
        }
        const unsent = open.state === 'SCHEDULED' && open.support === 'EMULATED' && epochMs(open.startsAt) > clock.now();
        const patch = unsent
          ? await steps.over(operations, events, open, 'cancel', 'OPERATOR')
          : open.state === 'STOPPING'
            ? {}
            : { state: stateAfter(open.state, 'stop'), stopsAt: instant(stopsAtMs), endedBy: 'OPERATOR' as const };
        return writeStop(operations, events, open, patch, principal);
      },
      async (blackout, hold) => {
        if (blackout.state === 'STOPPING') {
          retries.clear(blackout.id);
          await steps.unmask(blackout, source, hold, addressedBy);
        } else if (later && blackout.support === 'NATIVE')
          await passOn(blackout, source, { ...steps.masking.timesFor(given, stopsAtMs, false), addressedBy });
      },
    );
  };

  const writeStop = async (
    operations: StoreOperations,
    events: NewEvent[],
    open: Blackout,
    patch: Partial<Blackout>,
    principal: Principal,
  ): Promise<Blackout> => {
    const written = await writeBlackout(operations, open, patch, { at: instant(clock.now()), actor: principal.name });
    if (!written)
      throw new ExpectedError('CONFLICT', `Blackout ${open.id} changed while it was being stopped; try again.`, { retryable: true });
    events.push(written.event);
    return written.row;
  };

  /** Gives the vendor a stop that lies ahead. Where it takes none, the stop is ours to send when its time comes. */
  const passOn = async (blackout: Blackout, source: VendorSource, addressing: Addressing): Promise<void> => {
    try {
      await steps.masking.stopNative(source, blackout, addressing);
      await commit(deps, (operations, events) =>
        steps.settleCommands(operations, events, blackout.id, 'STOP_BLACKOUT', { status: 'ACCEPTED', final: false }),
      );
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error;
      deps.log.warn('blackout.stop.not-passed-on', { source: source.name, blackout: blackout.id, code: error.code });
    }
  };

  return { start, stop };
};
