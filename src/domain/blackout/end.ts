import type { Blackout, ControlCommand } from '../model/entities.ts';
import { epochMs, epochMsOrNull } from '../model/instant.ts';
import { serverActor } from '../model/principal.ts';
import { finish, openOwnCommand, openStopsOf } from './commands.ts';
import type { BlackoutContext, BlackoutTransaction, UnwrittenStop } from './context.ts';
import { laterStartOf, move, nowOf } from './row.ts';
import { changeBlackout } from './write.ts';

/** Tells in the audit trail that the vendor took the stop before it could be written down. */
const noteUnwritten = (transaction: BlackoutTransaction, row: Blackout, { sentAt, requestedBy }: UnwrittenStop): Promise<void> =>
  transaction.operations.audit.append([
    {
      at: nowOf(transaction),
      actor: requestedBy ?? serverActor,
      action: 'blackout.stop.sent-unwritten',
      subject: { blackout: row.id, source: row.source, agent: row.agent, sentAt },
    },
  ]);

/** The stop time or the deadline has come, or there is room to write down an operator's stop. Returns the row where it was changed. */
export const end = async (context: BlackoutContext, row: Blackout, by: 'OPERATOR' | 'SCHEDULE' | 'DEADLINE'): Promise<Blackout | null> => {
  const nothingSent = row.state === 'SCHEDULED' && row.support === 'EMULATED' && epochMs(row.startsAt) > context.clock.now();
  const ended = await changeBlackout(context, row, async (transaction, before) => {
    if (before.state !== row.state) return null;
    const stops = await openStopsOf(transaction.operations, row.id);
    if (nothingSent) return finish(transaction, before, { by: 'cancel', endedBy: by });
    // A start that was sent again since may have made the vendor forget the stop.
    const startedMs = epochMsOrNull(before.acceptedAt ?? null);
    const isHeld = ({ status, acceptedAt }: ControlCommand) =>
      status === 'ACCEPTED' && startedMs !== null && epochMs(acceptedAt!) > startedMs;
    const heldByVendor = stops.some(isHeld) && laterStartOf(context, before) === null;
    if (by === 'SCHEDULE' && before.support === 'NATIVE' && before.state === 'ACTIVE' && heldByVendor) {
      const at = before.stopsAt ?? nowOf(context);
      return finish(transaction, before, { by: 'expired', endedBy: by, at });
    }
    const unwritten = context.unwrittenStops.get(row.id);
    if (unwritten !== undefined) await noteUnwritten(transaction, row, unwritten);
    if (!stops.some(({ status }) => status === 'PENDING')) {
      await openOwnCommand(transaction, row, { operation: 'STOP_BLACKOUT', because: by, more: unwritten && { ...unwritten } });
    }
    const stopsAt = by === 'OPERATOR' && unwritten ? unwritten.sentAt : before.stopsAt;
    return { ...move(before, 'stop'), endedBy: by, stopsAt };
  });
  context.retries.delete(row.id);
  return ended;
};
