/** The use case behind startBlackout. A row that is open already is started over where the agent may not be masked. */
import type { AgentReference } from '../control/context.ts';
import { findAgent } from '../control/find-agent.ts';
import { problemData } from '../control/problems.ts';
import type { Blackout, Instant } from '../model/entities.ts';
import type { BlackoutReason } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import { epochMs, instant } from '../model/instant.ts';
import type { Principal } from '../model/principal.ts';
import type { NewEvent } from '../observe/observation-result.ts';
import type { StoreOperations } from '../ports/store.ts';
import type { BlackoutContext } from './context.ts';
import { startForCaller } from './masking.ts';
import { requireNote } from './note.ts';
import { type Circumstance, insertBlackout, move, newBlackout, nowOf, resolveCommands, writeBlackout } from './repository.ts';
import { type BlackoutAnswer, busy, prepareRequest, runLocked } from './request.ts';
import { deadlineMs, effectiveMs, type GivenTime, timeToSend, understoodTime } from './times.ts';

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

const alreadyBlackedOut = (other: Blackout) =>
  new ExpectedError(
    'ALREADY_BLACKED_OUT',
    `The agent has blackout ${other.id} already, ${other.state === 'SCHEDULED' ? `scheduled for ${other.startsAt}` : `in state ${other.state} since ${other.startsAt}`}; renew it, stop it, or wait for its deadline ${other.deadline}.`,
  );

/** Returns true if the vendor is known to mask the agent, as far as it can be known. */
const isSurelyMasked = (row: Blackout, isConfirmable: boolean): boolean =>
  row.state === 'ACTIVE' &&
  row.confirmation !== 'PENDING' &&
  (row.confirmation === 'CONFIRMED' || !isConfirmable) &&
  !row.exposures.some(({ recording, endsAt }) => endsAt === null && row.ran?.includes(recording ?? '')) &&
  !row.warnings.some(({ warning }) => warning === 'MASK_LOST' || (warning === 'UNCONFIRMED' && row.confirmation !== 'CONFIRMED'));

/** Calls off the stop of a row that is STOPPING, which the vendor has not accepted. */
export const callOffStop = async (
  context: BlackoutContext,
  operations: StoreOperations,
  events: NewEvent[],
  row: Blackout,
  correlationId: string,
): Promise<void> => {
  if (row.state !== 'STOPPING') return;
  const calledOff = new ExpectedError('CONFLICT', `Blackout ${row.id} was started again before the vendor accepted this stop.`);
  const problem = problemData(calledOff, correlationId);
  await resolveCommands(context, operations, events, row.id, ['STOP_BLACKOUT'], { status: 'FAILED', problem });
};

/** Since when a row that is STOPPING may be unmasked: its stop may have landed although the vendor did not say so. */
const unmaskedSince = ({ endedBy, stopsAt, deadline, startsAt }: Blackout, now: Instant): Instant => {
  const since = endedBy === null ? startsAt : endedBy === 'DEADLINE' ? deadline : (stopsAt ?? now);
  return epochMs(since) < epochMs(now) ? since : now;
};

/** Returns an open row as it is when it is in force from now on. */
export const startedOver = (row: Blackout, now: Instant, deadline: Instant): Partial<Blackout> => {
  const isAhead = row.state !== 'ACTIVE' && epochMs(row.startsAt) > epochMs(now);
  return {
    ...(isAhead ? { startsAt: now, ...(row.support === 'NATIVE' ? { heldStartAt: row.startsAt } : {}) } : {}),
    ...(row.state === 'SCHEDULED' ? { confirmation: 'PENDING' as const } : {}),
    ...(row.state === 'STOPPING'
      ? {
          ...move(row, 'restart'),
          stopsAt: null,
          endedBy: null,
          confirmation: 'PENDING' as const,
          acceptedAt: null,
          ...(row.support === 'NATIVE' ? { unmasked: [...(row.unmasked ?? []), { startsAt: unmaskedSince(row, now), endsAt: null }] } : {}),
        }
      : {}),
    sentAt: now,
    deadline,
  };
};

