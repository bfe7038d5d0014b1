/** Works in an agent's session; one that is lost is replaced, once for all who wait. */
import { abortable, type VendorCommand } from '../kit/index.ts';
import { isInterfaceForbidden, isLapsed, isSessionLost } from './errors.ts';
import { isRightMissing } from './ownership.ts';
import type { Session, SignInOptions } from './session.ts';
import { type AgentSession, type SessionRequest, sendInSession } from './session-request.ts';
import { isSession } from './session-store.ts';
import { configuredAgent, notSignedIn } from './sessions.ts';
import { signInShared } from './sign-in.ts';
import type { HuaweiSource } from './source.ts';
import type { Envelope } from './wire.ts';

/** How long a GUID that was refused may still turn out to be replaced by a poll that is being answered. */
const rotationGraceMs = 250;

/** Returns true if the gateway takes the session for something else than what it refused. */
export const isSessionGood = (agentSession: AgentSession, refused: string): Promise<boolean> => {
  const { agent } = agentSession;
  const request =
    refused === 'getAgentStatus'
      ? { operation: 'queryAllCallInfoByAgentWorkNoEx', path: `/calldata/${agent}/allcallinfoEx/${agent}` }
      : { operation: 'getAgentStatus', path: `/onlineagent/${agent}/agentstatus` };
  return sendInSession(agentSession, { ...request, method: 'GET' }).then(
    () => true,
    () => false,
  );
};

interface Recovery extends Pick<SignInOptions, 'onlyReads' | 'isLapsed' | 'refused'> {
  /** How long to wait for a session that an answer under way brings; not at all where it is absent. */
  graceMs?: number;
}

/** Returns the session that replaces one that is lost. */
export const recoverSession = async (
  { source, agent, session: lost }: AgentSession,
  { graceMs = 0, ...options }: Recovery = {},
): Promise<Session> => {
  const { settings, sessions, sessionChanges, gateway } = source;
  for (const ms of graceMs > 0 ? [graceMs, 0] : [0]) {
    const stored = await sessions.read(agent);
    if (!isSession(stored)) {
      if (sessionChanges.has(agent)) break;
      throw notSignedIn(source, agent);
    }
    if (stored.guid !== lost.guid) return stored;
    if (ms > 0 && !sessionChanges.has(agent)) await sessions.changed(agent, ms);
  }
  if (settings.attachSession) {
    await sessions.write(agent, { unseen: true });
    throw notSignedIn(source, agent);
  }
  const { refused } = options;
  if (refused !== undefined && isRightMissing(source, agent, refused)) throw gateway.refusesRight(refused, agent);
  return signInShared(source, configuredAgent(source, agent), { ...options, wasHeld: true });
};

interface SessionWork extends Pick<AgentSession, 'source' | 'agent'>, Pick<SignInOptions, 'onlyReads'> {
  /** The operation that the work sends. */
  operation: string;
}

/** Runs `work` in the agent's session; a lost session is replaced and `work` runs once more. Throws NOT_SIGNED_IN without one. */
export const withSession = async <T>(
  { source, agent, operation, onlyReads }: SessionWork,
  work: (agentSession: AgentSession) => Promise<T>,
): Promise<T> => {
  const { settings, sessions, sessionChanges, gateway } = source;
  configuredAgent(source, agent);
  let session = (await sessions.current(agent)) ?? (await sessionChanges.get(agent)?.done) ?? null;
  if (session === null) throw notSignedIn(source, agent);
  for (let losses = 0; ; losses += 1) {
    const agentSession = { source, agent, session };
    try {
      return await work(agentSession);
    } catch (error) {
      if (!isSessionLost(error) || losses === 2) throw error;
      const isForbidden = isInterfaceForbidden(error);
      if (isForbidden && (await isSessionGood(agentSession, operation))) throw gateway.refusesRight(operation, agent);
      const graceMs = settings.authMode === 'dynamic' && losses === 0 ? rotationGraceMs : 0;
      const refused = isForbidden ? operation : undefined;
      session = await recoverSession(agentSession, { isLapsed: isLapsed(error), onlyReads, refused, graceMs });
    }
  }
};

/** Sends a client's command in its agent's session: "0" acknowledges the request, events report its outcome. */
export const sendCommand = (
  source: HuaweiSource,
  command: VendorCommand,
  request: SessionRequest & { signal: AbortSignal },
): Promise<Envelope> => {
  const work = { source, agent: command.agent.externalId, operation: request.operation };
  return abortable(
    withSession(work, (agentSession) => sendInSession(agentSession, request)),
    request.signal,
  );
};
