/** Deadlines of vendor calls, in real time. */

export class OverDeadline extends Error {}
export class NotBegun extends Error {}

export interface Deadline {
  signal: AbortSignal;
  leftMs(): number;
  /** The vendor has sent `bytes` and is awaited again. */
  rearm(bytes: number): void;
  /** While the consumer is at work (a paused player may take minutes), no deadline of the vendor's runs. */
  hold(): void;
  done(): void;
}

/** Slower than a byte a millisecond, a third of the thinnest telephone audio, is as good as stalled. */
const bytesEachMs = 1;

/**
 * A signal that aborts with the caller's, or with `OverDeadline` once `limitMs` are over. A stream that rearms gets `limitMs` for each
 * chunk, as long as the whole comes at a rate that is worth waiting for.
 */
export const startDeadline = (limitMs: number, caller: AbortSignal | undefined): Deadline => {
  const controller = new AbortController();
  let allowedMs = limitMs;
  let awaitedSinceMs = performance.now();
  let dueMs = awaitedSinceMs + limitMs;
  let held = false;
  // A chunk moves the deadline, not the timer, which looks where the deadline is when it fires.
  let timer: NodeJS.Timeout | undefined;
  let firesMs = 0;
  const check = () => {
    timer = undefined;
    if (held) return;
    if (performance.now() < dueMs) wind();
    else controller.abort(new OverDeadline());
  };
  const stop = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  const wind = () => {
    stop();
    firesMs = dueMs;
    timer = setTimeout(check, dueMs - performance.now());
  };
  const follow = () => controller.abort(caller?.reason);
  if (caller?.aborted) follow();
  caller?.addEventListener('abort', follow, { once: true });
  wind();
  return {
    signal: controller.signal,
    leftMs: () => limitMs - (performance.now() - awaitedSinceMs),
    rearm: (bytes) => {
      held = false;
      allowedMs += bytes / bytesEachMs;
      awaitedSinceMs = performance.now();
      dueMs = awaitedSinceMs + Math.min(limitMs, Math.max(0, allowedMs));
      if (timer === undefined || dueMs < firesMs) wind();
    },
    hold: () => {
      if (held) return;
      held = true;
      allowedMs -= performance.now() - awaitedSinceMs;
    },
    done: () => {
      stop();
      caller?.removeEventListener('abort', follow);
    },
  };
};

interface Queueing {
  limitMs: number;
  caller: AbortSignal | undefined;
  /** Runs what it is handed when there is room. */
  execute<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Hands `work` to `execute`. Rejects with `NotBegun` where the work has not begun within `limitMs`, and with the
 * caller's reason where the caller gives up before.
 */
export const begunWithin = <T>({ limitMs, caller, execute }: Queueing, work: () => Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    let abandoned = false;
    const end = () => {
      clearTimeout(timer);
      caller?.removeEventListener('abort', leave);
    };
    const abandon = (reason: unknown) => {
      abandoned = true;
      end();
      reject(reason);
    };
    const leave = () => abandon(caller?.reason);
    const timer = setTimeout(() => abandon(new NotBegun()), limitMs);
    if (caller?.aborted) return leave();
    caller?.addEventListener('abort', leave, { once: true });
    execute(() => {
      if (abandoned) return Promise.reject(new NotBegun());
      end();
      return work();
    }).then(resolve, (error) => {
      end();
      reject(error);
    });
  });
