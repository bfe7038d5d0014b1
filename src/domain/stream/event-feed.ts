/** The one reader of the event log in a server, from which every stream takes its events. */

import { coalesced } from '../../lib/coalesced.ts';
import type { Hub } from '../hub.ts';
import type { EntityType, LiveEvent } from '../model/events.ts';
import type { Bus } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventFeed } from '../ports/event-feed.ts';
import type { Log } from '../ports/log.ts';
import type { Store } from '../ports/store.ts';

interface EventFeedDependencies {
  store: Pick<Store, 'events' | 'assignPositions'>;
  bus: Bus;
  /** Tells of this server's own commits; they are applied when it has told of them, and the other servers are woken then. */
  hub: Pick<Hub, 'subscribe'>;
  clock: Clock;
  log: Log;
  /** Applies events, in order, before any stream sees them. */
  apply(events: readonly LiveEvent[]): void;
  /** The position of the view that was loaded at the start. */
  startAt: number;
  /**
   * How often the log is read unasked, since a server may die between committing an event and announcing it, and the bus may be out of
   * reach; null where nobody else writes to the log.
   */
  pollEveryMs: number | null;
}

/** Events kept in memory for streams that start a little behind. */
const maxRecentEvents = 1024;
const pageSize = 500;
const retryMs = 1000;

export const createEventFeed = ({ store, bus, hub, clock, log, apply, startAt, pollEveryMs }: EventFeedDependencies): EventFeed => {
  let recent: LiveEvent[] = [];
  let last = startAt;
  let closed = false;
  const waiting = new Set<() => void>();

  const advance = (events: readonly LiveEvent[]): void => {
    if (events.length === 0) return;
    apply(events);
    recent.push(...events);
    if (recent.length > maxRecentEvents * 2) recent = recent.slice(-maxRecentEvents);
    last = events.at(-1)!.id;
    for (const wake of waiting) wake();
  };

  let failing = false;
  let cancelRetry = () => {};
  const catchUp = coalesced(async () => {
    if (closed) return;
    cancelRetry();
    try {
      await store.assignPositions();
      for (;;) {
        const events = await store.events.after(last, pageSize);
        advance(events);
        if (events.length < pageSize) break;
      }
      failing = false;
    } catch (error) {
      if (closed) return;
      if (!failing) log.warn('the event log could not be read; retrying until it can', { error });
      failing = true;
      cancelRetry = clock.after(retryMs, () => void catchUp());
    }
  });

  const stopListening = bus.subscribe(() => void catchUp());
  hub.subscribe(async () => {
    await catchUp();
    bus.publish();
  });

  let cancelPoll = () => {};
  const pollLater = (): void => {
    if (pollEveryMs === null) return;
    cancelPoll = clock.after(pollEveryMs, () => {
      pollLater();
      void catchUp();
    });
  };
  pollLater();

  /** Events behind `cursor` that were applied: from memory, else from the log. */
  const readBehind = async (cursor: number): Promise<readonly LiveEvent[]> => {
    const first = recent[0]?.id ?? last + 1;
    if (cursor + 1 >= first) return recent.slice(lowerBound(recent, cursor + 1));
    const limit = last;
    const page = await store.events.after(cursor, pageSize);
    return page.filter((event) => event.id <= limit);
  };

  async function* subscribe(
    entityTypes: readonly EntityType[],
    after: number | null,
    signal: AbortSignal,
  ): AsyncGenerator<LiveEvent | null> {
    const wanted = new Set(entityTypes);
    let cursor = after ?? last;
    while (!signal.aborted) {
      while (cursor < last && !signal.aborted) {
        const batch = await readBehind(cursor);
        for (const event of batch) {
          if (event.id !== cursor + 1) break;
          cursor = event.id;
          if (wanted.has(event.entityType)) yield event;
          if (signal.aborted) return;
        }
        // Positions are dense: where one is missing, it was trimmed.
        if (batch.at(-1)?.id !== cursor) {
          yield null;
          return;
        }
      }
      if (signal.aborted) return;
      if (cursor >= last) {
        await new Promise<void>((resolve) => {
          const wake = () => {
            waiting.delete(wake);
            signal.removeEventListener('abort', wake);
            resolve();
          };
          waiting.add(wake);
          signal.addEventListener('abort', wake, { once: true });
          if (signal.aborted || cursor < last) wake();
        });
      }
    }
  }

  return {
    subscribe,
    catchUp,
    position: () => last,
    close: () => {
      closed = true;
      cancelRetry();
      cancelPoll();
      stopListening();
    },
  };
};

/** The first place in an ordered list whose id is `id` or more. */
const lowerBound = (events: readonly LiveEvent[], id: number): number => {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (events[middle]!.id < id) low = middle + 1;
    else high = middle;
  }
  return low;
};
