/** Signing agents in and out on a client's word. */
import { abortable, type ControlHandler, ExpectedError, type Observation } from '../kit/index.ts';
import type { AgentStateReader } from './agent-state.ts';
import type { Gateway } from './client.ts';
import { isSessionLost } from './errors.ts';
import { agentStatusOf, signedOut } from './mapping.ts';
import type { Session, Sessions } from './session.ts';
import { requestInSession } from './session-request.ts';
import type { HuaweiSettings } from './settings.ts';
import { agentStatusResult } from './wire.ts';

export const createSessionControl = (
  gateway: Gateway,
  sessions: Sessions,
  agentState: AgentStateReader,
  settings: Pick<HuaweiSettings, 'signIn'>,
): { SIGN_IN_AGENT: ControlHandler; SIGN_OUT_AGENT: ControlHandler } => {
  const fetchNow = (agent: string, signal: AbortSignal) =>
    sessions.use(agent, 'getAgentStatus', (session) => agentState.fetch(agent, session, { fresh: false, signal }));

  const signIn: ControlHandler = async (command, signal) => {
    const agent = command.agent.externalId;
    const own = sessions.agent(agent);
    const phone = command.phone ?? own.phone;
    const held = await sessions.current(agent);
    const work = async (): Promise<readonly Observation[]> => {
      if (held !== null && held.phone === phone && command.force !== true) {
        const seen = await agentState.fetch(agent, held, { fresh: false, signal }).catch((error: unknown) => {
          if (isSessionLost(error)) return null;
          throw error;
        });
        if (seen !== null) return seen;
      }
      await sessions.signIn(agent, { phone, force: command.force });
      const status = settings.signIn.status === 'READY' ? 'IDLE' : 'BUSY';
      return fetchNow(agent, signal).catch(() => [{ type: 'agent', agent: { externalId: agent, status, vendorStatus: null } }] as const);
    };
    return { observations: [{ type: 'agent', agent: { externalId: agent, phone } }, ...(await abortable(work(), signal))] };
  };

  const signOut: ControlHandler = async (command, signal) => {
    const agent = command.agent.externalId;
    const forced = command.force === true;
    const leave = async (session: Session) => {
      const request = requestInSession(gateway, sessions, session, agent, signal);
      await request(forced ? 'forceLogout' : 'logout', 'DELETE', `/onlineagent/${agent}/${forced ? 'forcelogout' : 'logout'}`);
      if (forced) return;
      // The gateway may say yes and yet keep an agent who is in a call.
      const after = await request('getAgentStatus', 'GET', `/onlineagent/${agent}/agentstatus`).catch(() => null);
      const read = agentStatusResult.safeParse(after?.result);
      if (!read.success || agentStatusOf(read.data.agentState) === 'OFFLINE') return;
      if (read.data.isWorking || agentStatusOf(read.data.agentState) === 'ON_CALL') {
        throw new ExpectedError('CONFLICT', `Agent ${agent} is on a call and stays signed in; end the call, then sign out.`, {
          vendorCode: '100-010',
        });
      }
    };
    await abortable(sessions.signOut(agent, forced, leave), signal);
    return { observations: signedOut(agent, forced ? 'forceLogout' : 'logout') };
  };

  return { SIGN_IN_AGENT: signIn, SIGN_OUT_AGENT: signOut };
};
