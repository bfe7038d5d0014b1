/** Tells everything that follows the event log that the use cases of this server have committed something. */
export interface Hub {
  /** Calls every subscriber in the order in which they subscribed; resolves when each has done what it does. */
  emit(): Promise<void>;
  subscribe(handler: () => Promise<void>): void;
}

export const createHub = (): Hub => {
  const handlers: (() => Promise<void>)[] = [];
  return {
    emit: async () => {
      await Promise.all(handlers.map((handler) => handler()));
    },
    subscribe: (handler) => {
      handlers.push(handler);
    },
  };
};
