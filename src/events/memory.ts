import type { LiveEvent } from '../domain/model/entities.ts';
import type { Bus } from '../domain/ports/bus.ts';
import type { Log } from '../domain/ports/log.ts';
import { createHandlers } from './handlers.ts';

/** One process: handlers are called in a microtask after `publish`, in the order of publishing. It never misses anything. */
export const createMemoryBus = ({ log }: { log: Log }): Bus => {
  const handlers = createHandlers<[readonly LiveEvent[]]>(log, 'events');
  const gaps = createHandlers<[]>(log, 'gaps');
  let closed = false;
  return {
    publish: async (events) => {
      if (events.length === 0) return;
      queueMicrotask(() => {
        if (!closed) handlers.call(events);
      });
    },
    subscribe: handlers.add,
    onGap: gaps.add,
    ping: async () => undefined,
    close: async () => {
      closed = true;
    },
  };
};
