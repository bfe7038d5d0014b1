/** Watches one agent for as long as the server runs, and fetches the agent's state after every gap. */
import { ExpectedError, epochMsOrNull, pause } from '../kit/index.ts';
import { isInterfaceForbidden, isLapsed, isPermanent, isSessionLost } from './errors.ts';
import { signedOut, unseen } from './mapping.ts';
import type { Session } from './session.ts';
import { mayBeElsewhere } from './sessions.ts';
import { maxStalenessMsOf } from './settings.ts';
import { readySession } from './sign-in.ts';
import { pollEvents, resync, sendHeartbeat, takeUpSession, type Watch, watchOperation } from './watch-requests.ts';
import { isSessionGood, recoverSession } from './with-session.ts';

const betweenPollsMs = 200;
const heartbeatMs = 30_000;
const firstBackOffMs = 1_000;
const maxBackOffMs = 60_000;

/** Spreads agents who failed at the same moment; the same agent always gets the same share. */
const spread = (agent: string): number => 0.8 + (Number(agent) % 41) / 100;

/** Says that nothing is known of an agent; its row stays as old as the last true word about it. */
const noteUnknown = async ({ source: { context }, agent, lastPassedMs }: Watch): Promise<void> => {
  const known = context.known.agent(agent);
  if (known === null || known.status === 'UNKNOWN') return;
  await context.observe({ observations: unseen(agent), asOfMs: Math.max(lastPassedMs, epochMsOrNull(known.observedAt) ?? 0) });
};

/** Of an agent who could not be watched for too long nothing is known; one who has signed out does not come back by itself. */
const noteOutOfSight = async (watch: Watch): Promise<void> => {
  const { context, settings } = watch.source;
  const isStale = context.clock.now() - watch.lastPassedMs > maxStalenessMsOf(settings);
  const isOffline = context.known.agent(watch.agent)?.status === 'OFFLINE';
  if ((await mayBeElsewhere(watch.source, watch.agent)) || (isStale && !isOffline)) await noteUnknown(watch);
};

/** Reports an agent without a session. */
const noteNotSignedIn = async (watch: Watch): Promise<void> => {
  const { source, contacts, agent } = watch;
  watch.isTakenUp = true;
  watch.isFresh = true;
  contacts.forget(agent);
  if (await mayBeElsewhere(source, agent)) await noteUnknown(watch);
  else if (watch.gap)
    await source.context.observe({ observations: signedOut(agent, null), asOfMs: source.context.clock.now(), contact: [agent] });
};

/** One poll or heartbeat, after the agent's state where that is not known. */
const watchOnce = async (watch: Watch, session: Session): Promise<void> => {
  const { settings, context, gateway } = watch.source;
  if (watch.gap && (await resync(watch, session))) watch.lastPassedMs = context.clock.now();
  watch.isFresh = false;
  if (settings.events === 'poll') watch.gap = await pollEvents(watch, session);
  else {
    // A session that the agent's own client holds is kept alive by that client.
    if (!settings.attachSession) await sendHeartbeat(watch, session);
    watch.gap = false;
  }
  watch.failures = 0;
  if (!settings.attachSession) watch.lastPassedMs = context.clock.now();
  gateway.noteProblem(null, `agent ${watch.agent}`);
};

/** Takes in that the agent could not be watched; returns how long to wait, in ms. */
const noteFailure = async (watch: Watch, session: Session | null, error: unknown): Promise<number> => {
  const { source, agent } = watch;
  const { settings, context, gateway, signInErrors } = source;
  watch.gap = true;
  watch.isTakenUp = true;
  watch.isCaughtUp = false;
  const expected = error instanceof ExpectedError ? error : null;
  if (expected === null) context.log.error('agent could not be observed', { source: settings.name, agent, error });
  const watching = watchOperation(source);
  const isRightMissing = session !== null && isInterfaceForbidden(error) && (await isSessionGood({ source, agent, session }, watching));
  const problem = isRightMissing ? gateway.refusesRight(watching, agent) : expected;
  // A request that was not sent is no new failure.
  if (expected?.notSent !== true) gateway.noteProblem(problem?.message ?? null, `agent ${agent}`);
  const isReplaced =
    session !== null &&
    isSessionLost(error) &&
    !isRightMissing &&
    (await recoverSession({ source, agent, session }, { isLapsed: isLapsed(error) }).then(
      () => true,
      () => false,
    ));
  watch.isFresh ||= isReplaced;
  watch.failures += 1;
  if (isReplaced && watch.failures === 1) return 0;
  await noteOutOfSight(watch);
  if (signInErrors.has(agent) || isPermanent(error)) context.log.info('agent is not watched for now', { source: settings.name, agent });
  // Without the right to poll, the agent's state alone shows what happens.
  const maxMs = isRightMissing ? Math.max(firstBackOffMs, maxStalenessMsOf(settings) / 2) : maxBackOffMs;
  return Math.min(maxMs, firstBackOffMs * 2 ** Math.min(watch.failures - 1, 6)) * spread(agent);
};

export const watchAgent = async (watched: Pick<Watch, 'source' | 'contacts' | 'agent' | 'signal'>): Promise<void> => {
  const { source, contacts, agent, signal } = watched;
  const { clock } = source.context;
  const state = { gap: true, isTakenUp: false, isFresh: false, isCaughtUp: false, failures: 0, lastPassedMs: clock.now() };
  const watch: Watch = { ...watched, ...state };
  const waitMs = source.settings.events === 'poll' ? betweenPollsMs : heartbeatMs;
  while (!signal.aborted) {
    let session: Session | null = null;
    try {
      session = await source.sessions.current(agent);
      if (session === null) await noteNotSignedIn(watch);
      session ??= await readySession(source, agent, signal);
      contacts.expect(agent);
      if (!watch.isTakenUp) session = await takeUpSession(watch, session);
      watch.isTakenUp = true;
      await watchOnce(watch, session);
      await pause(clock, waitMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      const backOffMs = await noteFailure(watch, session, error);
      if (backOffMs > 0) await pause(clock, backOffMs, signal);
    }
  }
};
