import { flushed } from '../observability/line-writer.ts';

const maxMs = 10_000;
/** How long whoever reads the output may take for what is left of it. */
const outputMs = 1000;

/** Ends the process once its output has been read, or is not read in time. */
export const endProcess = async (code: number): Promise<never> => {
  await Promise.all([flushed(process.stdout, outputMs), flushed(process.stderr, outputMs)]);
  process.exit(code);
};

/** Closes on SIGTERM and SIGINT, and ends the process then, at the latest after ten seconds. */
export const untilSignal = (close: (signal: NodeJS.Signals) => Promise<void>): void => {
  let closing = false;
  const stop = async (signal: NodeJS.Signals) => {
    if (closing) return;
    closing = true;
    setTimeout(() => process.exit(1), maxMs).unref();
    await close(signal);
    await endProcess(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
};
