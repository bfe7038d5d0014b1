import type { Bus } from '../../src/domain/ports/bus.ts';

/** A bus within the process: `open` hands each server its own end, and what one publishes wakes all others at once. */
export const createLocalBus = (): { open(): Bus } => {
  const ends = new Set<{ wake(): void }>();
  return {
    open: () => {
      const handlers = new Set<() => void>();
      const own = {
        wake: () => {
          for (const handler of handlers) handler();
        },
      };
      ends.add(own);
      return {
        publish: () => {
          for (const end of ends) if (end !== own) end.wake();
        },
        subscribe: (handler) => {
          handlers.add(handler);
          return () => void handlers.delete(handler);
        },
        ping: async () => undefined,
        close: async () => void ends.delete(own),
      };
    },
  };
};
