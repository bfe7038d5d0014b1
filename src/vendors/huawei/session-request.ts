import type { GatewayRequest } from './client.ts';
import type { Session } from './session.ts';
import type { HuaweiSource } from './source.ts';
import type { Envelope } from './wire.ts';

export type SessionRequest = Omit<GatewayRequest, 'agent' | 'credentials' | 'renewed'>;

/** One session of an agent: the context of what is sent in it. */
export interface AgentSession {
  source: HuaweiSource;
  agent: string;
  session: Session;
}

/** Makes a request one in an agent's session: adds its credentials, and keeps what the answer renews. */
export const inSession = ({ source, agent, session }: AgentSession, request: SessionRequest): GatewayRequest => ({
  ...request,
  agent,
  credentials: session,
  renewed: (renewal) => source.sessions.renew(agent, session, renewal),
});

export const sendInSession = (agentSession: AgentSession, request: SessionRequest): Promise<Envelope> =>
  agentSession.source.gateway.send(inSession(agentSession, request));
