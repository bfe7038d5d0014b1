import type { Log } from '../domain/ports/log.ts';

/** Functions to call. One that throws is logged and does not keep the others from being called. */
export interface Handlers<A extends readonly unknown[]> {
  add(handler: (...values: A) => void): () => void;
  call(...values: A): void;
}

export const createHandlers = <A extends readonly unknown[]>(log: Log, name: string): Handlers<A> => {
  const handlers = new Set<{ call: (...values: A) => void }>();
  return {
    add: (handler) => {
      const entry = { call: handler };
      handlers.add(entry);
      return () => void handlers.delete(entry);
    },
    call: (...values) => {
      for (const entry of handlers) {
        try {
          entry.call(...values);
        } catch (error) {
          log.error(`A handler of ${name} threw.`, { error });
        }
      }
    },
  };
};
