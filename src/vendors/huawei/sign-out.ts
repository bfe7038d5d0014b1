import { ExpectedError } from '../kit/index.ts';
import { isSessionLost } from './errors.ts';
import { isOwnLapsed } from './ownership.ts';
import type { Session } from './session.ts';
import type { AgentSession } from './session-request.ts';
import { changeSession, configuredAgent, mayBeElsewhere, refuseWhileChanging } from './sessions.ts';
import { forgetSignInError } from './sign-in-errors.ts';
import { sendSignIn } from './sign-in-requests.ts';
import type { HuaweiSource } from './source.ts';

/** Only the agent's session can end itself, so that another client's is taken over first. */
const takeOver = async (source: HuaweiSource, agent: string, force: boolean): Promise<Session> => {
  if (!force && !isOwnLapsed(source, agent, { held: false, isLapsed: false })) {
    throw new ExpectedError('CONFLICT', `Agent ${agent} is signed in by another client; sign out with force to end that session.`);
  }
  const own = configuredAgent(source, agent);
  return (await sendSignIn(source, own, { phone: own.phone, mayForce: true })).session;
};

interface SignOut {
  /** Ends also a session that another client holds; without it, that is a CONFLICT. */
  force: boolean;
  /** Ends the session at the gateway. */
  leave(agentSession: AgentSession): Promise<void>;
}

const endSession = async (source: HuaweiSource, agent: string, { force, leave }: SignOut): Promise<void> => {
  const { sessions } = source;
  let session = await sessions.current(agent);
  if (session === null && (await mayBeElsewhere(source, agent))) session = await takeOver(source, agent, force);
  if (session) {
    await leave({ source, agent, session }).catch((error: unknown) => {
      if (!isSessionLost(error)) throw error;
    });
  }
  forgetSignInError(source, agent);
  await sessions.write(agent, { signedOut: true });
};

export const signOut = async (source: HuaweiSource, agent: string, how: SignOut): Promise<void> => {
  configuredAgent(source, agent);
  refuseWhileChanging(source, agent);
  await changeSession(source, agent, { kind: 'sign-out', work: () => endSession(source, agent, how).then(() => null) });
};
