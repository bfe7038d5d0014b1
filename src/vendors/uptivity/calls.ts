/** From the calls in the vendor's agents to observations of calls. */
import {
  type Agent,
  type Call,
  type CallDirection,
  type CallLeg,
  type CallState,
  epochMs,
  type Instant,
  instant,
  type Observation,
  type Recording,
} from '../kit/index.ts';
import { clocksApartMs, type TimeReader } from './local-time.ts';
import type { WireAgent, WireCall } from './wire.ts';

/** The context in which an answer is read. */
export interface ReadingContext {
  readTime: TimeReader;
  /** When the request was sent, in epoch ms. */
  asOfMs: number;
  /** The rows that are known. */
  known: {
    agent(externalId: string): Agent | null;
    call(externalId: string): Call | null;
    liveRecordings(agent: string): readonly Recording[];
  };
}

/** States that say more than the call's field does. `OnCall`, the only documented one, says less: the field shows which call is held. */
const callStates = new Map<string, CallState>(
  Object.entries({
    onhold: 'HELD',
    hold: 'HELD',
    held: 'HELD',
    park: 'HELD',
    parked: 'HELD',
    ringing: 'RINGING',
    alerting: 'RINGING',
  }),
);
export const stateOf = (call: WireCall, active: boolean): CallState =>
  callStates.get(call.CallState?.toLowerCase().replace(/[^a-z]/g, '') ?? '') ?? (active ? 'ACTIVE' : 'HELD');

const directions = new Map<string, CallDirection>(Object.entries({ I: 'INBOUND', O: 'OUTBOUND' }));

const metadataOf = (call: WireCall, key: string): string | null => {
  const value = call.Metadata.find((entry) => entry.key.toLowerCase() === key)?.value.trim();
  return value === undefined || value === '' ? null : value;
};

/** A call has begun by the time that it is first seen, where the clock that it goes by is a little ahead too. */
export const startOf = (call: WireCall, { readTime, asOfMs, known }: ReadingContext): Instant | null => {
  const text = metadataOf(call, 'starttime');
  const reported = text === null ? null : readTime(text, asOfMs);
  if (reported === null) return null;
  const before = known.call(call.CallInstance)?.startedAt;
  const isAhead = before != null && epochMs(reported) > epochMs(before) && epochMs(reported) - epochMs(before) <= clocksApartMs;
  return isAhead ? before : instant(Math.min(epochMs(reported), asOfMs));
};

export const callsOf = ({ ActiveCall, InactiveCalls }: WireAgent): readonly WireCall[] =>
  ActiveCall ? [ActiveCall, ...InactiveCalls] : InactiveCalls;

export interface CallPlace {
  call: WireCall;
  entries: readonly WireAgent[];
  active: boolean;
}

/** A call that several devices are in is one call: active where any of them is active in it, with a leg for each. */
export const placesOf = (entries: readonly WireAgent[]): ReadonlyMap<string, CallPlace> => {
  const places = new Map<string, CallPlace>();
  const add = (entry: WireAgent, call: WireCall, active: boolean) => {
    const place = places.get(call.CallInstance);
    places.set(call.CallInstance, {
      call: active || !place ? call : place.call,
      entries: [...(place?.entries ?? []).filter((other) => other !== entry), entry],
      active: active || (place?.active ?? false),
    });
  };
  for (const entry of entries) {
    if (entry.ActiveCall) add(entry, entry.ActiveCall, true);
    for (const call of entry.InactiveCalls) add(entry, call, false);
  }
  return places;
};

export const callObservation = ({ call, entries, active }: CallPlace, reading: ReadingContext): Observation => {
  const direction = directions.get(metadataOf(call, 'calldirection')?.toUpperCase() ?? '') ?? 'UNKNOWN';
  const caller = metadataOf(call, 'ani');
  const called = metadataOf(call, 'dnis');
  const startedAt = startOf(call, reading);
  const customer = { INBOUND: caller, OUTBOUND: called, INTERNAL: null, UNKNOWN: null }[direction];
  const legs: CallLeg[] = [
    ...entries.map(({ AgentId, AgentPhone }) => ({
      party: 'AGENT' as const,
      agent: AgentId,
      endpoint: AgentPhone,
      startedAt: null,
      endedAt: null,
    })),
    { party: 'CUSTOMER', agent: null, endpoint: customer, startedAt, endedAt: null },
  ];
  return {
    type: 'call',
    call: {
      externalId: call.CallInstance,
      state: stateOf(call, active),
      vendorState: call.CallState,
      direction,
      caller,
      called,
      queue: metadataOf(call, 'gate'),
      startedAt,
      // The vendor's endtime equals its starttime while the call lives, and a call that has ended is not shown at all.
      endedAt: null,
      answeredAt: null,
      legs,
      agents: [...new Set(entries.map(({ AgentId }) => AgentId))],
      metadata: call.Metadata,
    },
  };
};

/** Of an answer's calls, how many have a start that cannot be read or lies ahead. */
export const unreadableTimes = (entries: readonly WireAgent[], reading: ReadingContext): number =>
  entries.flatMap(callsOf).filter((call) => metadataOf(call, 'starttime') !== null && startOf(call, reading) === null).length;
