/** Judges whose session it is that the gateway holds of an agent, by what this server met. */
import type { Clock } from '../kit/index.ts';
import type { Gateway } from './client.ts';

/** The gateway forgets a GUID a minute after it gave the next. */
const guidLapseMs = 60_000;
/** The gateway forgets a session without a request for two minutes: a session that it holds longer than this after our last is not ours. */
const sessionLapseMs = 180_000;

const longAgo = Number.NEGATIVE_INFINITY;

interface Ownership {
  /** A sign-in was sent, and its answer lost. */
  noteLostSignIn(agent: string): void;
  noteSignedIn(agent: string): void;
  /**
   * Returns true if the session that the gateway holds is most likely one of ours that it, or we, lost sight of. `held`: one is stored. `isLapsed`: the
   * gateway said that it lost it.
   */
  isOwnLapsed(agent: string, held: boolean, isLapsed: boolean): boolean;
  /** Returns true if polls in the stored session pass: what else it refuses is a missing right. */
  isWatched(agent: string): boolean;
  /** The gateway refused an interface to a session that it holds still. */
  noteRightMissing(agent: string, operation: string): void;
  /** Returns true if that was met, and a poll has passed since. */
  isRightMissing(agent: string, operation: string): boolean;
}

export const createOwnership = (gateway: Pick<Gateway, 'signsOf'>, clock: Pick<Clock, 'monotonicMs'>): Ownership => {
  const lostSignInsMs = new Map<string, number>();
  const rightsMissingMs = new Map<string, number>();
  return {
    noteLostSignIn: (agent) => {
      lostSignInsMs.set(agent, clock.monotonicMs());
    },
    noteSignedIn: (agent) => {
      lostSignInsMs.delete(agent);
    },
    isOwnLapsed: (agent, held, isLapsed) => {
      if (held && isLapsed) return true;
      const now = clock.monotonicMs();
      if (now - (lostSignInsMs.get(agent) ?? longAgo) < sessionLapseMs) return true;
      const { passedMs, lostMs = longAgo } = gateway.signsOf(agent);
      // A session that an earlier run left lapses by itself where its GUID is not good any more.
      if (!held || passedMs === undefined || now - Math.max(passedMs, lostMs) > sessionLapseMs) return false;
      return now - passedMs > guidLapseMs || lostMs >= passedMs;
    },
    isWatched: (agent) => gateway.signsOf(agent).watchPassedMs !== undefined,
    noteRightMissing: (agent, operation) => {
      rightsMissingMs.set(`${agent} ${operation}`, clock.monotonicMs());
    },
    isRightMissing: (agent, operation) =>
      (gateway.signsOf(agent).watchPassedMs ?? longAgo) > (rightsMissingMs.get(`${agent} ${operation}`) ?? Number.POSITIVE_INFINITY),
  };
};
