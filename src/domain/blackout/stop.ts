/** The use case behind stopBlackout. */
import { commit } from '../control/commit.ts';
import type { AgentReference } from '../control/context.ts';
import { findAgent } from '../control/find-agent.ts';
import type { Blackout, Instant } from '../model/entities.ts';
import { ExpectedError } from '../model/errors.ts';
import { epochMs, instant } from '../model/instant.ts';
import type { Principal } from '../model/principal.ts';
import type { VendorSource } from '../ports/vendor.ts';
import type { BlackoutContext } from './context.ts';
import { finish, move, nowOf, resolveCommands, writeBlackout } from './repository.ts';
import { type BlackoutAnswer, isRolledBack, prepareRequest, runLocked } from './request.ts';
import { effectiveMs, type GivenTime, timeToSend, understoodTime } from './times.ts';
import { unmask } from './unmasking.ts';
import { stopUnwritten } from './unwritten-stop.ts';
import { type Addressing, stopNative, timesFor } from './vendor-commands.ts';

/** Named as in the contract; `offset` is milliseconds. */
export interface StopBlackoutRequest {
  agent: AgentReference;
  stopAt?: Instant | null;
  offset?: number | null;
  idempotencyKey?: string | null;
}

/** Where the stop cannot be written down, it is sent all the same. */
export const stopBlackout = async (
  context: BlackoutContext,
  request: StopBlackoutRequest,
  principal: Principal,
  correlationId: string,
): Promise<BlackoutAnswer> => {
  try {
    return await writeAndStop(context, request, principal, correlationId);
  } catch (error) {
    const isNow = request.stopAt == null && !request.offset;
    if (error instanceof ExpectedError || !isNow) throw error;
    throw (await stopUnwritten(context, request.agent, principal.name)) ?? error;
  }
};

const writeAndStop = async (
  context: BlackoutContext,
  request: StopBlackoutRequest,
  principal: Principal,
  correlationId: string,
): Promise<BlackoutAnswer> => {
  const { clock, settings, store, retries } = context;
  const receiptMs = clock.now();
  const { source, idempotencyKey, inputHash, replay } = await prepareRequest(
    context,
    'STOP_BLACKOUT',
    request,
    { principal, correlationId },
    {
      stop: understoodTime(request.stopAt, request.offset),
    },
  );
  if (replay) return replay;
  const given: GivenTime = { at: request.stopAt ?? null, offsetMs: request.offset ?? null };
  const stopsAtMs = effectiveMs(given, receiptMs, settings.clockSkewMs, { at: 'stopAt', offset: 'offset' });
  const isLater = stopsAtMs > receiptMs;
  const { agent, addressedBy } = await findAgent(context, request.agent, 'STOP_BLACKOUT');
  const meant = await store.blackouts.openOf(agent);
  return runLocked(context, {
    agent,
    correlationId,
    command: {
      operation: 'STOP_BLACKOUT',
      source: source.name,
      agent: agent.externalId,
      requestedBy: principal.name,
      idempotencyKey,
      inputHash,
      input: {
        ...(given.at === null ? {} : { stopAt: given.at }),
        ...(given.offsetMs === null ? {} : { offsetMs: given.offsetMs }),
      },
    },
    open: async (operations, events, row) => {
      if (row === null || isRolledBack(row) || row.id !== meant?.id) {
        return new ExpectedError('NOT_BLACKED_OUT', 'The agent has no scheduled or active blackout to stop.');
      }
      const isUnsent = row.state === 'SCHEDULED' && row.support === 'EMULATED' && epochMs(row.startsAt) > clock.now();
      const patch: Partial<Blackout> =
        isLater && row.state !== 'STOPPING'
          ? { stopsAt: instant(stopsAtMs) }
          : isUnsent
            ? await finish(context, operations, events, row, { by: 'cancel', endedBy: 'OPERATOR' })
            : row.state === 'STOPPING'
              ? {}
              : { ...move(row, 'stop'), stopsAt: instant(stopsAtMs), endedBy: 'OPERATOR' };
      const written = await writeBlackout(context, operations, row, patch, { at: nowOf(context), actor: principal.name });
      if (!written)
        throw new ExpectedError('CONFLICT', `Blackout ${row.id} changed while it was being stopped; try again.`, { retryable: true });
      events.push(written.event);
      return written.row;
    },
    work: async (blackout, _before, lease) => {
      if (blackout.state === 'STOPPING') {
        retries.clear(blackout.id);
        await unmask(context, blackout, source, lease, addressedBy);
      } else if (isLater && blackout.support === 'NATIVE') {
        const sent = timeToSend(given, stopsAtMs, receiptMs, clock.now());
        await passOn(context, blackout, source, { ...timesFor(sent, stopsAtMs, false), addressedBy });
      }
    },
  });
};

/** Gives the vendor a stop that lies ahead. Where it takes none, the stop is ours to send when its time comes. */
const passOn = async (context: BlackoutContext, blackout: Blackout, source: VendorSource, addressing: Addressing): Promise<void> => {
  try {
    await stopNative(context, source, blackout, addressing);
    await commit(context, (operations, events) =>
      resolveCommands(context, operations, events, blackout.id, ['STOP_BLACKOUT'], { status: 'ACCEPTED', final: false }),
    );
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    context.log.warn('the recorder did not accept a later stop of a blackout; this server sends it when it is due', {
      source: source.name,
      blackout: blackout.id,
      code: error.code,
    });
  }
};
