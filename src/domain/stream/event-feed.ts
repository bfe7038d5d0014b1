/** The one tail of the event log in a server, from which every stream takes its events. */
import type { Hub } from '../hub.ts';
import type { EntityType, LiveEvent } from '../model/entities.ts';
import type { Bus } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Store } from '../ports/store.ts';

export interface EventFeed {
  /**
   * Committed events behind `after` (from now on when null) of these entities, in order, until `signal` aborts. Null, and then no more,
   * where the log no longer holds what comes next: it was trimmed before a slow consumer had read it.
   */
  subscribe(entityTypes: readonly EntityType[], after: number | null, signal: AbortSignal): AsyncIterable<LiveEvent | null>;
  /** Reads the log up to its end; resolves also where the store does not answer, and is then repeated. */
  catchUp(): Promise<void>;
  /** The largest id up to which every event has been taken in. */
  position(): number;
  close(): void;
}

export interface EventFeedDependencies {
  store: Store;
  bus: Bus;
  /** Hands over this server's own events at once, before the bus carries them. */
  hub: Pick<Hub, 'subscribe'>;
  clock: Clock;
  log: Log;
  /** Takes in events before any stream sees them; out of order only events of this server's own. */
  apply(events: readonly LiveEvent[]): void;
  /** Where the view that was loaded at the start stands. */
  startAt: number;
  /**
   * How often the log is looked at unasked, since a server may die between committing an event and announcing it, and the bus may
   * be out of reach; null where nobody else writes to the log.
   */
  lookEveryMs: number | null;
}

/** Events kept in memory for streams that start a little behind. */
const keptEvents = 1024;
const pageSize = 500;
const retryMs = 1000;

export const createEventFeed = ({ store, bus, hub, clock, log, apply, startAt, lookEveryMs }: EventFeedDependencies): EventFeed => {
  let recent: LiveEvent[] = [];
  let last = startAt;
  const waiting = new Set<() => void>();
  let catchingUp: Promise<void> | null = null;

  const advance = (events: readonly LiveEvent[]): void => {
    const fresh = events.filter((event) => event.id > last).sort((a, b) => a.id - b.id);
    if (fresh.length === 0) return;
    apply(fresh);
    recent.push(...fresh);
    if (recent.length > keptEvents * 2) recent = recent.slice(-keptEvents);
    last = fresh.at(-1)!.id;
    for (const wake of waiting) wake();
  };

  const readUp = async (): Promise<void> => {
    for (;;) {
      const events = await store.events.after(last, pageSize);
      advance(events);
      if (events.length < pageSize) return;
    }
  };

  /** One catch-up at a time; a notice that comes meanwhile is covered by another round. */
  let again = false;
  let failing = false;
  let cancelRetry = () => {};
  const catchUp = (): Promise<void> => {
    if (catchingUp) {
      again = true;
      return catchingUp;
    }
    cancelRetry();
    catchingUp = (async () => {
      try {
        do {
          again = false;
          await readUp();
        } while (again);
        failing = false;
      } catch (error) {
        if (!failing) log.warn('the event log could not be read; trying again until it can', { error });
        failing = true;
        cancelRetry = clock.after(retryMs, () => void catchUp());
      } finally {
        catchingUp = null;
      }
    })();
    return catchingUp;
  };

  /** In order they are taken in; behind a hole the log is read first. False where that is still to come. */
  const arrive = (events: readonly LiveEvent[]): boolean => {
    const sorted = [...events].sort((a, b) => a.id - b.id).filter((event) => event.id > last);
    if (sorted.length === 0) return true;
    const dense = sorted.every((event, index) => event.id === last + 1 + index);
    if (!dense || catchingUp) {
      void catchUp();
      return false;
    }
    advance(sorted);
    return true;
  };

  hub.subscribe((events) => {
    if (!arrive(events)) apply(events);
  });
  const stopListening = bus.subscribe((events) => void arrive(events));
  const stopGaps = bus.onGap(() => void catchUp());

  let cancelLook = () => {};
  const lookLater = (): void => {
    if (lookEveryMs === null) return;
    cancelLook = clock.after(lookEveryMs, () => {
      lookLater();
      void catchUp();
    });
  };
  lookLater();

  /** Events behind `cursor` that were taken in: from memory, else from the log. */
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
        // Ids are dense: where one is missing, it was trimmed.
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
      cancelRetry();
      cancelLook();
      stopListening();
      stopGaps();
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
