import type { GatewayRequest } from './client.ts';
import type { Session } from './session.ts';
import type { HuaweiSource } from './source.ts';
import type { Envelope } from './wire.ts';

export type SessionRequest = Omit<GatewayRequest, 'agent' | 'credentials' | 'renewed'>;

/** Makes a request one in an agent's session: adds its credentials, and keeps what the answer renews. */
export const inSession = ({ sessions }: HuaweiSource, agent: string, session: Session, request: SessionRequest): GatewayRequest => ({
  ...request,
  agent,
  credentials: session,
  renewed: (renewal) => sessions.renew(agent, session, renewal),
});

/** Sends in one session of an agent. */
export const sendInSession = (source: HuaweiSource, agent: string, session: Session, request: SessionRequest): Promise<Envelope> =>
  source.gateway.send(inSession(source, agent, session, request));
