/** The sessions of the configured agents: who has one, and what is known of who has none. */
import { ExpectedError } from '../kit/index.ts';
import type { Session, SessionChange } from './session.ts';
import { isSession, isUnseen } from './session-store.ts';
import type { HuaweiAgent } from './settings.ts';
import { forgetSignInError, noteSignInError } from './sign-in-errors.ts';
import type { HuaweiSource } from './source.ts';

/** Throws NOT_FOUND for an agent that is not configured. */
export const configuredAgent = ({ settings }: HuaweiSource, id: string): HuaweiAgent => {
  const agent = settings.agents.find((one) => one.id === id);
  if (agent) return agent;
  throw new ExpectedError(
    'NOT_FOUND',
    `Agent ${id} is not one of the agents of source ${settings.name}; list it under agents in the configuration.`,
  );
};

export const notSignedIn = ({ settings, signInErrors }: HuaweiSource, agent: string): ExpectedError => {
  const held = signInErrors.get(agent)?.final === false;
  const message = settings.attachSession
    ? `The current session of agent ${agent} at source ${settings.name} is not known; the next push of the agent's toolbar brings it.`
    : held
      ? `Agent ${agent} is signed in at source ${settings.name} by another client; sign it in with force to take over.`
      : `Agent ${agent} is not signed in at source ${settings.name}; sign it in with signInAgent.`;
  return new ExpectedError('NOT_SIGNED_IN', message);
};

/** True if the agent may be signed in where this server cannot look: at another client, or since the answer to a sign-in was lost. */
export const mayBeElsewhere = async ({ settings, sessions }: HuaweiSource, agent: string): Promise<boolean> => {
  const stored = await sessions.read(agent);
  return isUnseen(stored) || (stored === null && settings.attachSession);
};

/** Uses a session that the agent's own client holds and a push reported. */
export const attachSession = async (source: HuaweiSource, agent: string, guid: string): Promise<void> => {
  const { sessions, context } = source;
  const stored = await sessions.read(agent);
  if (isSession(stored) && stored.guid === guid) return;
  forgetSignInError(source, agent);
  const { phone } = configuredAgent(source, agent);
  await sessions.write(agent, { guid, cookies: {}, phone, renewedAtMs: context.clock.now() });
};

/** Notes that somebody signed the agent out at the platform: only a command signs it in again. */
export const noteSignedOut = async (source: HuaweiSource, agent: string): Promise<void> => {
  if (!isSession(await source.sessions.read(agent))) return;
  const message = `Agent ${agent} was signed out at the platform; sign it in with signInAgent.`;
  noteSignInError(source, agent, { message, final: true });
  await source.sessions.write(agent, { signedOut: true });
};

/** Signs an agent in or out; readers who need the session wait for it. */
export const changeSession = async <T extends Session | null>(
  { sessionChanges }: HuaweiSource,
  agent: string,
  { kind, work }: { kind: SessionChange['kind']; work(): Promise<T> },
): Promise<T> => {
  const done = work();
  sessionChanges.set(agent, { kind, done });
  try {
    return await done;
  } finally {
    sessionChanges.delete(agent);
  }
};

/** Throws CONFLICT while a sign-in or sign-out of the agent runs. */
export const refuseWhileChanging = ({ sessionChanges }: HuaweiSource, agent: string): void => {
  const other = sessionChanges.get(agent);
  if (!other) return;
  throw new ExpectedError('CONFLICT', `A ${other.kind} of agent ${agent} is running; try again when it has ended.`, { retryable: true });
};
