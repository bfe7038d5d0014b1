/** Reduces what a vendor showed into what is known. Pure: rows in, changed rows out. */
import type { Observation, ObservationBatch } from '../model/observation.ts';
import { keepUnreadable, leaveOut, reduceAgent, reduceLiveness } from './reduce-agents.ts';
import { reduceCall } from './reduce-calls.ts';
import { reduceRecording } from './reduce-recordings.ts';
import { createDraft, type Draft, type Known, laterContactAt, type Reduction } from './reduction.ts';

/** Notes what the liveness observations name, before anything is reduced: it may have moved from one agent to another. */
const noteNamed = (draft: Draft, observations: readonly Observation[]): void => {
  for (const observation of observations) {
    if (observation.type !== 'liveness') continue;
    const names = laterContactAt(draft, observation.agent) === null ? draft.named : draft.namedLate;
    for (const call of observation.calls) names.calls.add(call);
    for (const recording of observation.recordings) names.recordings.add(recording);
  }
};

/** Failed commands and blackouts of others change no row. */
const reduceOne = (draft: Draft, observation: Observation): void => {
  if (observation.type === 'agent') reduceAgent(draft, observation.agent);
  else if (observation.type === 'call') reduceCall(draft, observation.call);
  else if (observation.type === 'recording') reduceRecording(draft, observation);
  else if (observation.type === 'liveness') reduceLiveness(draft, observation.agent);
  else if (observation.type === 'absent') leaveOut(draft, observation.agent);
  else if (observation.type === 'unreadable') keepUnreadable(draft, observation.agent);
};

export const reduce = (
  known: Known,
  source: string,
  { observations, asOfMs }: Pick<ObservationBatch, 'observations' | 'asOfMs'>,
): Reduction => {
  const draft = createDraft(source, asOfMs, known);
  noteNamed(draft, observations);
  for (const observation of observations) reduceOne(draft, observation);
  const { agents, calls, recordings, reported, isOutdated } = draft;
  return { agents: agents.changes(), calls: calls.changes(), recordings: recordings.changes(), reported: [...reported], isOutdated };
};
