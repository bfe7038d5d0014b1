import type { NewEvent } from './observe/observation-result.ts';

type Handler = (events: readonly NewEvent[]) => void | Promise<void>;

/** Passes committed events from the use cases that make them to everything that follows them. */
export interface Hub {
  /** Calls every subscriber in the order in which they subscribed; resolves when each has taken the events. */
  emit(events: readonly NewEvent[]): Promise<void>;
  subscribe(handler: Handler): void;
}

export const createHub = (): Hub => {
  const handlers: Handler[] = [];
  return {
    emit: async (events) => {
      await Promise.all(handlers.map((handler) => handler(events)));
    },
    subscribe: (handler) => {
      handlers.push(handler);
    },
  };
};
