/** Reduces what a vendor showed into what is known. Pure: state in, changed rows out. */

import { emptyAgent, emptyCall, emptyRecording } from '../model/empty-rows.ts';
import type { Agent, Call, Recording } from '../model/entities.ts';
import { liveRecordingStates, type RecordingState } from '../model/enums.ts';
import { instant } from '../model/instant.ts';
import type { Observation } from '../model/observation.ts';
import { callOvertaken, callShown, joined, wasInferredOver } from './call-merge.ts';
import { addsNothing, isSameRow } from './same-row.ts';
import { segmentsAfter } from './segments.ts';

/** Rows as they are now; null for one that was never seen. */
export interface Known {
  agent(externalId: string): Agent | null;
  call(externalId: string): Call | null;
  recording(externalId: string): Recording | null;
  /** External ids of what is believed to be live at an agent. */
  liveAt(agent: string): { calls: readonly string[]; recordings: readonly string[] };
}

export interface Change<T> {
  before: T | null;
  after: T;
}

export interface Reduction {
  agents: readonly Change<Agent>[];
  calls: readonly Change<Call>[];
  recordings: readonly Change<Recording>[];
  /** Agents that were shown, changed or not. */
  shown: readonly string[];
  /** True if some of it was left out, since there was contact with an agent after the request. */
  isOutdated: boolean;
}

/** Returns true if nothing changed. */
export const isNothing = ({ agents, calls, recordings }: Reduction): boolean => agents.length + calls.length + recordings.length === 0;

/** How far along a recording is; a late event never takes it back to an earlier state. */
const progress: Record<RecordingState, number> = {
  UNKNOWN: 0,
  STARTING: 1,
  RECORDING: 2,
  PAUSED: 2,
  STOPPING: 3,
  STOPPED: 4,
  FAILED: 4,
  AVAILABLE: 5,
  ABSENT: 6,
  EXPIRED: 7,
};

/** A recording that is being written already is not resumed: there, the order of events decides. */
const liveBeforeStop: readonly RecordingState[] = ['UNKNOWN', 'STARTING', 'RECORDING', 'PAUSED'];

const shownFields = <T extends object>(patch: T): Partial<T> => {
  const fields: Partial<T> = {};
  for (const name of Object.keys(patch) as (keyof T)[]) if (patch[name] !== undefined) fields[name] = patch[name];
  return fields;
};

const holds = (agent: Agent | null, call: string): boolean => agent?.activeCall === call || (agent?.inactiveCalls.includes(call) ?? false);

