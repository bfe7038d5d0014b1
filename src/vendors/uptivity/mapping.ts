/** From the vendor's agents to observations. */
import type { AgentDevice, AgentSnapshot, AgentStatus, Observation } from '../kit/index.ts';
import { type CallPlace, callObservation, callsOf, placesOf, type ReadingContext, startOf, stateOf } from './calls.ts';
import { type RecordingContext, recordingsOf } from './recordings.ts';
import type { WireAgent, WireCall } from './wire.ts';

/** One agent, with an entry for each device that the vendor lists it at, in the vendor's order. */
export interface ListedAgent {
  id: string;
  entries: readonly [WireAgent, ...WireAgent[]];
}

/** The vendor may list an id more than once, one entry a device, as its own sample does. They are one agent. */
export const agentsIn = (entries: readonly WireAgent[]): readonly ListedAgent[] =>
  [...Map.groupBy(entries, ({ AgentId }) => AgentId)].map(([id, group]) => ({ id, entries: group as [WireAgent, ...WireAgent[]] }));

const statusOf = (active: WireCall | null, hasOthers: boolean): AgentStatus => {
  if (active === null) return hasOthers ? 'ON_HOLD' : 'IDLE';
  const state = stateOf(active, true);
  return state === 'RINGING' ? 'RINGING' : state === 'HELD' ? 'ON_HOLD' : 'ON_CALL';
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

const recordingContextOf = (agent: string, reading: ReadingContext): RecordingContext => {
  const { known, asOfMs } = reading;
  const running = known.liveRecordings(agent);
  return {
    startOf: (call) => startOf(call, reading),
    isKnownCall: (call) => known.call(call) !== null,
    isKnownAgent: known.agent(agent) !== null,
    isKnownRecording: (recording) => running.some(({ externalId, formerId }) => externalId === recording || formerId === recording),
    standIns: running.flatMap(({ kind, call, externalId, formerId }) => {
      const standIn = formerId ?? externalId;
      return kind === 'SCREEN' && call === null && standIn.startsWith('desktop:') ? [standIn] : [];
    }),
    asOfMs,
  };
};

/** Described by the entry where most goes on (the first of equals), with the calls and desktop sessions of all. */
const agentSnapshotOf = ({ id, entries }: ListedAgent, places: ReadonlyMap<string, CallPlace>, reading: ReadingContext): AgentSnapshot => {
  const activeBefore = reading.known.agent(id)?.activeCall ?? null;
  const [chief, ...others] = entries.toSorted((left, right) => weight(right, activeBefore) - weight(left, activeBefore)) as [
    WireAgent,
    ...WireAgent[],
  ];
  const calls = [...new Map([chief, ...others].flatMap(callsOf).map((call) => [call.CallInstance, call])).values()];
  const callIds = calls.map(({ CallInstance }) => CallInstance);
  const active = chief.ActiveCall?.CallInstance ?? null;
  const sessions = entries.flatMap(({ DesktopOnlySessions }) => DesktopOnlySessions);
  const recordings = recordingsOf({ agent: id, calls, sessions }, recordingContextOf(id, reading));
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
export const agentSnapshotsOf = (entries: readonly WireAgent[], reading: ReadingContext): readonly AgentSnapshot[] => {
  const places = placesOf(entries);
  return agentsIn(entries).map((agent) => agentSnapshotOf(agent, places, reading));
};
