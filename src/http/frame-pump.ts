import type { Frame, FrameStream } from '../graphql/subscribe.ts';

/**
 * Sends frames as they come, for graphql-ws would serialise each answer anew for every socket. It ends when the frames do, and ends them
 * as soon as `send` resolves with false, since nobody is there any more.
 */
export const pump = (frames: FrameStream, send: (frame: Frame) => Promise<boolean>): AsyncIterableIterator<never, undefined> => {
  let ended = false;
  const end = async () => {
    ended = true;
    await frames.return?.();
    return { done: true as const, value: undefined };
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => {
      for (;;) {
        const step = await frames.next();
        if (step.done || ended) return { done: true, value: undefined };
        if (!(await send(step.value))) return end();
      }
    },
    return: end,
    throw: end,
  };
};
