/** Lines for whoever reads a stream, without ever waiting for the reader. */

/** As much of a writable stream as is needed: `process.stderr`, which writes to pipes and sockets without waiting. */
export interface LineStream {
  write(text: string): boolean;
  readonly writableLength: number;
  on(event: 'drain' | 'error', listener: () => void): unknown;
  off(event: 'drain' | 'error', listener: () => void): unknown;
}

interface LineWriter {
  /** Drops the line where too much waits to be read. */
  write(line: string): void;
  /** How many lines were dropped so far. */
  dropped(): number;
  /** Resolves once all that was written has been read, or after `ms`. */
  flush(ms: number): Promise<void>;
}

/** A megabyte: some thousand lines. */
const maxWaitingBytes = 1024 * 1024;

/** `onResume` is called with the number of lines that were dropped, once reading goes on. */
export const createLineWriter = (stream: LineStream, onResume: (dropped: number) => void, maxBytes = maxWaitingBytes): LineWriter => {
  let dropped = 0;
  let reported = 0;
  let closed = false;
  stream.on('drain', () => {
    if (dropped === reported) return;
    const count = dropped - reported;
    reported = dropped;
    onResume(count);
  });
  // A reader that is gone never reads again; the server goes on without it.
  stream.on('error', () => {
    closed = true;
  });
  return {
    write: (line) => {
      if (closed || stream.writableLength >= maxBytes) dropped += 1;
      else stream.write(line);
    },
    dropped: () => dropped,
    flush: (ms) => flushed(stream, ms),
  };
};

/** Resolves once nothing waits to be read, or after `ms`. */
export const flushed = (stream: LineStream, ms: number): Promise<void> =>
  new Promise((resolve) => {
    if (stream.writableLength === 0) return resolve();
    const done = () => {
      clearTimeout(timer);
      stream.off('drain', done);
      stream.off('error', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    stream.on('drain', done);
    stream.on('error', done);
  });
