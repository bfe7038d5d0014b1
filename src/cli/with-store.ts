import type { Store } from '../domain/ports/store.ts';
import { randomIds, systemClock } from '../lib/clock.ts';
import { openStore } from '../storage/index.ts';

/** Opens a store for some work, and closes it whatever comes of that. */
export const withStore = async <T>(url: string, work: (store: Store) => Promise<T>): Promise<T> => {
  const store = await openStore(url, { clock: systemClock, ids: randomIds });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
};
