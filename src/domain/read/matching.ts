/** The filters of lists, applied to single rows: what a stream lets through is what the list would show. */

import type { Blackout, Call, Recording, SourceKey } from '../model/entities.ts';
import { epochMs, epochMsOrNull } from '../model/instant.ts';
import { sameNumber } from '../model/phone-number.ts';
import type { BlackoutFilter, CallFilter, RecordingFilter } from '../ports/pages.ts';

const isIn = <T>(wanted: readonly T[] | null | undefined, value: T): boolean => !wanted || wanted.includes(value);

const isBetween = (startedAt: string | null, after: string | null | undefined, before: string | null | undefined): boolean => {
  if (after == null && before == null) return true;
  const at = epochMsOrNull(startedAt);
  return at !== null && (after == null || at >= epochMs(after)) && (before == null || at < epochMs(before));
};

const isKey = (key: SourceKey | null | undefined, source: string, externalIds: readonly (string | null)[]): boolean =>
  key == null || (key.source === source && externalIds.includes(key.externalId));

const isNumber = (wanted: string | null | undefined, values: readonly (string | null)[]): boolean =>
  wanted == null || values.some((value) => sameNumber(wanted, value));

export const matchesCall = (call: Call, filter: CallFilter): boolean =>
  isIn(filter.sources, call.source) &&
  isIn(filter.states, call.state) &&
  isKey(filter.agent, call.source, [...call.agents, ...call.legs.map(({ agent }) => agent)]) &&
  isBetween(call.startedAt, filter.startedAfter, filter.startedBefore) &&
  isNumber(filter.number, [call.caller, call.called]) &&
  (filter.queue == null || filter.queue === call.queue);

/** `queueOf` names the queue of a call, which a recording does not know itself. */
export const matchesRecording = (recording: Recording, filter: RecordingFilter, queueOf: (call: SourceKey) => string | null): boolean =>
  isIn(filter.sources, recording.source) &&
  isIn(filter.kinds, recording.kind) &&
  isIn(filter.states, recording.state) &&
  isKey(filter.agent, recording.source, [recording.agent]) &&
  isKey(filter.call, recording.source, [recording.call]) &&
  (filter.party == null || filter.party === recording.party) &&
  isBetween(recording.startedAt, filter.startedAfter, filter.startedBefore) &&
  isNumber(filter.number, [recording.endpoint]) &&
  (filter.queue == null || (recording.call !== null && filter.queue === queueOf({ source: recording.source, externalId: recording.call })));

export const matchesBlackout = (blackout: Blackout, filter: BlackoutFilter): boolean =>
  isIn(filter.sources, blackout.source) &&
  isIn(filter.states, blackout.state) &&
  isKey(filter.agent, blackout.source, [blackout.agent]) &&
  isBetween(blackout.startsAt, filter.startedAfter, filter.startedBefore);
