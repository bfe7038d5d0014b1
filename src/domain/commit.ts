import type { Store, StoreOperations } from './ports/store.ts';

interface CommitContext {
  store: Pick<Store, 'transaction'>;
  emit(): void;
}

/** Runs `work` in one transaction, and tells everything that subscribes once it is committed, without waiting for it. */
export const commit = async <T>({ store, emit }: CommitContext, work: (operations: StoreOperations) => Promise<T>): Promise<T> => {
  const result = await store.transaction(work);
  emit();
  return result;
};
