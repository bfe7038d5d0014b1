/** One line that is drawn over and over: what is being done, a bar, how far it is. */
export interface Progress {
  show(what: string, done: number, total: number): void;
  /** Takes the line away. */
  end(): void;
}

const width = 24;
const redrawMs = 100;

/** Draws on a terminal only: into a file or a pipe it writes nothing. */
export const createProgress = (stream: NodeJS.WriteStream): Progress => {
  if (!stream.isTTY) return { show: () => undefined, end: () => undefined };
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  return {
    show: (what, done, total) => {
      const nowMs = performance.now();
      if (done < total && nowMs - drawnAtMs < redrawMs) return;
      drawnAtMs = nowMs;
      const share = total === 0 ? 1 : Math.min(1, done / total);
      const full = Math.floor(share * width);
      const bar = '█'.repeat(full) + '░'.repeat(width - full);
      stream.write(`\r\x1b[K${what.padEnd(14)} ${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${done} of ${total}`);
    },
    end: () => stream.write('\r\x1b[K'),
  };
};
