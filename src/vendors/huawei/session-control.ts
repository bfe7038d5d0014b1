/** Signing agents in and out on a client's word. */
import { abortable, type ControlHandler, ExpectedError, type Observation } from '../kit/index.ts';
import { fetchAgentState } from './agent-state.ts';
import { isSessionLost } from './errors.ts';
import { signedOut } from './mapping.ts';
import { type AgentSession, type SessionRequest, sendInSession } from './session-request.ts';
import { configuredAgent, refuseWhileChanging } from './sessions.ts';
import { signIn } from './sign-in.ts';
import { signOut } from './sign-out.ts';
import type { HuaweiSource } from './source.ts';
import { agentStatusOf } from './statuses.ts';
import { agentStatusResult } from './wire.ts';
import { withSession } from './with-session.ts';

/** Signs in, unless the agent is signed in already with the same phone; answers the agent's state. */
const signInOnce = async (
  source: HuaweiSource,
  { agent, phone, force }: { agent: string; phone: string; force: boolean | undefined },
  signal: AbortSignal,
): Promise<readonly Observation[]> => {
  const fetch = (agentSession: AgentSession) => fetchAgentState(agentSession, { fresh: false, signal });
  const held = await source.sessions.current(agent);
  if (held !== null && held.phone === phone && force !== true) {
    const seen = await fetch({ source, agent, session: held }).catch((error: unknown) => {
      if (isSessionLost(error)) return null;
      throw error;
    });
    if (seen !== null) return seen;
  }
  refuseWhileChanging(source, agent);
  await signIn(source, configuredAgent(source, agent), { phone, force });
  const status = source.settings.signIn.status === 'READY' ? 'IDLE' : 'BUSY';
  return withSession({ source, agent, operation: 'getAgentStatus' }, fetch).catch(
    () => [{ type: 'agent', agent: { externalId: agent, status, vendorStatus: null } }] as const,
  );
};

/** Throws CONFLICT where the gateway said yes and yet keeps the agent, who is in a call. */
const leave = async (agentSession: AgentSession, { force, signal }: { force: boolean; signal: AbortSignal }): Promise<void> => {
  const { agent } = agentSession;
  const send = (request: SessionRequest) => sendInSession(agentSession, { ...request, signal });
  const [operation, word] = force ? ['forceLogout', 'forcelogout'] : ['logout', 'logout'];
  await send({ operation, method: 'DELETE', path: `/onlineagent/${agent}/${word}` });
  if (force) return;
  const after = await send({ operation: 'getAgentStatus', method: 'GET', path: `/onlineagent/${agent}/agentstatus` }).catch(() => null);
  const read = agentStatusResult.safeParse(after?.result);
  if (!read.success || agentStatusOf(read.data.agentState) === 'OFFLINE') return;
  if (read.data.isWorking || agentStatusOf(read.data.agentState) === 'ON_CALL') {
    throw new ExpectedError('CONFLICT', `Agent ${agent} is on a call and stays signed in; end the call, then sign out.`, {
      vendorCode: '100-010',
    });
  }
};

export const createSessionControl = (source: HuaweiSource): { SIGN_IN_AGENT: ControlHandler; SIGN_OUT_AGENT: ControlHandler } => ({
  SIGN_IN_AGENT: async (command, signal) => {
    const agent = command.agent.externalId;
    // Throws for an agent that is not configured before the vendor is called, with a phone of the command's own too.
    const configured = configuredAgent(source, agent);
    const phone = command.phone ?? configured.phone;
    const seen = await abortable(signInOnce(source, { agent, phone, force: command.force }, signal), signal);
    return { observations: [{ type: 'agent', agent: { externalId: agent, phone } }, ...seen] };
  },
  SIGN_OUT_AGENT: async (command, signal) => {
    const agent = command.agent.externalId;
    const force = command.force === true;
    await abortable(signOut(source, agent, { force, leave: (agentSession) => leave(agentSession, { force, signal }) }), signal);
    return { observations: signedOut(agent, force ? 'forceLogout' : 'logout') };
  },
});
