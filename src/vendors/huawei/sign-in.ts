/** Signs agents in: on command, to watch them, and where a session was lost. */
import { ExpectedError } from '../kit/index.ts';
import { heldElsewhere, isAnswerLost, isFinal } from './errors.ts';
import { isContested, isOwnLapsed, isWatched, noteRightMissing, noteSignedIn } from './ownership.ts';
import type { Session, SignInOptions } from './session.ts';
import { isSession, isSignedOut, isUnseen } from './session-store.ts';
import { changeSession, configuredAgent, notSignedIn } from './sessions.ts';
import type { HuaweiAgent } from './settings.ts';
import { forgetSignInError, noteSignInError } from './sign-in-errors.ts';
import { joinQueues, sendSignIn } from './sign-in-requests.ts';
import type { HuaweiSource } from './source.ts';

/** A session of another server is found this late at the latest. */
const recheckMs = 5_000;

interface Attempt {
  agent: string;
  options: SignInOptions;
  /** True if the agent had a session before. */
  held: boolean;
}

/** Polls that pass show that the session which the gateway holds is this one: what is refused is a right. */
const isWatchedIn = (source: HuaweiSource, { agent, held, options }: Attempt): boolean =>
  held && options.isLapsed !== true && isWatched(source, agent);

/** Takes in that a sign-in failed; returns the error to tell. */
const noteFailure = async (source: HuaweiSource, attempt: Attempt, error: ExpectedError): Promise<ExpectedError> => {
  const { gateway, sessions, settings, context } = source;
  const { agent, options, held } = attempt;
  const unseen = heldElsewhere.has(error.vendorCode ?? '');
  if (unseen && isWatchedIn(source, attempt)) {
    if (options.refused === undefined) return error;
    noteRightMissing(source, agent, options.refused);
    return gateway.refusesRight(options.refused, agent);
  }
  if (isAnswerLost(error)) {
    gateway.signs.note(agent, { signInLostMs: context.clock.monotonicMs() });
    if (!held) await sessions.write(agent, { unseen: true });
  }
  const final = isFinal(error);
  // Those who watch the agent judge the errors of reads.
  if ((final || unseen) && options.onlyReads !== true) {
    noteSignInError(source, agent, { message: error.message, final });
    // An agent who was signed out stays so until a sign-in works.
    if (!isSignedOut(await sessions.read(agent))) await sessions.write(agent, unseen ? { unseen } : null);
    context.log.warn('agent sign-in refused', { source: settings.name, agent, vendorCode: error.vendorCode });
  }
  return error;
};

/** Returns true if a session that the gateway holds already may be ended for this one. */
const mayTakeOver = (source: HuaweiSource, attempt: Attempt): boolean => {
  const { agent, options, held } = attempt;
  if (options.force === true) return true;
  if (options.onlyReads === true || (options.wasHeld === true && isWatchedIn(source, attempt))) return false;
  const isOwn = !isContested(source, agent) && isOwnLapsed(source, agent, { held, isLapsed: options.isLapsed === true });
  return source.settings.forceSignIn || isOwn;
};

const attemptSignIn = async (source: HuaweiSource, agent: HuaweiAgent, options: SignInOptions): Promise<Session> => {
  const { sessions } = source;
  const held = options.wasHeld ?? (await sessions.current(agent.id)) !== null;
  const attempt: Attempt = { agent: agent.id, options, held };
  const mayForce = mayTakeOver(source, attempt);
  try {
    const { session, forced } = await sendSignIn(source, agent, { phone: options.phone ?? agent.phone, mayForce });
    noteSignedIn(source, agent.id, forced);
    await sessions.write(agent.id, session);
    forgetSignInError(source, agent.id);
    await joinQueues({ source, agent: agent.id, session });
    return session;
  } catch (error) {
    throw error instanceof ExpectedError ? await noteFailure(source, attempt, error) : error;
  }
};

export const signIn = (source: HuaweiSource, agent: HuaweiAgent, options: SignInOptions): Promise<Session> =>
  changeSession(source, agent.id, { kind: 'sign-in', work: () => attemptSignIn(source, agent, options) });

/** Joins a sign-in that runs already. */
export const signInShared = async (source: HuaweiSource, agent: HuaweiAgent, options: SignInOptions): Promise<Session> => {
  const other = source.sessionChanges.get(agent.id);
  if (!other) return signIn(source, agent, options);
  const session = await other.done;
  if (session === null) throw notSignedIn(source, agent.id);
  return session;
};

/** A session to observe with: the stored one or a new one; waits while the agent is signed out or refused for good. */
export const readySession = async (source: HuaweiSource, agent: string, signal: AbortSignal): Promise<Session> => {
  const { settings, sessions, signInErrors } = source;
  const own = configuredAgent(source, agent);
  for (;;) {
    signal.throwIfAborted();
    const stored = await sessions.read(agent);
    if (isSession(stored)) return stored;
    const wanted =
      (stored === null || isUnseen(stored)) && settings.signInAtStart && !settings.attachSession && !signInErrors.get(agent)?.final;
    if (wanted) return signInShared(source, own, { wasHeld: false });
    await sessions.changed(agent, recheckMs, signal);
  }
};
