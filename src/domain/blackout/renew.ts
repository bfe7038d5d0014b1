/** The use case behind renewBlackout: sends the start again, for a recorder that may have lost it, and moves the deadline. */
import type { AgentReference } from '../control/context.ts';
import { findAddressee } from '../control/find-addressee.ts';
import type { Blackout } from '../model/entities.ts';
import { ExpectedError } from '../model/errors.ts';
import { epochMs, instant } from '../model/instant.ts';
import type { Caller } from '../model/principal.ts';
import type { BlackoutContext } from './context.ts';
import { startForCaller } from './masking.ts';
import { type BlackoutAnswer, isRolledBack, prepareRequest, runLocked } from './request.ts';
import { startOver } from './start-over.ts';
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

export const renewBlackout = async (context: BlackoutContext, request: RenewBlackoutRequest, caller: Caller): Promise<BlackoutAnswer> => {
  const { clock, settings } = context;
  const receiptMs = clock.now();
  const understood = { maxDurationMs: request.maxDuration };
  const { agent: reference, idempotencyKey } = request;
  const prepared = await prepareRequest(context, { operation: 'RENEW_BLACKOUT', agent: reference, idempotencyKey, understood }, caller);
  if (prepared.replay) return prepared.replay;
  const { source, requestedBy, correlationId } = prepared;
  const maxMs = source.maxAgentBlackoutMs ?? settings.maxBlackoutMs;
  const deadline = instant(deadlineMs({ startsAtMs: receiptMs, receiptMs, maxDurationMs: request.maxDuration ?? null, maxMs }));
  const { agent, addressedBy } = await findAddressee(context, reference, 'RENEW_BLACKOUT');
  return runLocked(context, prepared, {
    agent,
    input: { maxDurationMs: request.maxDuration ?? undefined },
    open: async (transaction, row) => {
      if (row === null || isRolledBack(row) || (row.state === 'SCHEDULED' && epochMs(row.startsAt) > clock.now())) return notInForce(row);
      return startOver(transaction, row, { deadline, requestedBy, correlationId });
    },
    work: (row, before, lease) =>
      startForCaller(context, { row, before, given: { at: null, offsetMs: null }, addressedBy, lease, correlationId }),
  });
};
