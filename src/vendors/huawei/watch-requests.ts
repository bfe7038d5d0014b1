/** The requests that watch one agent: long polls, or in push mode heartbeats, and those after a gap. */
import { ExpectedError } from '../kit/index.ts';
import { fetchAgentState } from './agent-state.ts';
import type { Contacts } from './contacts.ts';
import { isInterfaceForbidden, isPermanent, isSessionLost } from './errors.ts';
import type { Session } from './session.ts';
import { sendInSession } from './session-request.ts';
import { noteSignedOut } from './sessions.ts';
import type { HuaweiSource } from './source.ts';
import { isSessionGood } from './with-session.ts';

/** One agent who is watched, and how far that has come. */
export interface Watch {
  source: HuaweiSource;
  contacts: Contacts;
  agent: string;
  signal: AbortSignal;
  /** The agent's state has to be fetched. */
  gap: boolean;
  /** The session is one that this server has used. */
  isTakenUp: boolean;
  /** The session has just begun. */
  isFresh: boolean;
  /** The agent's queue of events was seen empty since the last gap. */
  isCaughtUp: boolean;
  /** In a row. */
  failures: number;
  /** Epoch ms of the last request that passed. */
  lastPassedMs: number;
}

/** An older GUID is renewed before it is used again: it rotates each minute and lapses after two. */
const agedMs = 60_000;
/** A poll that takes this long was held by the gateway, and not just answered over a slow line. */
const heldMs = 1_000;

export const watchOperation = ({ settings }: HuaweiSource): string => (settings.events === 'poll' ? 'getAgentEvent' : 'handShake');

const isNothing = (event: unknown): boolean =>
  event === null || event === undefined || event === '' || (typeof event === 'object' && Object.keys(event).length === 0);

/** One event, none in several spellings, or cautiously several. */
const eventsIn = (event: unknown): readonly unknown[] => (isNothing(event) ? [] : Array.isArray(event) ? event : [event]);

/** Waits for an event and applies it. Returns true if the agent's state has to be fetched. */
export const pollEvents = async (watch: Watch, session: Session): Promise<boolean> => {
  const { source, contacts, agent, signal } = watch;
  const { clock } = source.context;
  const sentAtMs = clock.monotonicMs();
  const answer = await sendInSession(
    { source, agent, session },
    {
      operation: watchOperation(source),
      method: 'GET',
      path: `/agentevent/${agent}`,
      timeoutMs: source.settings.pollTimeoutSeconds * 1000,
      unbounded: true,
      emptyIsNothing: true,
      signal,
    },
  );
  const raw = eventsIn(answer.event);
  // An event that a poll had to wait for has just come to be, and so have those after an empty queue.
  if (raw.length === 0 || clock.monotonicMs() - sentAtMs >= heldMs) watch.isCaughtUp = true;
  const received = await source.events.receive({ agent, asOfMs: clock.now(), persist: signal, mayBeLate: !watch.isCaughtUp }, raw);
  // Only now: an event is given once, and must be kept whatever else fails.
  await contacts.note(agent);
  if (received.signedOut) {
    await noteSignedOut(source, agent);
    throw new ExpectedError('NOT_SIGNED_IN', `Agent ${agent} was signed out by the gateway.`, { vendorCode: '100-006' });
  }
  return received.refetch;
};

export const sendHeartbeat = async ({ source, contacts, agent, signal }: Watch, session: Session): Promise<void> => {
  const path = `/onlineagent/${agent}/handshake`;
  await sendInSession({ source, agent, session }, { operation: watchOperation(source), method: 'POST', path, signal });
  await contacts.note(agent);
};

/** Takes up a session that an earlier run left: its GUID may be about to lapse. */
export const takeUpSession = async ({ source, agent, signal }: Watch, session: Session): Promise<Session> => {
  const { settings, context, gateway, sessions } = source;
  if (settings.authMode === 'static' || Math.abs(context.clock.now() - session.renewedAtMs) < agedMs) return session;
  const operation = 'updateGuid';
  try {
    await sendInSession({ source, agent, session }, { operation, method: 'PUT', path: `/onlineagent/${agent}/updateGuid`, signal });
  } catch (error) {
    if (signal.aborted) throw error;
    const isRightMissing = isInterfaceForbidden(error) && (await isSessionGood({ source, agent, session }, operation));
    if (isSessionLost(error) && !isRightMissing) throw error;
    if (isRightMissing) gateway.refusesRight(operation, agent);
  }
  return (await sessions.current(agent)) ?? session;
};

/** Fetches and reports the agent's state. Returns false where the gateway refuses that, which still has events to give. */
export const resync = async ({ source, agent, isFresh, signal }: Watch, session: Session): Promise<boolean> => {
  const { context, settings } = source;
  const asOfMs = context.clock.now();
  try {
    const observations = await fetchAgentState({ source, agent, session }, { fresh: isFresh, signal });
    await context.observe({ observations, asOfMs, contact: [agent] });
    return true;
  } catch (error) {
    if (!isPermanent(error)) throw error;
    context.log.warn('agent state could not be fetched', { source: settings.name, agent, error });
    return false;
  }
};
