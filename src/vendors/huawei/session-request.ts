import type { GatewayRequest } from './client.ts';
import type { Session } from './session.ts';
import type { HuaweiSource } from './source.ts';
import type { Envelope } from './wire.ts';

export type SessionRequest = Omit<GatewayRequest, 'agent' | 'credentials' | 'renewed'>;

/** What makes a request one in an agent's session: its credentials, and that what the answer renews is kept. */
export const inSession = ({ sessions }: HuaweiSource, agent: string, session: Session, request: SessionRequest): GatewayRequest => ({
  ...request,
  agent,
  credentials: session,
  renewed: (renewal) => sessions.renew(agent, session, renewal),
});

/** Sends in one session of an agent. */
export const sendInSession = (source: HuaweiSource, agent: string, session: Session, request: SessionRequest): Promise<Envelope> =>
  source.gateway.send(inSession(source, agent, session, request));
