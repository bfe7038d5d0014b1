/** The use case behind stopBlackout. */

import { commit } from '../commit.ts';
import type { AgentReference } from '../control/context.ts';
import { findAddressee } from '../control/find-addressee.ts';
import type { Blackout, Instant } from '../model/entities.ts';
import { ExpectedError } from '../model/errors.ts';
import { epochMs, instant } from '../model/instant.ts';
import type { Caller } from '../model/principal.ts';
import { finish, resolveStops } from './commands.ts';
import type { BlackoutContext, BlackoutTransaction } from './context.ts';
import { type BlackoutAnswer, isRolledBack, prepareRequest, runLocked } from './request.ts';
import { move, nowOf } from './row.ts';
import { effectiveMs, type GivenTime, timeToSend, understoodTime } from './times.ts';
import { unmask } from './unmasking.ts';
import { stopUnwritten } from './unwritten-stop.ts';
import { type Addressing, stopNative, timesFor } from './vendor-commands.ts';
import { writeBlackout } from './write.ts';

/** Named as in the contract; `offset` is milliseconds. */
export interface StopBlackoutRequest {
  agent: AgentReference;
  stopAt?: Instant | null;
  offset?: number | null;
  idempotencyKey?: string | null;
}

/** Where the stop cannot be written down, it is sent all the same. */
export const stopBlackout = async (context: BlackoutContext, request: StopBlackoutRequest, caller: Caller): Promise<BlackoutAnswer> => {
  try {
    return await writeAndStop(context, request, caller);
  } catch (error) {
    const isNow = request.stopAt == null && !request.offset;
    if (error instanceof ExpectedError || !isNow) throw error;
    throw (await stopUnwritten(context, request.agent, caller.principal.name)) ?? error;
  }
};

const writeAndStop = async (context: BlackoutContext, request: StopBlackoutRequest, caller: Caller): Promise<BlackoutAnswer> => {
  const { clock, settings, store, retries } = context;
  const receiptMs = clock.now();
  const understood = { stop: understoodTime(request.stopAt, request.offset) };
  const { agent: reference, idempotencyKey } = request;
  const prepared = await prepareRequest(context, { operation: 'STOP_BLACKOUT', agent: reference, idempotencyKey, understood }, caller);
  if (prepared.replay) return prepared.replay;
  const { requestedBy } = prepared;
  const given: GivenTime = { at: request.stopAt ?? null, offsetMs: request.offset ?? null };
  const stopsAtMs = effectiveMs(given, { receiptMs, clockSkewMs: settings.clockSkewMs }, { at: 'stopAt', offset: 'offset' });
  const isLater = stopsAtMs > receiptMs;
  const { agent, addressedBy } = await findAddressee(context, reference, 'STOP_BLACKOUT');
  // Read beside the wait for the lease, and as the request came.
  const meant = store.blackouts.openOf(agent);
  meant.catch(() => undefined);

  const patchOf = async (transaction: BlackoutTransaction, row: Blackout): Promise<Partial<Blackout>> => {
    const isUnsent = row.state === 'SCHEDULED' && row.support === 'EMULATED' && epochMs(row.startsAt) > clock.now();
    if (row.state === 'STOPPING') return {};
    if (isLater) return { stopsAt: instant(stopsAtMs) };
    if (isUnsent) return finish(transaction, row, { by: 'cancel', endedBy: 'OPERATOR' });
    return { ...move(row, 'stop'), stopsAt: instant(stopsAtMs), endedBy: 'OPERATOR' };
  };

  return runLocked(context, prepared, {
    agent,
    input: { stopAt: given.at ?? undefined, offsetMs: given.offsetMs ?? undefined },
    open: async (transaction, row, state) => {
      if (row === null || isRolledBack(row) || row.id !== (await meant)?.id) {
        return new ExpectedError('NOT_BLACKED_OUT', 'The agent has no scheduled or active blackout to stop.');
      }
      const patch = await patchOf(transaction, row);
      const circumstance = { at: nowOf(context), actor: requestedBy, state: await state };
      const written = await writeBlackout(transaction, { before: row, patch }, circumstance);
      if (written !== null) return written;
      throw new ExpectedError('CONFLICT', `Blackout ${row.id} changed while it was being stopped; try again.`, { retryable: true });
    },
    work: async (blackout, _before, lease) => {
      if (blackout.state === 'STOPPING') {
        retries.delete(blackout.id);
        await unmask(context, blackout, { lease, addressedBy });
      } else if (isLater && blackout.support === 'NATIVE') {
        const sent = timeToSend({ given, effectiveMs: stopsAtMs, receiptMs }, clock.now());
        await passOn(context, blackout, { ...timesFor(sent, stopsAtMs, false), addressedBy });
      }
    },
  });
};

/** Gives the vendor a stop that lies ahead. Where it takes none, the stop is ours to send when its time comes. */
const passOn = async (context: BlackoutContext, row: Blackout, addressing: Addressing): Promise<void> => {
  try {
    await stopNative(context, row, addressing);
    await commit(context, (transaction) => resolveStops(transaction, row.id, { status: 'ACCEPTED', final: false }));
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    context.log.warn('the recorder did not accept a later stop of a blackout; this server sends it when it is due', {
      source: row.source,
      blackout: row.id,
      code: error.code,
    });
  }
};
