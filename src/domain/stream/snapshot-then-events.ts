/** Snapshot, then tail: subscribe first, then read, then drop from the tail what the snapshot covers. */

import type { EntityType, LiveEvent } from '../model/entities.ts';
import { ExpectedError } from '../model/errors.ts';
import { instant } from '../model/instant.ts';
import type { Clock } from '../ports/clock.ts';

/** One event as a stream shows it. */
export interface StreamEvent<T> {
  /** Decimal position in the event log; every event of a snapshot carries the position that the snapshot covers. */
  id: string;
  at: string;
  snapshot: boolean;
  /** True on the first event of a stream that could not resume where it was asked to. */
  gap: boolean;
  previous: string | null;
  warning: LiveEvent['warning'];
  row: T;
}

export interface StreamDependencies {
  clock: Clock;
  /** Up to where the in-memory view has taken in the log, and which events beyond that it shows already. */
  position(): { covered: number; shows(event: LiveEvent): boolean };
  bounds(): Promise<{ last: number; trimmedTo: number }>;
  /** Null where the log no longer holds what comes next. */
  eventFeed(entityTypes: readonly EntityType[], after: number | null, signal: AbortSignal): AsyncIterable<LiveEvent | null>;
}

export interface StreamRequest<T> {
  entityType: EntityType;
  /** An event id given back; null for a stream that opens with a snapshot. */
  after: string | null;
  /** Brings what the snapshot reads up to date. */
  prepare(): Promise<void>;
  /** Everything that matches now, in a steady order; reads the in-memory view at once. */
  snapshot(): readonly T[];
  matches(row: T): boolean;
  /** A further entity whose events change what matches, and the row that such an event concerns. */
  also?: { entityType: EntityType; row(event: LiveEvent): { row: T; previous: string | null } | null };
}

/** Throws INVALID_INPUT for what is no event id. */
export const requireEventId = (after: string | null | undefined): number | null => {
  if (after == null) return null;
  const id = /^\d{1,15}$/.test(after) ? Number(after) : Number.NaN;
  if (Number.isSafeInteger(id)) return id;
  throw new ExpectedError(
    'INVALID_INPUT',
    'after is not the id of an event; give the id of the last event you saw, or leave it out for a snapshot.',
  );
};

/** Ends when `signal` aborts. A row that left the filter is not told; one that entered it is. After a gap it opens anew. */
export async function* streamOf<T>(
  deps: StreamDependencies,
  request: StreamRequest<T>,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent<T>> {
  const { entityType, prepare, snapshot, matches, also } = request;
  const entityTypes = also ? [entityType, also.entityType] : [entityType];
  let isShown = (_event: LiveEvent): boolean => false;
  let position = requireEventId(request.after);
  let gap = false;
  if (position !== null) {
    const { last, trimmedTo } = await deps.bounds();
    gap = position < trimmedTo || position > last;
  }
  let opens = position === null || gap;
  for (;;) {
    if (opens) {
      await prepare();
      const { covered, shows } = deps.position();
      const rows = snapshot();
      position = covered;
      isShown = shows;
      for (const row of rows) {
        yield { id: String(covered), at: instant(deps.clock.now()), snapshot: true, gap, previous: null, warning: null, row };
        gap = false;
      }
    }
    opens = false;
    for await (const event of deps.eventFeed(entityTypes, position, signal)) {
      if (event === null) {
        opens = true;
        gap = true;
        break;
      }
      if (isShown(event)) continue;
      const told = event.entityType === entityType ? { row: event.state as T, previous: event.previous } : also!.row(event);
      if (told === null || !matches(told.row)) continue;
      yield { id: String(event.id), at: event.at, snapshot: false, gap, warning: event.warning, ...told };
      gap = false;
    }
    if (!opens) return;
  }
}
