import type { EntityType, LiveEvent } from '../model/events.ts';

/** The ordered stream of committed events. */
export interface EventFeed {
  /**
   * Events behind `after` (from now on when null) of these entities, in order, until `signal` aborts. Null, and then no more, where the log
   * no longer holds what comes next: it was trimmed before a slow consumer had read it.
   */
  subscribe(entityTypes: readonly EntityType[], after: number | null, signal: AbortSignal): AsyncIterable<LiveEvent | null>;
  /** Applies everything that was committed before the call; resolves also where the store does not answer, and is then repeated. */
  catchUp(): Promise<void>;
  /** The largest position up to which every event has been applied. */
  position(): number;
  close(): void;
}
