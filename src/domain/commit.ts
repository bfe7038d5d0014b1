import type { Store, StoreOperations } from './ports/store.ts';

interface CommitContext {
  store: Pick<Store, 'transaction'>;
  emit(): void;
}

/** A context within a transaction, which reads and writes by `operations`. */
export type InTransaction<Context> = Context & { operations: StoreOperations };

/** Runs `work` in one transaction, and tells everything that subscribes once it is committed, without waiting for it. */
export const commit = async <Context extends CommitContext, T>(
  context: Context,
  work: (transaction: InTransaction<Context>) => Promise<T>,
): Promise<T> => {
  const result = await context.store.transaction((operations) => work({ ...context, operations }));
  context.emit();
  return result;
};
