/** The one reader of the event log in a server, from which every stream takes its events. */

import { coalesced } from '../../lib/coalesced.ts';
import type { Hub } from '../hub.ts';
import type { LiveEvent } from '../model/events.ts';
import type { Bus } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventFeed } from '../ports/event-feed.ts';
import type { Log } from '../ports/log.ts';
import type { Store } from '../ports/store.ts';
import { type AppliedLog, eventsBehind, noteApplied, pageSize } from './applied-log.ts';

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

const retryMs = 1000;

/** The feed while it runs. */
interface Feed extends EventFeedDependencies, AppliedLog {
  store: EventFeedDependencies['store'];
  isClosed: boolean;
  isFailing: boolean;
  cancelRetry(): void;
  cancelPoll(): void;
}

/** Applies all that the log has; where it cannot be read, `again` is called a little later. */
const readLog = async (feed: Feed, again: () => void): Promise<void> => {
  const { store, clock, log } = feed;
  if (feed.isClosed) return;
  feed.cancelRetry();
  try {
    await store.assignPositions();
    for (;;) {
      const events = await store.events.after(feed.last, pageSize);
      if (events.length > 0) {
        feed.apply(events);
        noteApplied(feed, events);
      }
      if (events.length < pageSize) break;
    }
    feed.isFailing = false;
  } catch (error) {
    if (feed.isClosed) return;
    if (!feed.isFailing) log.warn('the event log could not be read; retrying until it can', { error });
    feed.isFailing = true;
    feed.cancelRetry = clock.after(retryMs, again);
  }
};

const pollLater = (feed: Feed, everyMs: number, poll: () => void): void => {
  feed.cancelPoll = feed.clock.after(everyMs, () => {
    pollLater(feed, everyMs, poll);
    poll();
  });
};

export const createEventFeed = (dependencies: EventFeedDependencies): EventFeed => {
  const { bus, hub, startAt, pollEveryMs } = dependencies;
  const feed: Feed = {
    ...dependencies,
    recent: [],
    last: startAt,
    waiting: new Set(),
    isClosed: false,
    isFailing: false,
    cancelRetry: () => {},
    cancelPoll: () => {},
  };
  const catchUp: () => Promise<void> = coalesced(() => readLog(feed, wake));
  const wake = (): void => void catchUp();
  const stopListening = bus.subscribe(wake);
  hub.subscribe(async () => {
    await catchUp();
    bus.publish();
  });
  if (pollEveryMs !== null) pollLater(feed, pollEveryMs, wake);
  return {
    subscribe: (entityTypes, after, signal) => eventsBehind(feed, { entityTypes: new Set(entityTypes), after: after ?? feed.last }, signal),
    catchUp,
    position: () => feed.last,
    close: () => {
      feed.isClosed = true;
      feed.cancelRetry();
      feed.cancelPoll();
      stopListening();
    },
  };
};
