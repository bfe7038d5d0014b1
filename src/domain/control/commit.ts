import type { NewEvent } from '../observe/observation-result.ts';
import type { Store, StoreOperations } from '../ports/store.ts';

interface CommitContext {
  store: Pick<Store, 'transaction'>;
  emit(events: readonly NewEvent[]): Promise<void>;
}

/** Runs `work` in one transaction that also appends the events it collects, and emits them once they are committed. */
export const commit = async <T>(
  { store, emit }: CommitContext,
  work: (operations: StoreOperations, events: NewEvent[]) => Promise<T>,
): Promise<T> => {
  const { result, events } = await store.transaction(async (operations) => {
    const events: NewEvent[] = [];
    const result = await work(operations, events);
    await operations.events.append(events);
    return { result, events };
  });
  if (events.length > 0) await emit(events);
  return result;
};
