/** Fields of a call detail record that several readers use. Pure. */
import { type CallDirection, type Instant, instant } from '../kit/index.ts';
import { agentIdOf } from './identity.ts';
import type { CallDetail } from './wire.ts';

export const instantOrNull = (epochMilliseconds: number | null): Instant | null =>
  epochMilliseconds === null || Math.abs(epochMilliseconds) > 8.64e15 ? null : instant(epochMilliseconds);

const directions: Record<number, CallDirection> = { 0: 'INBOUND', 1: 'OUTBOUND' };
const directionsByCallType: Record<number, CallDirection> = { 1: 'OUTBOUND', 2: 'INBOUND', 3: 'INBOUND', 5: 'OUTBOUND', 6: 'INTERNAL' };

export const directionOf = (detail: { Direction: number | null; CallType?: number | null }): CallDirection => {
  const byType = directionsByCallType[detail.CallType ?? -1];
  return byType === 'INTERNAL' ? byType : (directions[detail.Direction ?? -1] ?? byType ?? 'UNKNOWN');
};

/** In the order of `Sequence`, where it is given. */
export const participantsOf = (detail: CallDetail) =>
  [...detail.ServeParticipants].sort((left, right) => (left.Sequence ?? 0) - (right.Sequence ?? 0));

export const agentsOf = (detail: CallDetail): string[] => {
  const mails = [...participantsOf(detail).map(({ Mail }) => Mail), detail.SeatUser?.Mail ?? null];
  return [...new Set(mails.filter((mail) => mail !== null).map(agentIdOf))];
};

export const callerOf = (detail: CallDetail) => detail.Caller ?? detail.ProtectedCaller;
export const calledOf = (detail: CallDetail) => detail.Callee ?? detail.ProtectedCallee;
export const startOf = (detail: CallDetail) => detail.StartTimestamp ?? detail.Time;

export const customerOf = (detail: CallDetail) => (directionOf(detail) === 'OUTBOUND' ? calledOf(detail) : callerOf(detail));
