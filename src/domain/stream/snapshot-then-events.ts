/** A snapshot, then events: subscribes first, then reads, then drops the events that the snapshot covers. */

import { ExpectedError } from '../model/errors.ts';
import type { Entities, EntityType, LiveEvent } from '../model/events.ts';
import { decodeBase64Url, encodeBase64Url } from '../model/ids.ts';
import { instant } from '../model/instant.ts';
import type { LiveState } from '../observe/live-state.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventFeed } from '../ports/event-feed.ts';
import type { Store } from '../ports/store.ts';

/** One event as a stream shows it. */
export interface StreamEvent<E extends EntityType> {
  /** Unique to the event and the row that it shows; begins with the position. */
  id: string;
  /** Decimal position in the event log; every event of a snapshot carries the position that the snapshot covers. */
  position: string;
  at: string;
  snapshot: boolean;
  /** True on the first event of a stream that could not resume at the requested position. */
  gap: boolean;
  previous: LiveEvent<E>['previous'];
  warning: LiveEvent['warning'];
  row: Entities[E];
}

interface StreamContext {
  clock: Clock;
  store: Pick<Store, 'events'>;
  liveState: Pick<LiveState, 'appliedAbove'>;
  eventFeed: Pick<EventFeed, 'subscribe' | 'position'>;
}

interface StreamRequest<E extends EntityType> {
  entityType: E;
  /** A position or an event id given back; null for a stream that opens with a snapshot. */
  after: string | null;
  /** Brings what the snapshot reads up to date. */
  prepare(): Promise<void>;
  /** Everything that matches now, in a steady order; reads the in-memory view at once. */
  snapshot(): readonly Entities[E][];
  matches(row: Entities[E]): boolean;
  /** A further entity whose events change what matches, and the row that such an event concerns. */
  also?: { entityType: EntityType; shown(event: LiveEvent): Shown<E> | null } | undefined;
}

/** An event as a stream shows it. */
type Shown<E extends EntityType> = Pick<StreamEvent<E>, 'row' | 'previous'>;

const isOf = <E extends EntityType>(event: LiveEvent, entityType: E): event is LiveEvent & LiveEvent<E> => event.entityType === entityType;

/** Names a position, followed by `s` for a snapshot's, and the row: no two events of one client share an id, across all its streams. */
const eventId = (position: string, entityType: EntityType, row: Entities[EntityType]): string => {
  const name = 'externalId' in row ? `${row.source}:${row.externalId}` : row.id;
  return encodeBase64Url(`${position}:${entityType}:${name}`);
};

/** Reads a position, or the position in an event's id. Throws INVALID_INPUT for what is neither. */
export const requirePosition = (after: string | null | undefined): number | null => {
  if (after == null) return null;
  const digits = /^(\d{1,15})$/.exec(after) ?? /^(\d{1,15})s?:/.exec(decodeBase64Url(after) ?? '');
  if (digits) return Number(digits[1]);
  throw new ExpectedError(
    'INVALID_INPUT',
    'after is neither the position nor the id of an event; use the position or id of the last event that you received, or leave it out for a snapshot.',
  );
};

/** Ends when `signal` aborts. A row that left the filter yields no event; one that entered it does. After a gap it opens anew. */
export async function* streamOf<E extends EntityType>(
  { clock, store, liveState, eventFeed }: StreamContext,
  request: StreamRequest<E>,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent<E>> {
  const { entityType, prepare, snapshot, matches, also } = request;
  const entityTypes = also ? [entityType, also.entityType] : [entityType];
  let isShown = (_event: LiveEvent): boolean => false;
  let position = requirePosition(request.after);
  let gap = false;
  if (position !== null) {
    const { last, trimmedTo } = await store.events.bounds();
    gap = position < trimmedTo || position > last;
  }
  let opens = position === null || gap;
  for (;;) {
    if (opens) {
      await prepare();
      const covered = eventFeed.position();
      const rows = snapshot();
      position = covered;
      // Live state may be ahead of the feed.
      isShown = liveState.appliedAbove(covered);
      for (const row of rows) {
        yield {
          id: eventId(`${covered}s`, entityType, row),
          position: String(covered),
          at: instant(clock.now()),
          snapshot: true,
          gap,
          previous: null,
          warning: null,
          row,
        };
        gap = false;
      }
    }
    opens = false;
    for await (const event of eventFeed.subscribe(entityTypes, position, signal)) {
      if (event === null) {
        opens = true;
        gap = true;
        break;
      }
      if (isShown(event)) continue;
      const reported = isOf(event, entityType) ? { row: event.state, previous: event.previous } : also!.shown(event);
      if (reported === null || !matches(reported.row)) continue;
      const reached = String(event.id);
      yield {
        id: eventId(reached, entityType, reported.row),
        position: reached,
        at: event.at,
        snapshot: false,
        gap,
        warning: event.warning,
        ...reported,
      };
      gap = false;
    }
    if (!opens) return;
  }
}

/** Opens a stream that runs until its consumer returns: a generator that waits cannot be returned, so its signal is aborted. */
export const openStream = <E extends EntityType>(
  context: StreamContext,
  request: StreamRequest<E>,
): AsyncIterableIterator<StreamEvent<E>> => {
  const controller = new AbortController();
  const generator = streamOf(context, request, controller.signal);
  return {
    next: () => generator.next(),
    return: async () => {
      controller.abort();
      await generator.return(undefined);
      return { done: true, value: undefined };
    },
    throw: async (error) => {
      controller.abort();
      return generator.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
};
