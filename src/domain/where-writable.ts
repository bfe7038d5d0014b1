import { ExpectedError } from './model/errors.ts';
import type { Log } from './ports/log.ts';
import type { Store } from './ports/store.ts';

/**
 * Runs what a caller requests and the server writes down before it is done. Where the store cannot be used now, such as with a full disk, throws
 * CONFLICT: the request can succeed later.
 */
export const whereWritable = async <T>(
  { store, log }: { store: Pick<Store, 'isUnavailable'>; log: Log },
  correlationId: string,
  work: () => Promise<T>,
): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (!store.isUnavailable(error)) throw error;
    log.error('a request failed because the store is not available', { correlationId, error });
    throw new ExpectedError(
      'CONFLICT',
      "The server's database cannot be used now, and it is not known whether the request was carried out. Repeat it, with the same idempotencyKey if it had one, when the server is ready again.",
      { retryable: true, cause: error },
    );
  }
};
