/** Tells everything that follows the event log that the use cases of this server have committed something. */
export interface Hub {
  /** Calls every subscriber in the order in which they subscribed, and does not wait for them. */
  emit(): void;
  /** Resolves when every subscriber has done what it does about all that was emitted so far. */
  applied(): Promise<void>;
  /** A later call of `handler` resolves no sooner than an earlier one; none rejects. */
  subscribe(handler: () => Promise<void>): void;
}

export const createHub = (): Hub => {
  const handlers: (() => Promise<void>)[] = [];
  let last: Promise<unknown> = Promise.resolve();
  return {
    emit: () => {
      last = Promise.all(handlers.map((handler) => handler()));
    },
    applied: async () => {
      await last;
    },
    subscribe: (handler) => {
      handlers.push(handler);
    },
  };
};
