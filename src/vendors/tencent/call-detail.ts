/** Reads a call detail record. Pure. */
import { type CallDirection, type CallLeg, type Instant, instant, type MetadataEntry } from '../kit/index.ts';
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

const keysPressed = (keys: readonly { key: string | null; label: string | null }[]): string | null =>
  keys.map(({ key, label }) => (label === null ? key : key === null ? label : `${key} ${label}`)).join('; ') || null;

export const metadataOf = (detail: CallDetail): MetadataEntry[] => {
  const entries: [string, string | number | null][] = [
    ['EndStatusString', detail.EndStatusString],
    ['HungUpSide', detail.HungUpSide],
    ['CallType', detail.CallType],
    ['CallerLocation', detail.CallerLocation],
    ['IVRKeyPressed', keysPressed(detail.IVRKeyPressedEx.length > 0 ? detail.IVRKeyPressedEx : detail.IVRKeyPressed)],
    ['PostIVRKeyPressed', keysPressed(detail.PostIVRKeyPressed)],
    ['UUI', detail.UUI ?? detail.Uui],
    ['Remark', detail.UserRemark ?? detail.Remark],
  ];
  return entries.flatMap(([key, value]) => (value === null ? [] : [{ key, value: String(value) }]));
};

export const legsOf = (detail: CallDetail, direction: CallDirection): CallLeg[] => {
  const outside: CallLeg = {
    party: direction === 'INTERNAL' ? 'AGENT' : 'CUSTOMER',
    agent: null,
    endpoint: direction === 'OUTBOUND' ? calledOf(detail) : callerOf(detail),
    startedAt: instantOrNull(startOf(detail)),
    endedAt: instantOrNull(detail.EndedTimestamp),
  };
  const served = participantsOf(detail).map(
    (one): CallLeg => ({
      party: 'AGENT',
      agent: one.Mail && agentIdOf(one.Mail),
      endpoint: one.Phone ?? one.Mail,
      startedAt: instantOrNull(one.StartTimestamp),
      endedAt: instantOrNull(one.EndedTimestamp),
    }),
  );
  const seat = detail.SeatUser;
  const unlisted: CallLeg[] =
    seat?.Mail && served.length === 0
      ? [{ party: 'AGENT', agent: agentIdOf(seat.Mail), endpoint: seat.Phone ?? seat.Mail, startedAt: null, endedAt: null }]
      : [];
  // Without any side it would only take away the legs that are known.
  return outside.endpoint === null && served.length + unlisted.length === 0 ? [] : [outside, ...served, ...unlisted];
};
