import { type Clock, clockProblem, instant, type SourceHealth, type VendorClock } from '../kit/index.ts';

/** How long a push that could not be read stays in the source's health. */
const shownForMs = 15 * 60_000;

export interface PushHealth {
  received(): void;
  unreadable(action: string, reason: string): void;
  /** Adds the health of pushes to that of the API; returns that of pushes alone where there is no API. */
  joinedWith(api: SourceHealth | null): SourceHealth;
}

export const createPushHealth = (source: string, clock: Clock, pushClock: Pick<VendorClock, 'differenceMs'>): PushHealth => {
  let lastPushMs: number | null = null;
  let unreadable: { atMs: number; message: string } | null = null;
  let count = 0;

  const ofPushes = (): SourceHealth => {
    const clockDifferenceMs = pushClock.differenceMs();
    const wrongClock = clockProblem(source, clockDifferenceMs);
    return {
      status: wrongClock === null ? 'UP' : 'DEGRADED',
      lastContactAt: null,
      lastError: wrongClock,
      circuit: 'CLOSED',
      clockDifferenceMs,
    };
  };

  return {
    received: () => {
      lastPushMs = clock.now();
    },
    unreadable: (action, reason) => {
      lastPushMs = clock.now();
      count += 1;
      unreadable = { atMs: lastPushMs, message: `A ${action} push was ${reason}` };
    },
    joinedWith: (api) => {
      const base = api ?? ofPushes();
      const pushedAt = lastPushMs === null ? null : instant(lastPushMs);
      const lastContactAt =
        base.lastContactAt !== null && (pushedAt === null || base.lastContactAt > pushedAt) ? base.lastContactAt : pushedAt;
      const recent = unreadable !== null && clock.now() - unreadable.atMs < shownForMs ? unreadable : null;
      return {
        ...base,
        lastContactAt,
        status: recent !== null && base.status === 'UP' ? 'DEGRADED' : base.status,
        lastError: base.lastError ?? (recent && `${recent.message}; unreadable pushes since the start: ${count}.`),
      };
    },
  };
};
