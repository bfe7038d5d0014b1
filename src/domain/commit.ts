import type { Store, StoreOperations } from './ports/store.ts';

interface CommitContext {
  store: Pick<Store, 'transaction'>;
  emit(): Promise<void>;
}

/** Runs `work` in one transaction, and tells everything that subscribes once it is committed. */
export const commit = async <T>({ store, emit }: CommitContext, work: (operations: StoreOperations) => Promise<T>): Promise<T> => {
  const result = await store.transaction(work);
  await emit();
  return result;
};
