import type { Gateway } from './client.ts';
import type { Session, Sessions } from './session.ts';

/** Sends in one session of an agent, and keeps what the answer renews. */
export const requestInSession =
  (gateway: Gateway, sessions: Sessions, session: Session, agent: string, signal: AbortSignal) =>
  (operation: string, method: 'GET' | 'PUT' | 'DELETE', path: string, body?: Readonly<Record<string, unknown>>) =>
    gateway.send({
      operation,
      method,
      path,
      agent,
      body,
      credentials: session,
      signal,
      renewed: (renewal) => sessions.renew(agent, session, renewal),
    });
