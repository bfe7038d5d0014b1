/** From the vendor's agents to observations. */
import type { AgentSnapshot, AgentStatus, CallDirection, CallLeg, CallState, Instant, Observation } from '../kit/index.ts';
import { recordingsOf } from './recordings.ts';
import type { WireAgent, WireCall } from './wire.ts';

/** What reading an answer takes besides the answer. */
export interface Reading {
  /** Reads a time of the vendor; null for what is none. */
  readTime: (text: string) => Instant | null;
  /** When the vendor was asked, in epoch ms. */
  asOfMs: number;
  /** Ids made up here for screen recordings without a call that still run at an agent. */
  desktopStandIns: (agent: string) => readonly string[];
}

/** Words that tell more than the call's place does. `OnCall`, the only documented one, tells less: the place says which call is held. */
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

const statusOf = ({ ActiveCall, InactiveCalls }: WireAgent): AgentStatus => {
  if (ActiveCall === null) return InactiveCalls.length > 0 ? 'ON_HOLD' : 'IDLE';
  const state = stateOf(ActiveCall, true);
  return state === 'RINGING' ? 'RINGING' : state === 'HELD' ? 'ON_HOLD' : 'ON_CALL';
};
const directions: Readonly<Record<string, CallDirection>> = { I: 'INBOUND', O: 'OUTBOUND' };

const metadataOf = (call: WireCall, key: string): string | null => {
  const value = call.Metadata.find((entry) => entry.key.toLowerCase() === key)?.value.trim();
  return value === undefined || value === '' ? null : value;
};

const startOf = (call: WireCall, { readTime }: Reading): Instant | null => {
  const text = metadataOf(call, 'starttime');
  return text === null ? null : readTime(text);
};

interface CallPlace {
  call: WireCall;
  agents: readonly WireAgent[];
  active: boolean;
}

/** A call that several agents are in is one call: active where any of them is active in it, with a leg for each. */
const placesOf = (agents: readonly WireAgent[]): ReadonlyMap<string, CallPlace> => {
  const places = new Map<string, CallPlace>();
  const add = (agent: WireAgent, call: WireCall, active: boolean) => {
    const place = places.get(call.CallInstance);
    places.set(call.CallInstance, {
      call: active || !place ? call : place.call,
      agents: [...(place?.agents ?? []).filter((other) => other !== agent), agent],
      active: active || (place?.active ?? false),
    });
  };
  for (const agent of agents) {
    if (agent.ActiveCall) add(agent, agent.ActiveCall, true);
    for (const call of agent.InactiveCalls) add(agent, call, false);
  }
  return places;
};

const callObservation = ({ call, agents, active }: CallPlace, reading: Reading): Observation => {
  const direction = directions[metadataOf(call, 'calldirection')?.toUpperCase() ?? ''] ?? 'UNKNOWN';
  const caller = metadataOf(call, 'ani');
  const called = metadataOf(call, 'dnis');
  const startedAt = startOf(call, reading);
  const customer = { INBOUND: caller, OUTBOUND: called, INTERNAL: null, UNKNOWN: null }[direction];
  const legs: CallLeg[] = [
    ...agents.map(({ AgentId, AgentPhone }) => ({
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
      agents: agents.map((agent) => agent.AgentId),
      metadata: call.Metadata,
    },
  };
};

const agentSnapshotOf = (agent: WireAgent, places: ReadonlyMap<string, CallPlace>, reading: Reading): AgentSnapshot => {
  const calls = [...(agent.ActiveCall ? [agent.ActiveCall] : []), ...agent.InactiveCalls];
  const recordings = recordingsOf(agent, (call) => startOf(call, reading), reading.desktopStandIns(agent.AgentId), reading.asOfMs);
  const callIds = [...new Set(calls.map((call) => call.CallInstance))];
  return {
    agent: agent.AgentId,
    observations: [
      {
        type: 'agent',
        agent: {
          externalId: agent.AgentId,
          phone: agent.AgentPhone,
          username: agent.Username,
          systemUsername: agent.SystemUsername,
          crmUsername: agent.CrmUsername,
          deviceId: agent.DeviceId,
          deviceAlias: agent.DeviceAlias,
          businessUnit: agent.BusinessUnit,
          status: statusOf(agent),
          vendorStatus: calls[0]?.CallState ?? null,
          activeCall: agent.ActiveCall?.CallInstance ?? null,
          inactiveCalls: callIds.filter((id) => id !== agent.ActiveCall?.CallInstance),
          desktopRecordings: recordings.desktop.map(({ externalId }) => externalId),
        },
      },
      ...callIds.map((id) => callObservation(places.get(id)!, reading)),
      ...recordings.all.map((recording): Observation => ({ type: 'recording', recording, resumed: 'shown' })),
      {
        type: 'presence',
        agent: agent.AgentId,
        calls: callIds,
        recordings: recordings.all.filter(({ state }) => state !== 'STOPPED').map(({ externalId }) => externalId),
      },
    ],
  };
};

/** How much goes on at an entry. */
const weight = (agent: WireAgent) =>
  (agent.ActiveCall ? 4 : 0) + (agent.InactiveCalls.length > 0 ? 2 : 0) + (agent.DesktopOnlySessions.length > 0 ? 1 : 0);

/**
 * The vendor may list an id more than once, one entry a device, as its own sample does. They are one agent: described by the
 * entry where most goes on (the first of equals), with the calls and desktop sessions of all.
 */
export const mergeSameAgents = (agents: readonly WireAgent[]): readonly WireAgent[] =>
  [...Map.groupBy(agents, (agent) => agent.AgentId).values()].map((entries) => {
    if (entries.length === 1) return entries[0]!;
    const [chief, ...others] = entries.toSorted((left, right) => weight(right) - weight(left)) as [WireAgent, ...WireAgent[]];
    const elsewhere = others.flatMap(({ ActiveCall, InactiveCalls }) => (ActiveCall ? [ActiveCall, ...InactiveCalls] : InactiveCalls));
    return {
      ...chief,
      InactiveCalls: [...chief.InactiveCalls, ...elsewhere].filter(
        (call, place, all) =>
          call.CallInstance !== chief.ActiveCall?.CallInstance &&
          all.findIndex((other) => other.CallInstance === call.CallInstance) === place,
      ),
      DesktopOnlySessions: entries.flatMap((entry) => entry.DesktopOnlySessions),
    };
  });

/**
 * One sighting an agent, in the vendor's order, as one answer shows them. `known` holds those of earlier answers: an agent that is
 * shown as before, in calls of its own, is seen as before.
 */
export const agentSnapshotsOf = (
  agents: readonly WireAgent[],
  reading: Reading,
  known: WeakMap<WireAgent, AgentSnapshot> = new WeakMap(),
): readonly AgentSnapshot[] => {
  const merged = mergeSameAgents(agents);
  const places = placesOf(merged);
  const isAlone = (call: WireCall) => places.get(call.CallInstance)!.agents.length === 1;
  return merged.map((agent) => {
    // What stands for desktop sessions without an id depends on what still runs, so it is looked at each time.
    const stays =
      agent.DesktopOnlySessions.length === 0 && (!agent.ActiveCall || isAlone(agent.ActiveCall)) && agent.InactiveCalls.every(isAlone);
    if (!stays) return agentSnapshotOf(agent, places, reading);
    const agentSnapshot = known.get(agent) ?? agentSnapshotOf(agent, places, reading);
    known.set(agent, agentSnapshot);
    return agentSnapshot;
  });
};
