/** The log as far as it was applied: its end in memory, for streams that are a little behind, the rest in the store. */
import type { EntityType, LiveEvent } from '../model/events.ts';
import type { Store } from '../ports/store.ts';

export interface AppliedLog {
  store: Pick<Store, 'events'>;
  recent: LiveEvent[];
  /** The position up to which every event was applied. */
  last: number;
  /** Each is called when more was applied. */
  waiting: Set<() => void>;
}

/** Events kept in memory. */
const maxRecentEvents = 1024;
/** Events that are read at once. */
export const pageSize = 500;

/** Notes events that were applied, and wakes those that wait for more. */
export const noteApplied = (log: AppliedLog, events: readonly LiveEvent[]): void => {
  log.recent.push(...events);
  if (log.recent.length > maxRecentEvents * 2) log.recent = log.recent.slice(-maxRecentEvents);
  log.last = events.at(-1)!.id;
  for (const wake of log.waiting) wake();
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

const readBehind = async ({ store, recent, last }: AppliedLog, cursor: number): Promise<readonly LiveEvent[]> => {
  const first = recent[0]?.id ?? last + 1;
  if (cursor + 1 >= first) return recent.slice(lowerBound(recent, cursor + 1));
  const page = await store.events.after(cursor, pageSize);
  return page.filter((event) => event.id <= last);
};

/** Resolves when there is something behind `cursor`, or `signal` aborts. */
const untilBehind = (log: AppliedLog, cursor: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const wake = () => {
      log.waiting.delete(wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    log.waiting.add(wake);
    signal.addEventListener('abort', wake, { once: true });
    if (signal.aborted || cursor < log.last) wake();
  });

interface Wanted {
  entityTypes: ReadonlySet<EntityType>;
  /** The position behind which to begin. */
  after: number;
}

/** The wanted events, in order, until `signal` aborts; null, and then no more, where one is missing from the log. */
export async function* eventsBehind(
  log: AppliedLog,
  { entityTypes, after }: Wanted,
  signal: AbortSignal,
): AsyncGenerator<LiveEvent | null> {
  let cursor = after;
  while (!signal.aborted) {
    while (cursor < log.last && !signal.aborted) {
      const batch = await readBehind(log, cursor);
      for (const event of batch) {
        if (event.id !== cursor + 1) break;
        cursor = event.id;
        if (entityTypes.has(event.entityType)) yield event;
        if (signal.aborted) return;
      }
      // Positions are dense: where one is missing, it was trimmed.
      if (batch.at(-1)?.id !== cursor) {
        yield null;
        return;
      }
    }
    if (signal.aborted) return;
    if (cursor >= log.last) await untilBehind(log, cursor, signal);
  }
}
