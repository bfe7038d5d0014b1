/** Spans of time, in epoch ms. */
import type { Blackout } from '../../../src/domain/model/entities.ts';
import { epochMs, epochMsOrNull } from '../../../src/domain/model/instant.ts';

export interface Span {
  from: number;
  to: number;
}

export const never = Number.POSITIVE_INFINITY;

export const overlap = (left: Span, right: Span): Span[] => {
  const span = { from: Math.max(left.from, right.from), to: Math.min(left.to, right.to) };
  return span.from < span.to ? [span] : [];
};

export const without = (spans: readonly Span[], taken: readonly Span[]): Span[] =>
  taken.reduce<Span[]>(
    (left, one) =>
      left.flatMap((span) => [...overlap(span, { from: -never, to: one.from }), ...overlap(span, { from: one.to, to: never })]),
    [...spans],
  );

export const widened = (spans: readonly Span[], byMs: number): Span[] =>
  spans.map(({ from, to }) => ({ from: from - byMs, to: to + byMs }));

/** From when to when the blackout was wanted. */
export const wanted = ({ startsAt, stopsAt, endedAt, endedBy, deadline }: Blackout): Span => {
  const stop = endedBy === 'DEADLINE' ? epochMs(deadline) : endedBy === 'VENDOR' ? null : epochMsOrNull(stopsAt);
  return { from: epochMs(startsAt), to: Math.min(stop ?? never, epochMsOrNull(endedAt) ?? never) };
};

export const reportedSpans = (row: Blackout, recording: string): Span[] =>
  row.exposures
    .filter((one) => one.recording === recording)
    .map(({ startsAt, endsAt }) => ({ from: epochMs(startsAt), to: epochMsOrNull(endsAt) ?? never }));
