/** Reduces what was shown of calls. */
import { emptyCall } from '../model/empty-rows.ts';
import type { Call } from '../model/entities.ts';
import { epochMs, isFutureDated } from '../model/instant.ts';
import type { Observation } from '../model/observation.ts';
import { type Draft, laterContactAt, reportedFields } from './reduction.ts';
import { addsNothing } from './same-row.ts';

/** `merge` in list order; agents join a call's list and never leave it. */
const joined = (known: readonly string[], more: readonly string[] = []): readonly string[] => [...new Set([...known, ...more])];

/** Over only because nobody showed it any more, and shown again since. */
export const wasInferredOver = (
  row: { state: string; vendorState: string | null; endedAt: string | null },
  over: string,
  asOfMs: number,
): boolean => {
  if (row.state !== over || row.vendorState !== null || row.endedAt === null) return false;
  // An end that lies ahead was written by a clock that has been set right.
  return epochMs(row.endedAt) < asOfMs || isFutureDated(row.endedAt, asOfMs);
};

/** `returns` says that the call was only taken to be over, and goes on. */
const callShown = (base: Call, patch: Partial<Call>, returns: boolean): Call => {
  const stays = base.state === 'ENDED' && patch.state !== undefined && patch.state !== 'ENDED';
  const agents = joined(base.agents, patch.agents);
  if (!stays) return { ...base, ...patch, agents };
  if (returns) return { ...base, ...patch, endedAt: patch.endedAt ?? null, agents };
  return { ...base, ...patch, state: 'ENDED', vendorState: base.vendorState, endedAt: base.endedAt, agents };
};

/** Merges an observation that is older than the newest contact with every agent of the call: it adds unknown fields and an end at `goneBy`. */
const callOvertaken = (base: Call, patch: Partial<Call>, goneBy: string | null): Call => {
  const kept = Object.fromEntries(Object.entries(base).filter(([, value]) => value !== null)) as Partial<Call>;
  const ended = base.state === 'ENDED' || patch.state === 'ENDED' || goneBy !== null;
  return {
    ...base,
    ...patch,
    ...kept,
    state: ended ? 'ENDED' : base.state === 'UNKNOWN' ? (patch.state ?? 'UNKNOWN') : base.state,
    direction: base.direction === 'UNKNOWN' ? (patch.direction ?? 'UNKNOWN') : base.direction,
    ...(ended ? { vendorState: base.state === 'ENDED' ? base.vendorState : null, endedAt: base.endedAt ?? patch.endedAt ?? goneBy } : {}),
    legs: base.legs.length > 0 ? base.legs : (patch.legs ?? []),
    metadata: base.metadata.length > 0 ? base.metadata : (patch.metadata ?? []),
    agents: joined(base.agents, patch.agents),
  };
};

const latestOf = (times: readonly (string | null)[]): string | null =>
  times.length === 0 || times.includes(null) ? null : (times.toSorted().at(-1) ?? null);

export const reduceCall = (draft: Draft, reported: Extract<Observation, { type: 'call' }>['call']): void => {
  const { source, asOfMs, calls, named, namedLate } = draft;
  const id = reported.externalId;
  const before = calls.now(id);
  const { agents: members = [], ...fields } = reported;
  if (before !== null && members.every((one) => before.agents.includes(one)) && addsNothing(before, fields)) return;
  const base = before ?? emptyCall({ source, externalId: id });
  const patch = reportedFields(reported);
  const overtakenAt = latestOf((patch.agents ?? []).map((agent) => laterContactAt(draft, agent)));
  const after =
    overtakenAt === null
      ? callShown(base, patch, named.calls.has(id) && wasInferredOver(base, 'ENDED', asOfMs))
      : callOvertaken(base, patch, before === null && namedLate.calls.has(id) ? overtakenAt : null);
  calls.set(before, { ...after, source });
};