export const reduce = (source: string, observations: readonly Observation[], asOfMs: number, known: Known): Reduction => {
  const at = instant(asOfMs);
  const agents = new Map<string, Change<Agent>>();
  const calls = new Map<string, Change<Call>>();
  const recordings = new Map<string, Change<Recording>>();
  const shown = new Set<string>();
  let isOutdated = false;

  const agentNow = (id: string) => agents.get(id)?.after ?? known.agent(id);
  const callNow = (id: string) => calls.get(id)?.after ?? known.call(id);
  const recordingNow = (id: string) => recordings.get(id)?.after ?? known.recording(id);

  /** The first `before` of a batch is what was before the batch, null for what is new in it. */
  const setIn =
    <T extends { externalId: string }>(changes: Map<string, Change<T>>) =>
    (before: T | null, after: T) => {
      const earlier = changes.get(after.externalId);
      changes.set(after.externalId, { before: earlier ? earlier.before : before, after });
    };
  const setAgent = setIn(agents);
  const setCall = setIn(calls);
  const setRecording = setIn(recordings);

  /** Over at this agent; a call that another agent still holds goes on. */
  const endCall = (id: string, leaver: string) => {
    const call = callNow(id);
    if (!call || call.state === 'ENDED' || call.agents.some((other) => other !== leaver && holds(agentNow(other), id))) return;
    setCall(call, { ...call, state: 'ENDED', vendorState: null, endedAt: call.endedAt ?? at });
  };
  const endRecording = (id: string) => {
    const recording = recordingNow(id);
    if (recording && liveRecordingStates.includes(recording.state)) {
      const ended: Recording = { ...recording, state: 'STOPPED', vendorState: null, endedAt: recording.endedAt ?? at };
      const segments = segmentsAfter(recording, ended, false, at);
      setRecording(recording, segments === undefined ? ended : { ...ended, segments });
    }
  };

  /** Returns when the agent was shown, where that was after this batch was requested: the batch is out of date about it. */
  const laterContactAt = (agent: string): string | null => {
    const seen = known.agent(agent)?.observedAt ?? null;
    if (seen === null || seen <= at) return null;
    isOutdated = true;
    return seen;
  };
  const latestOf = (times: readonly (string | null)[]): string | null =>
    times.length === 0 || times.includes(null) ? null : (times.toSorted().at(-1) ?? null);

  /** Ends the rows that were live at the agent and are not named in this batch. */
  const endUnnamed = (id: string): void => {
    const live = known.liveAt(id);
    const agent = known.agent(id);
    const calls = [...live.calls, agent?.activeCall ?? null, ...(agent?.inactiveCalls ?? [])].filter((call) => call !== null);
    for (const call of new Set(calls)) if (!named.has(`call ${call}`)) endCall(call, id);
    for (const recording of live.recordings) if (!named.has(`recording ${recording}`)) endRecording(recording);
  };

  /** Not listed any more. The last true word about the agent stays as old as it is. */
  const leaveOut = (id: string): void => {
    const before = agentNow(id);
    if (before === null || before.absentSince != null) return;
    const status = before.status === 'OFFLINE' ? 'OFFLINE' : 'UNKNOWN';
    setAgent(before, {
      ...before,
      status,
      statusSince: status === before.status ? before.statusSince : at,
      vendorStatus: null,
      absentSince: at,
      activeCall: null,
      inactiveCalls: [],
      desktopRecordings: [],
    });
    endUnnamed(id);
  };

  const keepUnreadable = (id: string): void => {
    const before = agentNow(id);
    const base = before ?? emptyAgent({ source, externalId: id });
    if (before?.status === 'UNKNOWN' && before.absentSince == null) return;
    const statusSince = before === null || before.status === 'UNKNOWN' ? base.statusSince : at;
    setAgent(before, { ...base, status: 'UNKNOWN', vendorStatus: null, statusSince, absentSince: null });
  };

  /** Everything that a liveness observation of this batch names is live, wherever it was before; unless the agent has been seen since. */
  const [named, namedLate] = [new Set<string>(), new Set<string>()];
  for (const observation of observations) {
    if (observation.type !== 'liveness') continue;
    const names = laterContactAt(observation.agent) === null ? named : namedLate;
    for (const call of observation.calls) names.add(`call ${call}`);
    for (const recording of observation.recordings) names.add(`recording ${recording}`);
  }

  for (const observation of observations) {
    if (observation.type === 'agent') {
      const id = observation.agent.externalId;
      shown.add(id);
      if (laterContactAt(id) !== null) continue;
      const before = agentNow(id);
      if (before !== null && before.absentSince == null && addsNothing(before, observation.agent)) continue;
      const base = before ?? emptyAgent({ source, externalId: id });
      const patch = shownFields(observation.agent);
      const moved = patch.status !== undefined && patch.status !== base.status;
      setAgent(before, {
        ...base,
        ...patch,
        source,
        observedAt: at,
        absentSince: null,
        statusSince: patch.statusSince ?? (moved ? (before === null ? null : at) : base.statusSince),
      });
    } else if (observation.type === 'call') {
      const id = observation.call.externalId;
      const before = callNow(id);
      const { agents: members = [], ...fields } = observation.call;
      if (before !== null && joined(before.agents, members) === before.agents && addsNothing(before, fields)) continue;
      const patch = shownFields(observation.call);
      const overtakenAt = latestOf((patch.agents ?? []).map(laterContactAt));
      setCall(before, {
        ...(overtakenAt === null
          ? callShown(before ?? emptyCall({ source, externalId: id }), patch, named.has(`call ${id}`), asOfMs)
          : callOvertaken(
              before ?? emptyCall({ source, externalId: id }),
              patch,
              before === null && namedLate.has(`call ${id}`) ? overtakenAt : null,
            )),
        source,
      });
    } else if (observation.type === 'recording') {
      const patch = shownFields(observation.recording);
      const id = observation.recording.externalId;
      const before = recordingNow(id) ?? (patch.formerId ? recordingNow(patch.formerId) : null);
      if (before !== null && addsNothing(before, patch)) continue;
      const base = before ?? emptyRecording({ source, externalId: id });
      const overtakenAt = before === null && namedLate.has(`recording ${id}`) ? laterContactAt(patch.agent ?? '') : null;
      const restarted = observation.resumed === 'shown' && base.state === 'STOPPED' && base.vendorState !== null;
      const returns = named.has(`recording ${id}`) && (restarted || wasInferredOver(base, 'STOPPED', asOfMs));
      const resumes = returns || (observation.resumed === true && !liveBeforeStop.includes(base.state));
      const state = patch.state !== undefined && (resumes || progress[patch.state] >= progress[base.state]) ? patch.state : base.state;
      const late = patch.state !== undefined && state !== patch.state;
      const ends = state === 'STOPPED' && liveRecordingStates.includes(base.state) && patch.endedAt == null && base.endedAt === null;
      const after: Recording = {
        ...base,
        ...patch,
        source,
        externalId: before !== null && before.formerId === id ? before.externalId : id,
        formerId: patch.formerId ?? base.formerId,
        ...(overtakenAt !== null && liveRecordingStates.includes(state)
          ? { state: 'STOPPED' as const, endedAt: patch.endedAt ?? overtakenAt }
          : {
              state,
              ...(ends ? { endedAt: at } : {}),
              ...(returns && liveRecordingStates.includes(state) ? { endedAt: patch.endedAt ?? null } : {}),
            }),
        vendorState:
          late || overtakenAt !== null ? base.vendorState : patch.vendorState === undefined ? base.vendorState : patch.vendorState,
        vendorData: patch.vendorData ? { ...base.vendorData, ...patch.vendorData } : base.vendorData,
      };
      const segments = segmentsAfter(before, after, restarted || observation.resumed === true, at);
      if (segments !== undefined) after.segments = segments;
      const renamed = before !== null && before.externalId !== after.externalId ? recordings.get(before.externalId) : undefined;
      if (renamed) recordings.delete(before!.externalId);
      setRecording(renamed ? renamed.before : before, after);
    } else if (observation.type === 'liveness') {
      shown.add(observation.agent);
      if (laterContactAt(observation.agent) === null) endUnnamed(observation.agent);
    } else if (observation.type === 'absent') {
      shown.add(observation.agent);
      if (laterContactAt(observation.agent) === null) leaveOut(observation.agent);
    } else if (observation.type === 'unreadable') {
      if (laterContactAt(observation.agent) === null) keepUnreadable(observation.agent);
    }
  }

  const onlyChanged = <T extends object>(changes: Map<string, Change<T>>): Change<T>[] =>
    [...changes.values()].filter(({ before, after }) => !isSameRow(before, after));

  return { agents: onlyChanged(agents), calls: onlyChanged(calls), recordings: onlyChanged(recordings), shown: [...shown], isOutdated };
};