export const startBlackout = async (
  context: BlackoutContext,
  request: StartBlackoutRequest,
  principal: Principal,
  correlationId: string,
): Promise<BlackoutAnswer> => {
  const { clock, settings, ids } = context;
  const receiptMs = clock.now();
  const note = requireNote(request.note);
  const { source, idempotencyKey, inputHash, replay } = await prepareRequest(
    context,
    'START_BLACKOUT',
    request,
    { principal, correlationId },
    {
      start: understoodTime(request.startAt, request.offset),
      maxDurationMs: request.maxDuration,
      reason: request.reason ?? 'OTHER',
      note,
    },
  );
  if (replay) return replay;
  const given: GivenTime = { at: request.startAt ?? null, offsetMs: request.offset ?? null };
  const startsAtMs = effectiveMs(given, receiptMs, settings.clockSkewMs, { at: 'startAt', offset: 'offset' });
  const maxMs = source.maxAgentBlackoutMs ?? settings.maxBlackoutMs;
  const endMs = deadlineMs(startsAtMs, receiptMs, request.maxDuration ?? null, maxMs);
  const { agent, addressedBy } = await findAgent(context, request.agent, 'START_BLACKOUT');
  const id = ids.next();
  const reason = request.reason ?? 'OTHER';

  /** Opens a new row, or starts the open one over. */
  const open = async (operations: StoreOperations, events: NewEvent[], row: Blackout | null): Promise<Blackout | ExpectedError> => {
    const circumstance: Circumstance = { at: nowOf(context), actor: principal.name };
    if (row === null) {
      const fresh = newBlackout({
        id,
        source: source.name,
        agent: agent.externalId,
        state: 'SCHEDULED',
        confirmation: 'PENDING',
        support: source.blackouts!.support,
        reason,
        note,
        requestedBy: principal.name,
        requestedAt: instant(receiptMs),
        startsAt: instant(startsAtMs),
        deadline: instant(endMs),
      });
      const event = await insertBlackout(operations, fresh, circumstance);
      if (event === null) throw busy(agent);
      events.push(event);
      return fresh;
    }
    const isConfirmable = source.blackouts?.confirmable ?? false;
    const isMasked = isSurelyMasked(row, isConfirmable) && !context.unwrittenStops.has(row.id);
    if (startsAtMs > clock.now() || isMasked) return alreadyBlackedOut(row);
    const deadline = epochMs(row.deadline) > endMs ? row.deadline : instant(endMs);
    await callOffStop(context, operations, events, row, correlationId);
    const written = await writeBlackout(context, operations, row, startedOver(row, circumstance.at, deadline), circumstance);
    if (!written) throw busy(agent);
    events.push(written.event);
    context.retries.clear(row.id);
    context.unwrittenStops.delete(row.id);
    return written.row;
  };

  return runLocked(context, {
    agent,
    correlationId,
    newId: id,
    command: {
      operation: 'START_BLACKOUT',
      source: source.name,
      agent: agent.externalId,
      requestedBy: principal.name,
      idempotencyKey,
      inputHash,
      input: {
        ...(given.at === null ? {} : { startAt: given.at }),
        ...(given.offsetMs === null ? {} : { offsetMs: given.offsetMs }),
        ...(request.maxDuration == null ? {} : { maxDurationMs: request.maxDuration }),
        reason,
        note,
      },
    },
    open,
    work: async (blackout, before, lease) => {
      if (blackout.support === 'NATIVE' || startsAtMs <= clock.now()) {
        const sent = timeToSend(given, startsAtMs, receiptMs, clock.now());
        await startForCaller(context, { row: blackout, before, source, given: sent, addressedBy, lease, correlationId });
      }
    },
  });
};
