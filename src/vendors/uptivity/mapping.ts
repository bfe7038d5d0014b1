/** From the vendor's agents to observations. */
import {
  type Agent,
  type AgentDevice,
  type AgentSnapshot,
  type AgentStatus,
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
import { recordingsOf } from './recordings.ts';
import type { WireAgent, WireCall } from './wire.ts';

/** The context in which an answer is read. */
export interface Reading {
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

/** One agent, with an entry for each device that the vendor lists it at, in the vendor's order. */
export interface ListedAgent {
  id: string;
  entries: readonly [WireAgent, ...WireAgent[]];
}

/** The vendor may list an id more than once, one entry a device, as its own sample does. They are one agent. */
export const agentsIn = (entries: readonly WireAgent[]): readonly ListedAgent[] =>
  [...Map.groupBy(entries, ({ AgentId }) => AgentId)].map(([id, group]) => ({ id, entries: group as [WireAgent, ...WireAgent[]] }));

/** States that say more than the call's field does. `OnCall`, the only documented one, says less: the field shows which call is held. */
const callStates: Readonly<Record<string, CallState>> = {
  onhold: 'HELD',
  hold: 'HELD',
  held: 'HELD',
  park: 'HELD',
  parked: 'HELD',
  ringing: 'RINGING',
  alerting: 'RINGING',
};
const stateOf = (call: WireCall, active: boolean): CallState =>
  callStates[call.CallState?.toLowerCase().replace(/[^a-z]/g, '') ?? ''] ?? (active ? 'ACTIVE' : 'HELD');

const statusOf = (active: WireCall | null, hasOthers: boolean): AgentStatus => {
  if (active === null) return hasOthers ? 'ON_HOLD' : 'IDLE';
  const state = stateOf(active, true);
  return state === 'RINGING' ? 'RINGING' : state === 'HELD' ? 'ON_HOLD' : 'ON_CALL';
};
const directions: Readonly<Record<string, CallDirection>> = { I: 'INBOUND', O: 'OUTBOUND' };

const metadataOf = (call: WireCall, key: string): string | null => {
  const value = call.Metadata.find((entry) => entry.key.toLowerCase() === key)?.value.trim();
  return value === undefined || value === '' ? null : value;
};

/** A call has begun by the time that it is first seen, where the clock that it goes by is a little ahead too. */
const startOf = (call: WireCall, { readTime, asOfMs, known }: Reading): Instant | null => {
  const text = metadataOf(call, 'starttime');
  const told = text === null ? null : readTime(text, asOfMs);
  if (told === null) return null;
  const before = known.call(call.CallInstance)?.startedAt;
  const isAhead = before != null && epochMs(told) > epochMs(before) && epochMs(told) - epochMs(before) <= clocksApartMs;
  return isAhead ? before : instant(Math.min(epochMs(told), asOfMs));
};

const callsOf = ({ ActiveCall, InactiveCalls }: WireAgent): readonly WireCall[] =>
  ActiveCall ? [ActiveCall, ...InactiveCalls] : InactiveCalls;

interface CallPlace {
  call: WireCall;
  entries: readonly WireAgent[];
  active: boolean;
}

/** A call that several devices are in is one call: active where any of them is active in it, with a leg for each. */
const placesOf = (entries: readonly WireAgent[]): ReadonlyMap<string, CallPlace> => {
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

const callObservation = ({ call, entries, active }: CallPlace, reading: Reading): Observation => {
  const direction = directions[metadataOf(call, 'calldirection')?.toUpperCase() ?? ''] ?? 'UNKNOWN';
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

/** How much goes on at an entry; most of all the call that was the agent's active one before, so that two of them take no turns. */
const weight = ({ ActiveCall, InactiveCalls, DesktopOnlySessions }: WireAgent, activeBefore: string | null) =>
  (ActiveCall ? (ActiveCall.CallInstance === activeBefore ? 8 : 4) : 0) +
  (InactiveCalls.length > 0 ? 2 : 0) +
  (DesktopOnlySessions.length > 0 ? 1 : 0);

const deviceOf = ({ AgentPhone, DeviceId, DeviceAlias, SystemUsername }: WireAgent): AgentDevice => ({
  phone: AgentPhone,
  deviceId: DeviceId,
  deviceAlias: DeviceAlias,
  systemUsername: SystemUsername,
});

/** Described by the entry where most goes on (the first of equals), with the calls and desktop sessions of all. */
const agentSnapshotOf = ({ id, entries }: ListedAgent, places: ReadonlyMap<string, CallPlace>, reading: Reading): AgentSnapshot => {
  const { known, asOfMs } = reading;
  const activeBefore = known.agent(id)?.activeCall ?? null;
  const [chief, ...others] = entries.toSorted((left, right) => weight(right, activeBefore) - weight(left, activeBefore)) as [
    WireAgent,
    ...WireAgent[],
  ];
  const calls = [...new Map([chief, ...others].flatMap(callsOf).map((call) => [call.CallInstance, call])).values()];
  const callIds = calls.map(({ CallInstance }) => CallInstance);
  const active = chief.ActiveCall?.CallInstance ?? null;
  const running = known.liveRecordings(id);
  const recordings = recordingsOf(
    id,
    calls,
    entries.flatMap(({ DesktopOnlySessions }) => DesktopOnlySessions),
    {
      startOf: (call) => startOf(call, reading),
      isKnownCall: (call) => known.call(call) !== null,
      isKnownAgent: known.agent(id) !== null,
      isKnownRecording: (recording) => running.some(({ externalId, formerId }) => externalId === recording || formerId === recording),
      standIns: running.flatMap(({ kind, call, externalId, formerId }) => {
        const standIn = formerId ?? externalId;
        return kind === 'SCREEN' && call === null && standIn.startsWith('desktop:') ? [standIn] : [];
      }),
      asOfMs,
    },
  );
  return {
    agent: id,
    observations: [
      {
        type: 'agent',
        agent: {
          externalId: id,
          phone: chief.AgentPhone,
          username: chief.Username,
          systemUsername: chief.SystemUsername,
          crmUsername: chief.CrmUsername,
          deviceId: chief.DeviceId,
          deviceAlias: chief.DeviceAlias,
          devices: entries.map(deviceOf),
          businessUnit: chief.BusinessUnit,
          status: statusOf(chief.ActiveCall, calls.length > 0),
          vendorStatus: calls[0]?.CallState ?? null,
          activeCall: active,
          inactiveCalls: callIds.filter((call) => call !== active),
          desktopRecordings: recordings.desktop.map(({ externalId }) => externalId),
        },
      },
      ...callIds.map((call) => callObservation(places.get(call)!, reading)),
      ...recordings.all.map((recording): Observation => ({ type: 'recording', recording, resumed: 'shown' })),
      {
        type: 'liveness',
        agent: id,
        calls: callIds,
        recordings: recordings.all.filter(({ state }) => state !== 'STOPPED').map(({ externalId }) => externalId),
      },
    ],
  };
};

/** One snapshot an agent, in the vendor's order, as one answer shows them. */
export const agentSnapshotsOf = (entries: readonly WireAgent[], reading: Reading): readonly AgentSnapshot[] => {
  const places = placesOf(entries);
  return agentsIn(entries).map((agent) => agentSnapshotOf(agent, places, reading));
};

/** Of an answer's calls, how many have a start that cannot be read or lies ahead. */
export const unreadableTimes = (entries: readonly WireAgent[], reading: Reading): number =>
  entries.flatMap(callsOf).filter((call) => metadataOf(call, 'starttime') !== null && startOf(call, reading) === null).length;
