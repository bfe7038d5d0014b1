/** Watches each configured agent: one long poll in flight, or in push mode a heartbeat; fetches the agent's state after every gap. */
import { ExpectedError, epochMsOrNull, type Observation, type Observer, pause, reported, type VendorContext } from '../kit/index.ts';
import type { AgentStateReader } from './agent-state.ts';
import type { Gateway } from './client.ts';
import { createContacts } from './contacts.ts';
import { isInterfaceForbidden, isLapsed, isPermanent, isSessionLost } from './errors.ts';
import type { Events } from './events.ts';
import { signedOut, unseen } from './mapping.ts';
import type { Session, Sessions } from './session.ts';
import { type HuaweiSettings, maxStalenessMsOf } from './settings.ts';

const betweenPollsMs = 200;
const heartbeatMs = 30_000;
const firstBackOffMs = 1_000;
const maxBackOffMs = 60_000;
/** An older GUID is renewed before it is used again: it rotates each minute and lapses after two. */
const agedMs = 60_000;
/** A poll that takes this long was held by the gateway, and not just answered over a slow line. */
const heldMs = 1_000;

const isNothing = (event: unknown): boolean =>
  event === null || event === undefined || event === '' || (typeof event === 'object' && Object.keys(event).length === 0);

/** One event, none in several spellings, or cautiously several. */
const eventsIn = (event: unknown): readonly unknown[] => (isNothing(event) ? [] : Array.isArray(event) ? event : [event]);

/** Spreads agents who failed at the same moment; the same agent always gets the same share. */
const spread = (agent: string): number => 0.8 + (Number(agent) % 41) / 100;

