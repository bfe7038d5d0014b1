/** Reduces what was shown of agents. */
import { emptyAgent } from '../model/empty-rows.ts';
import type { Agent, Recording } from '../model/entities.ts';
import { liveRecordingStates } from '../model/enums.ts';
import type { Observation } from '../model/observation.ts';
import { type Draft, laterContactAt, reportedFields } from './reduction.ts';
import { addsNothing } from './same-row.ts';
import { segmentsAfter } from './segments.ts';

export const reduceAgent = (draft: Draft, reported: Extract<Observation, { type: 'agent' }>['agent']): void => {
  const { source, at, agents } = draft;
  const id = reported.externalId;
  draft.reported.add(id);
  if (laterContactAt(draft, id) !== null) return;
  const before = agents.now(id);
  if (before !== null && before.absentSince == null && addsNothing(before, reported)) return;
  const base = before ?? emptyAgent({ source, externalId: id });
  const patch = reportedFields(reported);
  const moved = patch.status !== undefined && patch.status !== base.status;
  agents.set(before, {
    ...base,
    ...patch,
    source,
    observedAt: at,
    absentSince: null,
    statusSince: patch.statusSince ?? (moved ? (before === null ? null : at) : base.statusSince),
  });
};

export const keepUnreadable = (draft: Draft, id: string): void => {
  const { source, at, agents } = draft;
  if (laterContactAt(draft, id) !== null) return;
  const before = agents.now(id);
  const base = before ?? emptyAgent({ source, externalId: id });
  if (before?.status === 'UNKNOWN' && before.absentSince == null) return;
  const statusSince = before === null || before.status === 'UNKNOWN' ? base.statusSince : at;
  agents.set(before, { ...base, status: 'UNKNOWN', vendorStatus: null, statusSince, absentSince: null });
};

/** Not listed any more. The last true word about the agent stays as old as it is. */
export const leaveOut = (draft: Draft, id: string): void => {
  const { at, agents } = draft;
  draft.reported.add(id);
  if (laterContactAt(draft, id) !== null) return;
  const before = agents.now(id);
  if (before === null || before.absentSince != null) return;
  const status = before.status === 'OFFLINE' ? 'OFFLINE' : 'UNKNOWN';
  agents.set(before, {
    ...before,
    status,
    statusSince: status === before.status ? before.statusSince : at,
    vendorStatus: null,
    absentSince: at,
    activeCall: null,
    inactiveCalls: [],
    desktopRecordings: [],
  });
  endUnnamed(draft, id);
};

/** The batch names all that is live at the agent. */
export const reduceLiveness = (draft: Draft, id: string): void => {
  draft.reported.add(id);
  if (laterContactAt(draft, id) === null) endUnnamed(draft, id);
};

/** Ends the rows that were live at the agent and are not named in this batch. */
const endUnnamed = (draft: Draft, id: string): void => {
  const { known, named } = draft;
  const live = known.liveAt(id);
  const agent = known.agent(id);
  const calls = [...live.calls, agent?.activeCall ?? null, ...(agent?.inactiveCalls ?? [])].filter((call) => call !== null);
  for (const call of new Set(calls)) if (!named.calls.has(call)) endCall(draft, call, id);
  for (const recording of live.recordings) if (!named.recordings.has(recording)) endRecording(draft, recording);
};

const holds = (agent: Agent | null, call: string): boolean => agent?.activeCall === call || (agent?.inactiveCalls.includes(call) ?? false);

/** Over at this agent; a call that another agent still holds goes on. */
const endCall = ({ at, agents, calls }: Draft, id: string, leaver: string): void => {
  const call = calls.now(id);
  if (!call || call.state === 'ENDED' || call.agents.some((other) => other !== leaver && holds(agents.now(other), id))) return;
  calls.set(call, { ...call, state: 'ENDED', vendorState: null, endedAt: call.endedAt ?? at });
};

const endRecording = ({ at, recordings }: Draft, id: string): void => {
  const recording = recordings.now(id);
  if (!recording || !liveRecordingStates.includes(recording.state)) return;
  const ended: Recording = { ...recording, state: 'STOPPED', vendorState: null, endedAt: recording.endedAt ?? at };
  const segments = segmentsAfter({ before: recording, after: ended }, false, at);
  recordings.set(recording, segments === undefined ? ended : { ...ended, segments });
};
