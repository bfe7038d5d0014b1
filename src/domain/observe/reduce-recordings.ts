/** Reduces what was shown of recordings. */
import { emptyRecording } from '../model/empty-rows.ts';
import type { Instant, Recording } from '../model/entities.ts';
import { liveRecordingStates, type RecordingState } from '../model/enums.ts';
import type { Observation } from '../model/observation.ts';
import { wasInferredOver } from './reduce-calls.ts';
import { type Draft, laterContactAt, reportedFields } from './reduction.ts';
import { addsNothing } from './same-row.ts';
import { segmentsAfter } from './segments.ts';

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

const isLive = (state: RecordingState): boolean => liveRecordingStates.includes(state);

type Reported = Extract<Observation, { type: 'recording' }>;

/** Returns state and end after an observation. `overtakenAt` is when its agent was seen since, without it. */
const stateAfter = (
  base: Recording,
  patch: Partial<Recording>,
  { resumes, returns, overtakenAt, at }: { resumes: boolean; returns: boolean; overtakenAt: Instant | null; at: Instant },
): Pick<Recording, 'state' | 'vendorState' | 'endedAt'> => {
  const state = patch.state !== undefined && (resumes || progress[patch.state] >= progress[base.state]) ? patch.state : base.state;
  const isLate = patch.state !== undefined && state !== patch.state;
  const vendorState = isLate || overtakenAt !== null || patch.vendorState === undefined ? base.vendorState : patch.vendorState;
  const endedAt = patch.endedAt === undefined ? base.endedAt : patch.endedAt;
  if (overtakenAt !== null && isLive(state)) return { state: 'STOPPED', vendorState, endedAt: patch.endedAt ?? overtakenAt };
  if (returns && isLive(state)) return { state, vendorState, endedAt: patch.endedAt ?? null };
  const ends = state === 'STOPPED' && isLive(base.state) && patch.endedAt == null && base.endedAt === null;
  return { state, vendorState, endedAt: ends ? at : endedAt };
};

export const reduceRecording = (draft: Draft, { recording: reported, resumed }: Reported): void => {
  const { source, at, asOfMs, recordings, named, namedLate } = draft;
  const patch = reportedFields(reported);
  const id = reported.externalId;
  const before = recordings.now(id) ?? (patch.formerId ? recordings.now(patch.formerId) : null);
  if (before !== null && addsNothing(before, patch)) return;
  const base = before ?? emptyRecording({ source, externalId: id });
  const overtakenAt = before === null && namedLate.recordings.has(id) ? laterContactAt(draft, patch.agent ?? '') : null;
  const restarted = resumed === 'shown' && base.state === 'STOPPED' && base.vendorState !== null;
  const returns = named.recordings.has(id) && (restarted || wasInferredOver(base, 'STOPPED', asOfMs));
  const resumes = returns || (resumed === true && !liveBeforeStop.includes(base.state));
  const after: Recording = {
    ...base,
    ...patch,
    ...stateAfter(base, patch, { resumes, returns, overtakenAt, at }),
    // The return was seen to begin; the recording itself began before.
    ...(returns && resumed === 'shown' && base.startedAt !== null ? { startedAt: base.startedAt } : {}),
    source,
    externalId: before !== null && before.formerId === id ? before.externalId : id,
    formerId: patch.formerId ?? base.formerId,
    vendorData: patch.vendorData ? { ...base.vendorData, ...patch.vendorData } : base.vendorData,
  };
  const segments = segmentsAfter({ before, after }, restarted || resumed === true, at);
  recordings.set(before, segments === undefined ? after : { ...after, segments });
};
