import type { Clock } from '../../domain/ports/clock.ts';

export interface OutageWatch {
  /** The vendor could not be reached, or broke off; or a read was answered with a server error, where `operation` names it. */
  failed(operation: string | null): void;
  /** The vendor answered this operation, and not with a server error. */
  answered(operation: string): void;
}

/** Reports that a vendor answers again after an outage, and its start: the vendor may have lost the commands it was sent. */
export const createOutageWatch = (clock: Pick<Clock, 'now'>, onEnded: ((sinceMs: number) => void) | undefined): OutageWatch => {
  let lastAnswerMs: number | null = null;
  /** By operation; null for all of them. */
  const away = new Map<string | null, number>();
  return {
    failed: (operation) => {
      if (lastAnswerMs !== null && !away.has(operation)) away.set(operation, lastAnswerMs);
    },
    answered: (operation) => {
      lastAnswerMs = clock.now();
      const ended = [null, operation].flatMap((key) => away.get(key) ?? []);
      away.delete(null);
      away.delete(operation);
      if (ended.length > 0) onEnded?.(Math.min(...ended));
    },
  };
};
