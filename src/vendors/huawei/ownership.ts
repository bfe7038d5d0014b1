/** Judges whose session it is that the gateway holds of an agent, by what this server met. */
import type { HuaweiSource } from './source.ts';

/** The gateway forgets a GUID a minute after it gave the next. */
const guidLapseMs = 60_000;
/** The gateway forgets a session without a request for two minutes: a session that it holds longer than this after our last is not ours. */
const sessionLapseMs = 180_000;
/** A session that had to be taken back this often within that time is wanted by somebody else too. */
const contestedTakeovers = 3;
const contestedMs = 300_000;

const longAgo = Number.NEGATIVE_INFINITY;

const recentTakeovers = ({ gateway, context }: HuaweiSource, agent: string): readonly number[] =>
  (gateway.signs.of(agent).takeoversMs ?? []).filter((atMs) => context.clock.monotonicMs() - atMs < contestedMs);

export const isContested = (source: HuaweiSource, agent: string): boolean => recentTakeovers(source, agent).length >= contestedTakeovers;

/** `forced`: the session was taken from another client, or back from one. */
export const noteSignedIn = (source: HuaweiSource, agent: string, forced: boolean): void => {
  const takeovers = forced ? { takeoversMs: [...recentTakeovers(source, agent), source.context.clock.monotonicMs()] } : {};
  source.gateway.signs.note(agent, { signInLostMs: undefined, ...takeovers });
};

/**
 * Returns true if the session that the gateway holds is most likely one of ours that it, or we, lost sight of. `held`: one is stored. `isLapsed`: the
 * gateway said that it lost it.
 */
export const isOwnLapsed = (
  { gateway, context }: HuaweiSource,
  agent: string,
  { held, isLapsed }: { held: boolean; isLapsed: boolean },
): boolean => {
  if (held && isLapsed) return true;
  const now = context.clock.monotonicMs();
  const { passedMs, lostMs = longAgo, signInLostMs = longAgo } = gateway.signs.of(agent);
  if (now - signInLostMs < sessionLapseMs) return true;
  // A session that an earlier run left lapses by itself where its GUID is not good any more.
  if (!held || passedMs === undefined || now - Math.max(passedMs, lostMs) > sessionLapseMs) return false;
  return now - passedMs > guidLapseMs || lostMs >= passedMs;
};

/** Returns true if polls in the stored session pass: what else it refuses is a missing right. */
export const isWatched = ({ gateway }: HuaweiSource, agent: string): boolean => gateway.signs.of(agent).watchPassedMs !== undefined;

/** Notes that the gateway refused an interface to a session that it holds still. */
export const noteRightMissing = ({ gateway, context }: HuaweiSource, agent: string, operation: string): void => {
  const { rightsMissingMs } = gateway.signs.of(agent);
  gateway.signs.note(agent, { rightsMissingMs: { ...rightsMissingMs, [operation]: context.clock.monotonicMs() } });
};

/** Returns true if that was met, and a poll has passed since. */
export const isRightMissing = ({ gateway }: HuaweiSource, agent: string, operation: string): boolean => {
  const { watchPassedMs = longAgo, rightsMissingMs } = gateway.signs.of(agent);
  return watchPassedMs > (rightsMissingMs?.[operation] ?? Number.POSITIVE_INFINITY);
};
