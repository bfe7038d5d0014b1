import type { LiveEvent } from './model/entities.ts';

type Handler = (events: readonly LiveEvent[]) => void | Promise<void>;

/** Passes committed events from the use cases that make them to everything that follows them. */
export interface Hub {
  /** Calls every subscriber in the order in which they subscribed; resolves when each has taken the events. */
  emit(events: readonly LiveEvent[]): Promise<void>;
  subscribe(handler: Handler): void;
}

export const createHub = (): Hub => {
  const handlers: Handler[] = [];
  return {
    emit: async (events) => {
      if (events.length === 0) return;
      await Promise.all(handlers.map((handler) => handler(events)));
    },
    subscribe: (handler) => {
      handlers.push(handler);
    },
  };
};
