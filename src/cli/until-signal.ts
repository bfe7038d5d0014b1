const longestMs = 10_000;

/** Closes on SIGTERM and SIGINT, and ends the process then, at the latest after ten seconds. */
export const untilSignal = (close: () => Promise<void>): void => {
  let closing = false;
  const stop = async () => {
    if (closing) return;
    closing = true;
    setTimeout(() => process.exit(1), longestMs).unref();
    await close();
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
};
