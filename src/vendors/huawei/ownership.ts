/** Judges whose session it is that the gateway holds of an agent, by what this server met. */
import type { Clock } from '../kit/index.ts';
import type { SessionSigns } from './session-signs.ts';

/** The gateway forgets a GUID a minute after it gave the next. */
const guidLapseMs = 60_000;
/** The gateway forgets a session without a request for two minutes: a session that it holds longer than this after our last is not ours. */
const sessionLapseMs = 180_000;

/** A session that had to be taken back this often within that time is wanted by somebody else too. */
const contestedTakeovers = 3;
const contestedMs = 300_000;

const longAgo = Number.NEGATIVE_INFINITY;

export interface Ownership {
  /** A sign-in was sent, and its answer lost. */
  noteLostSignIn(agent: string): void;
  /** `forced`: the session was taken from another client, or back from one. */
  noteSignedIn(agent: string, forced: boolean): void;
  /** Returns true if the session was taken back so often of late that somebody else must want it too. */
  isContested(agent: string): boolean;
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

export const createOwnership = (signs: Pick<SessionSigns, 'of'>, clock: Pick<Clock, 'monotonicMs'>): Ownership => {
  const lostSignInsMs = new Map<string, number>();
  const rightsMissingMs = new Map<string, number>();
  const takeoversMs = new Map<string, readonly number[]>();
  const recentTakeovers = (agent: string) => (takeoversMs.get(agent) ?? []).filter((atMs) => clock.monotonicMs() - atMs < contestedMs);
  return {
    noteLostSignIn: (agent) => {
      lostSignInsMs.set(agent, clock.monotonicMs());
    },
    noteSignedIn: (agent, forced) => {
      lostSignInsMs.delete(agent);
      if (forced) takeoversMs.set(agent, [...recentTakeovers(agent), clock.monotonicMs()]);
    },
    isContested: (agent) => recentTakeovers(agent).length >= contestedTakeovers,
    isOwnLapsed: (agent, held, isLapsed) => {
      if (held && isLapsed) return true;
      const now = clock.monotonicMs();
      if (now - (lostSignInsMs.get(agent) ?? longAgo) < sessionLapseMs) return true;
      const { passedMs, lostMs = longAgo } = signs.of(agent);
      // A session that an earlier run left lapses by itself where its GUID is not good any more.
      if (!held || passedMs === undefined || now - Math.max(passedMs, lostMs) > sessionLapseMs) return false;
      return now - passedMs > guidLapseMs || lostMs >= passedMs;
    },
    isWatched: (agent) => signs.of(agent).watchPassedMs !== undefined,
    noteRightMissing: (agent, operation) => {
      rightsMissingMs.set(`${agent} ${operation}`, clock.monotonicMs());
    },
    isRightMissing: (agent, operation) =>
      (signs.of(agent).watchPassedMs ?? longAgo) > (rightsMissingMs.get(`${agent} ${operation}`) ?? Number.POSITIVE_INFINITY),
  };
};
