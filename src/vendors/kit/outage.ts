import type { Clock } from '../../domain/ports/clock.ts';

export interface OutageWatch {
  /** The vendor broke off; or a read was answered with a server error, where `operation` names it. */
  failed(operation: string | null): void;
  /** No connection came about for what was begun at `beganMs`, monotonic: no sign of an outage where the vendor answered on another since. */
  unreached(beganMs: number): void;
  /** The vendor answered this operation, and not with a server error. */
  answered(operation: string): void;
}

/**
 * Reports that a vendor answers again after an outage: the vendor may have lost the commands it was sent. `sinceMs` is when it last answered;
 * null where it was away already when this server first called it.
 */
export const createOutageWatch = (
  clock: Pick<Clock, 'now' | 'monotonicMs'>,
  onEnded: ((sinceMs: number | null) => void) | undefined,
): OutageWatch => {
  let lastAnswerMs: number | null = null;
  let lastAnswerMonotonicMs = Number.NEGATIVE_INFINITY;
  /** By operation; null for all of them. */
  const away = new Map<string | null, number | null>();
  const failed = (operation: string | null): void => {
    if (!away.has(operation)) away.set(operation, lastAnswerMs);
  };
  return {
    failed,
    unreached: (beganMs) => {
      if (lastAnswerMonotonicMs <= beganMs) failed(null);
    },
    answered: (operation) => {
      lastAnswerMs = clock.now();
      lastAnswerMonotonicMs = clock.monotonicMs();
      const since = [null, operation].flatMap((key) => (away.has(key) ? [away.get(key) ?? null] : []));
      away.delete(null);
      away.delete(operation);
      if (since.length > 0) onEnded?.(since.reduce((left, right) => (left === null || right === null ? null : Math.min(left, right))));
    },
  };
};
