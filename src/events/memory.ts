import type { Bus } from '../domain/ports/bus.ts';

/** One process: it reads the log after each of its own commits, and there is nobody else to wake. */
export const createMemoryBus = (): Bus => ({
  publish: () => undefined,
  subscribe: () => () => undefined,
  ping: async () => undefined,
  close: async () => undefined,
});
