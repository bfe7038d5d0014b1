/** The use case behind startBlackout. A row that is open already is started over where the agent may not be masked. */
import type { AgentReference } from '../control/context.ts';
import { findAddressee } from '../control/find-addressee.ts';
import type { Blackout, Instant } from '../model/entities.ts';
import type { BlackoutReason } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import { epochMs, instant } from '../model/instant.ts';
import type { Caller } from '../model/principal.ts';
import type { BlackoutContext, BlackoutTransaction } from './context.ts';
import { liveOf, startForCaller, withRunning } from './masking.ts';
import { requireNote } from './note.ts';
import { type BlackoutAnswer, busy, prepareRequest, runLocked } from './request.ts';
import { newBlackout, nowOf, sourceOf } from './row.ts';
import { startOver } from './start-over.ts';
import { deadlineMs, effectiveMs, type GivenTime, timeToSend, understoodTime } from './times.ts';
import { insertBlackout } from './write.ts';

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

/** Inserts a new row; of one that is sent now, with what runs noted, so that the stops can be sent as soon as it is committed. */
const openNew = async (transaction: BlackoutTransaction, row: Blackout): Promise<Blackout> => {
  const { clock, operations } = transaction;
  const isSentNow = row.support === 'EMULATED' && epochMs(row.startsAt) <= clock.now();
  const running = isSentNow ? withRunning(row, sourceOf(transaction, row), liveOf(transaction, row)) : null;
  const fresh = { ...row, ...running };
  if (!(await insertBlackout(operations, fresh, { at: nowOf(transaction), actor: row.requestedBy }))) throw busy(row.source);
  return fresh;
};

export const startBlackout = async (context: BlackoutContext, request: StartBlackoutRequest, caller: Caller): Promise<BlackoutAnswer> => {
  const { clock, settings, ids } = context;
  const receiptMs = clock.now();
  const note = requireNote(request.note);
  const reason = request.reason ?? 'OTHER';
  const understood = { start: understoodTime(request.startAt, request.offset), maxDurationMs: request.maxDuration, reason, note };
  const { agent: reference, idempotencyKey } = request;
  const prepared = await prepareRequest(context, { operation: 'START_BLACKOUT', agent: reference, idempotencyKey, understood }, caller);
  if (prepared.replay) return prepared.replay;
  const { source, requestedBy, correlationId } = prepared;
  const given: GivenTime = { at: request.startAt ?? null, offsetMs: request.offset ?? null };
  const startsAtMs = effectiveMs(given, { receiptMs, clockSkewMs: settings.clockSkewMs }, { at: 'startAt', offset: 'offset' });
  const maxMs = source.maxAgentBlackoutMs ?? settings.maxBlackoutMs;
  const endMs = deadlineMs({ startsAtMs, receiptMs, maxDurationMs: request.maxDuration ?? null, maxMs });
  const { agent, addressedBy } = await findAddressee(context, reference, 'START_BLACKOUT');
  const fresh = newBlackout({
    id: ids.next(),
    source: source.name,
    agent: agent.externalId,
    state: 'SCHEDULED',
    confirmation: 'PENDING',
    support: source.blackouts!.support,
    reason,
    note,
    requestedBy,
    requestedAt: instant(receiptMs),
    startsAt: instant(startsAtMs),
    deadline: instant(endMs),
  });

  return runLocked(context, prepared, {
    agent,
    newId: fresh.id,
    input: {
      startAt: given.at ?? undefined,
      offsetMs: given.offsetMs ?? undefined,
      maxDurationMs: request.maxDuration ?? undefined,
      reason,
      note,
    },
    open: async (transaction, row) => {
      if (row === null) return openNew(transaction, fresh);
      const isMasked = isSurelyMasked(row, source.blackouts?.confirmable ?? false) && !context.unwrittenStops.has(row.id);
      if (startsAtMs > clock.now() || isMasked) return alreadyBlackedOut(row);
      const deadline = epochMs(row.deadline) > endMs ? row.deadline : instant(endMs);
      return startOver(transaction, row, { deadline, requestedBy, correlationId });
    },
    work: async (row, before, lease) => {
      if (row.support !== 'NATIVE' && startsAtMs > clock.now()) return;
      const sent = timeToSend({ given, effectiveMs: startsAtMs, receiptMs }, clock.now());
      await startForCaller(context, { row, before, given: sent, addressedBy, lease, correlationId });
    },
  });
};
