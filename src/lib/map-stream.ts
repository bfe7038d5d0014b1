import { AsyncLocalStorage } from 'node:async_hooks';

/** Maps a stream; unlike a generator's, `return` reaches the source while a `next` is waiting. Calls `onEnd` once, however it ends. */
export const mapStream = <From, To>(
  source: AsyncIterator<From>,
  map: (value: From) => Promise<To>,
  onEnd: () => void,
): AsyncIterableIterator<To, undefined> => {
  let ended = false;
  // A stream goes on as part of what began it, whoever asks for more of it.
  const asBegun = AsyncLocalStorage.snapshot();
  const end = async (): Promise<IteratorReturnResult<undefined>> => {
    if (!ended) {
      ended = true;
      onEnd();
      await source.return?.();
    }
    return { done: true, value: undefined };
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => {
      if (ended) return { done: true, value: undefined };
      try {
        const step = await asBegun(() => source.next());
        if (step.done || ended) return await end();
        return { done: false, value: await asBegun(map, step.value) };
      } catch (error) {
        await end();
        throw error;
      }
    },
    return: end,
    throw: async (error) => {
      await end();
      throw error;
    },
  };
};
