/** One exchange over HTTP, straight on undici's dispatcher: its own stream costs each chunk more than the rest of the way does. */
import type { Dispatcher } from 'undici';

export interface Exchange {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** To be read once. While nobody asks for more, the vendor is held up after the chunk that came last. */
  body: AsyncIterableIterator<Uint8Array, undefined>;
  /** Breaks off what is still to come. */
  close(): void;
}

interface Reader {
  resolve(step: IteratorResult<Uint8Array, undefined>): void;
  reject(error: unknown): void;
}

class Abandoned extends Error {}

/** Resolves with the head. Rejects, and its body does, with what undici meets, or with the signal's reason. */
export const exchange = (dispatcher: Dispatcher, request: Dispatcher.DispatchOptions, signal: AbortSignal): Promise<Exchange> =>
  new Promise((resolve, reject) => {
    const unread: Uint8Array[] = [];
    let controller: Dispatcher.DispatchController | null = null;
    let reader: Reader | null = null;
    let ending: 'WHOLE' | { error: unknown } | null = null;

    const end = (how: 'WHOLE' | { error: unknown }) => {
      if (ending !== null) return;
      ending = how;
      signal.removeEventListener('abort', leave);
      if (how === 'WHOLE') return reader?.resolve({ done: true, value: undefined });
      reject(how.error);
      reader?.reject(how.error);
    };
    const breakOff = (error: Error) => {
      if (ending !== null) return;
      end({ error });
      controller?.abort(error);
    };
    const leave = () => breakOff(signal.reason);

    const body: Exchange['body'] = {
      next: () => {
        const value = unread.shift();
        if (value !== undefined) {
          if (unread.length === 0 && ending === null) controller?.resume();
          return Promise.resolve({ done: false, value });
        }
        if (ending === 'WHOLE') return Promise.resolve({ done: true, value: undefined });
        if (ending !== null) return Promise.reject(ending.error);
        return new Promise((resolve, reject) => {
          reader = { resolve, reject };
        });
      },
      return: () => {
        close();
        return Promise.resolve({ done: true, value: undefined });
      },
      [Symbol.asyncIterator]: () => body,
    };
    const close = () => {
      if (ending === null) breakOff(new Abandoned('Nobody reads on.'));
    };

    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener('abort', leave);
    dispatcher.dispatch(request, {
      onRequestStart: (given) => {
        controller = given;
        if (ending !== null && ending !== 'WHOLE') given.abort(ending.error as Error);
      },
      onResponseStart: (_, status, headers) => {
        if (status >= 200) resolve({ status, headers, body, close });
      },
      onResponseData: (given, chunk) => {
        // What flushes the parser as it resumes; held up again by that, it would never get on.
        if (chunk.length === 0) return;
        if (reader === null) {
          unread.push(chunk);
          given.pause();
          return;
        }
        const { resolve } = reader;
        reader = null;
        resolve({ done: false, value: chunk });
      },
      onResponseEnd: () => end('WHOLE'),
      onResponseError: (_, error) => end({ error }),
    });
  });
