/** The use case behind renewBlackout: sends the start again, for a recorder that may have lost it, and moves the deadline. */
import type { AgentReference } from '../control/context.ts';
import { findAgent } from '../control/find-agent.ts';
import type { Blackout } from '../model/entities.ts';
import { ExpectedError } from '../model/errors.ts';
import { epochMs, instant } from '../model/instant.ts';
import type { Principal } from '../model/principal.ts';
import type { BlackoutContext } from './context.ts';
import { startForCaller } from './masking.ts';
import { nowOf, writeBlackout } from './repository.ts';
import { type BlackoutAnswer, busy, isRolledBack, prepareRequest, runLocked } from './request.ts';
import { callOffStop, startedOver } from './start.ts';
import { deadlineMs } from './times.ts';

/** Named as in the contract; `maxDuration` is milliseconds from now. */
export interface RenewBlackoutRequest {
  agent: AgentReference;
  maxDuration?: number | null;
  idempotencyKey?: string | null;
}

const notInForce = (row: Blackout | null) =>
  new ExpectedError(
    'NOT_BLACKED_OUT',
    row === null
      ? 'The agent has no blackout to renew; start one.'
      : `Blackout ${row.id} is not in force yet and cannot be renewed; start it now, or wait until ${row.startsAt}.`,
  );

export const renewBlackout = async (
  context: BlackoutContext,
  request: RenewBlackoutRequest,
  principal: Principal,
  correlationId: string,
): Promise<BlackoutAnswer> => {
  const { clock, settings } = context;
  const receiptMs = clock.now();
  const { source, idempotencyKey, inputHash, replay } = await prepareRequest(
    context,
    'RENEW_BLACKOUT',
    request,
    { principal, correlationId },
    {
      maxDurationMs: request.maxDuration,
    },
  );
  if (replay) return replay;
  const maxMs = source.maxAgentBlackoutMs ?? settings.maxBlackoutMs;
  const deadline = instant(deadlineMs(receiptMs, receiptMs, request.maxDuration ?? null, maxMs));
  const { agent, addressedBy } = await findAgent(context, request.agent, 'RENEW_BLACKOUT');
  return runLocked(context, {
    agent,
    correlationId,
    command: {
      operation: 'RENEW_BLACKOUT',
      source: source.name,
      agent: agent.externalId,
      requestedBy: principal.name,
      idempotencyKey,
      inputHash,
      input: request.maxDuration == null ? {} : { maxDurationMs: request.maxDuration },
    },
    open: async (operations, events, row) => {
      if (row === null || isRolledBack(row) || (row.state === 'SCHEDULED' && epochMs(row.startsAt) > clock.now())) return notInForce(row);
      await callOffStop(context, operations, events, row, correlationId);
      const at = nowOf(context);
      const written = await writeBlackout(context, operations, row, startedOver(row, at, deadline), { at, actor: principal.name });
      if (!written) throw busy(agent);
      events.push(written.event);
      context.retries.clear(row.id);
      context.unwrittenStops.delete(row.id);
      return written.row;
    },
    work: (row, before, lease) =>
      startForCaller(context, { row, before, source, given: { at: null, offsetMs: null }, addressedBy, lease, correlationId }),
  });
};
