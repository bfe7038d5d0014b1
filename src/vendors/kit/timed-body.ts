import type { Deadline } from './deadline.ts';

/**
 * Passes a body on under a deadline, which is held while the reader is at work on a chunk and runs while it waits for the next. `failed` makes
 * the error that the reader gets.
 */
export const timedBody = (
  body: AsyncIterable<Uint8Array>,
  deadline: Deadline,
  failed: (error: unknown) => unknown,
): AsyncIterableIterator<Uint8Array> => {
  const given = body[Symbol.asyncIterator]();
  let taken = 0;
  let failure: { error: unknown } | null = null;
  const chunks: AsyncIterableIterator<Uint8Array> = {
    next: async () => {
      // A generator ends after it has thrown; a part is never presented as the whole.
      if (failure) throw failure.error;
      if (taken > 0) deadline.rearm(taken);
      try {
        const step = await given.next();
        if (step.done) deadline.done();
        else deadline.hold();
        taken = step.done ? 0 : step.value.length;
        return step;
      } catch (error) {
        deadline.done();
        failure = { error: failed(error) };
        throw failure.error;
      }
    },
    return: async () => {
      deadline.done();
      await given.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => chunks,
  };
  return chunks;
};
