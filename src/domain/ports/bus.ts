/** Carries committed events between servers. */
import type { LiveEvent } from '../model/entities.ts';

/** Carries events that are committed already. It may lose one; the log in the store never does. */
export interface Bus {
  publish(events: readonly LiveEvent[]): Promise<void>;
  /** The returned function unsubscribes. Handlers see events of every server, this one's included, each at least once. */
  subscribe(handler: (events: readonly LiveEvent[]) => void): () => void;
  /** Called after a time in which events may have been missed. */
  onGap(handler: () => void): () => void;
  ping(): Promise<void>;
  close(): Promise<void>;
}
