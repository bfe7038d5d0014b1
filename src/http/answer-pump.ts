import type { AnswerStream } from '../graphql/subscribe.ts';

/**
 * Sends answers as they come, for graphql-ws would serialise each anew for every socket. It ends when the answers do, and ends them
 * as soon as `send` resolves with false, since nobody is there any more.
 */
export const pump = (answers: AnswerStream, send: (json: string) => Promise<boolean>): AsyncIterableIterator<never, undefined> => {
  let ended = false;
  const end = async () => {
    ended = true;
    await answers.return?.();
    return { done: true as const, value: undefined };
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => {
      for (;;) {
        const step = await answers.next();
        if (step.done || ended) return { done: true, value: undefined };
        if (!(await send(step.value))) return end();
      }
    },
    return: end,
    throw: end,
  };
};
