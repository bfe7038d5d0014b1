import { ExpectedError } from '../kit/index.ts';
import { isSessionLost } from './errors.ts';
import { isOwnLapsed } from './ownership.ts';
import type { Session } from './session.ts';
import { changeSession, configuredAgent, mayBeElsewhere, refuseWhileChanging } from './sessions.ts';
import { forgetSignInError } from './sign-in-errors.ts';
import { sendSignIn } from './sign-in-requests.ts';
import type { HuaweiSource } from './source.ts';

/** Only the agent's session can end itself, so that another client's is taken over first. */
const takeOver = async (source: HuaweiSource, agent: string, force: boolean): Promise<Session> => {
  if (!force && !isOwnLapsed(source, agent, false, false)) {
    throw new ExpectedError('CONFLICT', `Agent ${agent} is signed in by another client; sign out with force to end that session.`);
  }
  const own = configuredAgent(source, agent);
  return (await sendSignIn(source, own, own.phone, true)).session;
};

/** `leave` ends the session at the gateway. `force` also ends one that another client holds; without it, that is a CONFLICT. */
export const signOut = async (
  source: HuaweiSource,
  agent: string,
  force: boolean,
  leave: (session: Session) => Promise<void>,
): Promise<void> => {
  const { sessions } = source;
  configuredAgent(source, agent);
  refuseWhileChanging(source, agent);
  await changeSession(source, agent, 'sign-out', async () => {
    let session = await sessions.current(agent);
    if (session === null && (await mayBeElsewhere(source, agent))) session = await takeOver(source, agent, force);
    if (session) {
      await leave(session).catch((error: unknown) => {
        if (!isSessionLost(error)) throw error;
      });
    }
    forgetSignInError(source, agent);
    await sessions.write(agent, { signedOut: true });
    return null;
  });
};
