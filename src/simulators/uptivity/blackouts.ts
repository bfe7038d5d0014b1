import type { UptivitySwitches } from './switches.ts';

/** An interval in which an agent is masked; `toMs` is null until a stop is known. */
interface Interval {
  fromMs: number;
  toMs: number | null;
}

export interface MaskedInterval {
  fromMs: number;
  /** Null while it lasts with no end known. */
  toMs: number | null;
}

/** The blackouts that one node of the recorder knows of. They belong to agents, and outlive calls. */
export interface Blackouts {
  /** Keeps the first start where one is in force or scheduled; false then. */
  start(agentId: number, atMs: number, nowMs: number): boolean;
  /** False where none is in force or scheduled. */
  stop(agentId: number, atMs: number, nowMs: number): boolean;
  masked(agentId: number, nowMs: number): readonly MaskedInterval[];
  isMasked(agentId: number, atMs: number): boolean;
  snapshot(): readonly (readonly [number, readonly Interval[]])[];
  restore(rows: readonly (readonly [number, readonly Interval[]])[]): void;
}

export const createBlackouts = (switches: UptivitySwitches): Blackouts => {
  const byAgent = new Map<number, Interval[]>();
  const limit = (interval: Interval) => interval.fromMs + switches.maxAgentBlackoutSeconds * 1000;
  const end = (interval: Interval) => Math.min(interval.toMs ?? Number.POSITIVE_INFINITY, limit(interval));
  const open = (agentId: number, nowMs: number) => byAgent.get(agentId)?.find((interval) => end(interval) > nowMs);
  return {
    start: (agentId, atMs, nowMs) => {
      if (open(agentId, nowMs)) return false;
      byAgent.set(agentId, [...(byAgent.get(agentId) ?? []), { fromMs: atMs, toMs: null }]);
      return true;
    },
    stop: (agentId, atMs, nowMs) => {
      const interval = open(agentId, nowMs);
      if (!interval) return false;
      interval.toMs = Math.max(atMs, interval.fromMs);
      return true;
    },
    masked: (agentId, nowMs) =>
      (byAgent.get(agentId) ?? [])
        .filter((interval) => end(interval) > interval.fromMs)
        .map((interval) => ({
          fromMs: interval.fromMs,
          toMs: interval.toMs === null && limit(interval) > nowMs ? null : end(interval),
        })),
    isMasked: (agentId, atMs) => (byAgent.get(agentId) ?? []).some((interval) => interval.fromMs <= atMs && atMs < end(interval)),
    snapshot: () => [...byAgent].map(([agentId, intervals]) => [agentId, intervals.map((interval) => ({ ...interval }))] as const),
    restore: (rows) => {
      byAgent.clear();
      for (const [agentId, intervals] of rows) {
        byAgent.set(
          agentId,
          intervals.map((interval) => ({ ...interval })),
        );
      }
    },
  };
};
