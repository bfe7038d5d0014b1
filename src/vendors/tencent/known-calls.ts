import type { Call, VendorContext } from '../kit/index.ts';
import type { Snapshot } from './live.ts';
import type { ActiveSession } from './wire.ts';

const idOf = (session: ActiveSession): string => session.SessionID ?? session.SessionId ?? '';

/** A call that was only missing from one list was not reported as ended, and may come back. */
const hasRecord = ({ state, vendorState, legs }: Call): boolean =>
  state === 'ENDED' && (vendorState !== null || legs.some(({ endedAt }) => endedAt !== null));

/**
 * Without the calls whose record has come, to whichever server and however long ago: the vendor's list of live calls may still hold
 * them for a moment.
 */
export const withoutEnded = async (snapshot: Snapshot, known: VendorContext['known']): Promise<Snapshot> => {
  const sessions = snapshot.sessions ?? [];
  const notLive = [...new Set(sessions.map(idOf))].filter((id) => (known.call(id)?.state ?? 'ENDED') === 'ENDED');
  if (notLive.length === 0) return snapshot;
  const calls = await known.storedCalls(notLive);
  const ended = new Set(notLive.filter((_, index) => calls[index] && hasRecord(calls[index])));
  return { ...snapshot, sessions: sessions.filter((session) => !ended.has(idOf(session))) };
};