export const createObserver = (
  settings: HuaweiSettings,
  context: VendorContext,
  gateway: Gateway,
  sessions: Sessions,
  events: Events,
  agentState: AgentStateReader,
): Observer => {
  const contacts = createContacts(
    settings.agents.map(({ id }) => id),
    context,
  );
  const watching = settings.events === 'poll' ? 'getAgentEvent' : 'handShake';
  /** Agents whose queue of events was seen empty since the last gap. */
  const caughtUp = new Set<string>();

  /** Returns false where the gateway refuses the question. */
  const resync = async (agent: string, session: Session, fresh: boolean, signal: AbortSignal): Promise<boolean> => {
    const sentAtMs = context.clock.now();
    try {
      await context.observe({
        observations: await agentState.fetch(agent, session, { fresh, signal }),
        asOfMs: sentAtMs,
        contact: [agent],
      });
      return true;
    } catch (error) {
      // A gateway that refuses the question still has events to give.
      if (!isPermanent(error)) throw error;
      context.log.warn('agent state could not be fetched', { source: settings.name, agent, error });
      return false;
    }
  };

  const request = (agent: string, session: Session, signal: AbortSignal) => ({
    agent,
    credentials: session,
    signal,
    renewed: (renewal: Parameters<Sessions['renew']>[2]) => sessions.renew(agent, session, renewal),
  });

  const poll = async (agent: string, session: Session, signal: AbortSignal): Promise<boolean> => {
    const sentAtMs = context.clock.monotonicMs();
    const answer = await gateway.send({
      ...request(agent, session, signal),
      operation: watching,
      method: 'GET',
      path: `/agentevent/${agent}`,
      timeoutMs: settings.pollTimeoutSeconds * 1000,
      unbounded: true,
      emptyIsNothing: true,
    });
    const raw = eventsIn(answer.event);
    // An event that a poll had to wait for has just come to be, and so have those after an empty queue.
    if (raw.length === 0 || context.clock.monotonicMs() - sentAtMs >= heldMs) caughtUp.add(agent);
    const received = await events.receive(agent, raw, context.clock.now(), { persist: signal, mayBeLate: !caughtUp.has(agent) });
    // Only now: an event is given once, and must be kept whatever else fails.
    await contacts.note(agent);
    if (received.signedOut) {
      await sessions.ended(agent);
      throw new ExpectedError('NOT_SIGNED_IN', `Agent ${agent} was signed out by the gateway.`, { vendorCode: '100-006' });
    }
    return received.refetch;
  };

  const heartbeat = async (agent: string, session: Session, signal: AbortSignal): Promise<boolean> => {
    await gateway.send({
      ...request(agent, session, signal),
      operation: watching,
      method: 'POST',
      path: `/onlineagent/${agent}/handshake`,
    });
    await contacts.note(agent);
    return false;
  };

  /** A session that an earlier run left: its GUID may be about to lapse. */
  const takeUp = async (agent: string, session: Session, signal: AbortSignal): Promise<Session> => {
    if (settings.authMode === 'static' || Math.abs(context.clock.now() - session.renewedAtMs) < agedMs) return session;
    try {
      await gateway.send({
        ...request(agent, session, signal),
        operation: 'updateGuid',
        method: 'PUT',
        path: `/onlineagent/${agent}/updateGuid`,
      });
    } catch (error) {
      if (signal.aborted) throw error;
      const isRightMissing = isInterfaceForbidden(error) && (await sessions.isGood(agent, session, 'updateGuid'));
      if (isSessionLost(error) && !isRightMissing) throw error;
      if (isRightMissing) gateway.refusesRight('updateGuid', agent);
    }
    return (await sessions.current(agent)) ?? session;
  };

  /** Says that nothing is known of an agent; its row stays as old as the last true word about it. */
  const noteUnknown = async (agent: string, lastPassedMs: number): Promise<void> => {
    const known = context.known.agent(agent);
    if (known === null || known.status === 'UNKNOWN') return;
    await context.observe({ observations: unseen(agent), asOfMs: Math.max(lastPassedMs, epochMsOrNull(known.observedAt) ?? 0) });
  };

  /** Of an agent who could not be watched for too long nothing is known; one who has signed out does not come back by itself. */
  const ageOut = async (agent: string, lastPassedMs: number): Promise<void> => {
    if (context.known.agent(agent)?.status === 'OFFLINE' || context.clock.now() - lastPassedMs <= maxStalenessMsOf(settings)) return;
    await noteUnknown(agent, lastPassedMs);
  };

  const watch = async (agent: string, signal: AbortSignal): Promise<void> => {
    let failures = 0;
    let gap = true;
    let taken = false;
    let fresh = false;
    let lastPassedMs = context.clock.now();
    while (!signal.aborted) {
      let session: Session | null = null;
      try {
        session = await sessions.current(agent);
        if (session === null) {
          taken = true;
          fresh = true;
          contacts.forget(agent);
          if (await sessions.isUnseen(agent)) await noteUnknown(agent, lastPassedMs);
          else if (gap) await context.observe({ observations: signedOut(agent, null), asOfMs: context.clock.now(), contact: [agent] });
        }
        session ??= await sessions.ready(agent, signal);
        contacts.expect(agent);
        if (!taken) session = await takeUp(agent, session, signal);
        taken = true;
        if (gap && (await resync(agent, session, fresh, signal))) lastPassedMs = context.clock.now();
        fresh = false;
        if (settings.events === 'poll') gap = await poll(agent, session, signal);
        // A session that the agent's own client holds is kept alive by that client.
        else gap = settings.attachSession ? false : await heartbeat(agent, session, signal);
        failures = 0;
        if (!settings.attachSession) lastPassedMs = context.clock.now();
        gateway.noteProblem(null, `agent ${agent}`);
        await pause(context.clock, settings.events === 'poll' ? betweenPollsMs : heartbeatMs, signal);
      } catch (error) {
        if (signal.aborted) return;
        gap = true;
        taken = true;
        caughtUp.delete(agent);
        if (!(error instanceof ExpectedError)) context.log.error('agent could not be observed', { source: settings.name, agent, error });
        const isRightMissing = session !== null && isInterfaceForbidden(error) && (await sessions.isGood(agent, session, watching));
        const problem = isRightMissing
          ? gateway.refusesRight(watching, agent).message
          : error instanceof ExpectedError
            ? error.message
            : null;
        // A request that was not sent is no new failure.
        if (!(error instanceof ExpectedError && error.notSent)) gateway.noteProblem(problem, `agent ${agent}`);
        const replaced =
          session !== null &&
          isSessionLost(error) &&
          !isRightMissing &&
          (await sessions.recover(agent, session, { isLapsed: isLapsed(error) }).then(
            () => true,
            () => false,
          ));
        fresh ||= replaced;
        if (replaced && failures === 0) {
          failures = 1;
          continue;
        }
        failures += 1;
        if (await sessions.isUnseen(agent)) await noteUnknown(agent, lastPassedMs);
        else await ageOut(agent, lastPassedMs);
        if (sessions.signInError(agent) !== null || isPermanent(error))
          context.log.info('agent is not watched for now', { source: settings.name, agent });
        // Without the right to poll, the agent's state alone shows what happens.
        const maxMs = isRightMissing ? Math.max(firstBackOffMs, maxStalenessMsOf(settings) / 2) : maxBackOffMs;
        await pause(context.clock, Math.min(maxMs, firstBackOffMs * 2 ** Math.min(failures - 1, 6)) * spread(agent), signal);
      }
    }
  };

  return {
    run: async (signal) => {
      // The configuration is no report of the gateway's: a row that it does not change keeps its time.
      const configured = settings.agents.flatMap(({ id, phone, name }): Observation[] => {
        const known = context.known.agent(id);
        const isKnown = known !== null && known.phone !== null && (name === undefined || known.name === name);
        return isKnown ? [] : [{ type: 'agent', agent: { externalId: id, phone, ...reported({ name }) } }];
      });
      await context
        .observe({ observations: configured, asOfMs: context.clock.now() })
        .catch((error: unknown) => context.log.error('agents could not be reported', { source: settings.name, error }));
      await Promise.all(settings.agents.map(({ id }) => watch(id, signal)));
    },
  };
};
