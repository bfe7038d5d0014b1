/** One agent session a configured agent: signed in where it is missing, replaced once for all who wait when it is lost. */
import { ExpectedError, type VendorContext } from '../kit/index.ts';
import type { Gateway } from './client.ts';
import { heldElsewhere, isAnswerLost, isFinal, isInterfaceForbidden, isLapsed, isSessionLost } from './errors.ts';
import { createOwnership } from './ownership.ts';
import type { Session, Sessions, SignInOptions } from './session.ts';
import { createSessionStore, isSession, isSignedOut, isUnseen } from './session-store.ts';
import type { HuaweiAgent, HuaweiSettings } from './settings.ts';
import { joinQueues, signInWith } from './sign-in.ts';
import { createSignInErrors } from './sign-in-errors.ts';

/** How long a GUID that was refused may still turn out to be replaced by a poll that is being answered. */
const rotationGraceMs = 250;
/** A session that had to be taken back this often within that time is wanted by somebody else too. */
const contestedTakeovers = 3;
const contestedMs = 300_000;
const recheckMs = 5_000;

export const createSessions = (settings: HuaweiSettings, context: VendorContext, gateway: Gateway): Sessions => {
  const agents = new Map(settings.agents.map((agent) => [agent.id, agent]));
  const running = new Map<string, { kind: 'sign-in' | 'sign-out'; done: Promise<Session | null> }>();
  const takeoversAtMs = new Map<string, readonly number[]>();
  const store = createSessionStore(context);
  const errors = createSignInErrors(gateway);
  const ownership = createOwnership(gateway, context.clock);

  const configured = (id: string): HuaweiAgent => {
    const agent = agents.get(id);
    if (agent) return agent;
    throw new ExpectedError(
      'NOT_FOUND',
      `Agent ${id} is not one of the agents of source ${settings.name}; list it under agents in the configuration.`,
    );
  };
  const notSignedIn = (agent: string) => {
    const held = errors.of(agent)?.final === false;
    const message = settings.attachSession
      ? `The current session of agent ${agent} at source ${settings.name} is not known; the next push of the agent's toolbar brings it.`
      : held
        ? `Agent ${agent} is signed in at source ${settings.name} by another client; sign it in with force to take over.`
        : `Agent ${agent} is not signed in at source ${settings.name}; sign it in with signInAgent.`;
    return new ExpectedError('NOT_SIGNED_IN', message);
  };

  const alone = async <T extends Session | null>(agent: string, kind: 'sign-in' | 'sign-out', work: () => Promise<T>): Promise<T> => {
    const done = work();
    running.set(agent, { kind, done });
    try {
      return await done;
    } finally {
      running.delete(agent);
    }
  };

  const signInNow = (agent: HuaweiAgent, options: SignInOptions, wasHeld: boolean | null): Promise<Session> =>
    alone(agent.id, 'sign-in', async () => {
      const held = wasHeld ?? (await store.current(agent.id)) !== null;
      const takeovers = (takeoversAtMs.get(agent.id) ?? []).filter((at) => context.clock.monotonicMs() - at < contestedMs);
      const contested = takeovers.length >= contestedTakeovers;
      // Polls that pass show that the session which the gateway holds is this one: what is refused is a right.
      const isWatched = () => held && options.isLapsed !== true && ownership.isWatched(agent.id);
      const isWanted = settings.forceSignIn || (!contested && ownership.isOwnLapsed(agent.id, held, options.isLapsed === true));
      const mayForce = options.force === true || (options.onlyReads !== true && !(wasHeld === true && isWatched()) && isWanted);
      try {
        const { session, forced } = await signInWith(gateway, settings, context.clock, agent, options.phone ?? agent.phone, mayForce);
        if (forced) takeoversAtMs.set(agent.id, [...takeovers, context.clock.monotonicMs()]);
        ownership.noteSignedIn(agent.id);
        await store.write(agent.id, session);
        errors.forget(agent.id);
        await joinQueues({ gateway, settings, log: context.log }, agent.id, session, (renewal) => store.renew(agent.id, session, renewal));
        return session;
      } catch (error) {
        if (!(error instanceof ExpectedError)) throw error;
        const unseen = heldElsewhere.has(error.vendorCode ?? '');
        if (unseen && isWatched()) {
          if (options.refused === undefined) throw error;
          ownership.noteRightMissing(agent.id, options.refused);
          throw gateway.refusesRight(options.refused, agent.id);
        }
        if (isAnswerLost(error)) {
          ownership.noteLostSignIn(agent.id);
          if (!held) await store.write(agent.id, { unseen: true });
        }
        const final = isFinal(error);
        // Those who watch the agent judge the errors of reads.
        if ((final || unseen) && options.onlyReads !== true) {
          errors.note(agent.id, { message: error.message, final });
          // An agent who was signed out stays so until a sign-in works.
          if (!isSignedOut(await store.read(agent.id))) await store.write(agent.id, unseen ? { unseen } : null);
          context.log.warn('agent sign-in refused', { source: settings.name, agent: agent.id, vendorCode: error.vendorCode });
        }
        throw error;
      }
    });

  /** Joins a sign-in that runs already. */
  const signInShared = async (agent: HuaweiAgent, held: boolean, options: SignInOptions = {}): Promise<Session> => {
    const other = running.get(agent.id);
    if (!other) return signInNow(agent, options, held);
    const session = await other.done;
    if (session === null) throw notSignedIn(agent.id);
    return session;
  };

  const mayBeElsewhere = async (agent: string): Promise<boolean> => {
    const stored = await store.read(agent);
    return isUnseen(stored) || (stored === null && settings.attachSession);
  };

  const recoverAfter = async (agent: string, lost: Session, grace: number, options: SignInOptions): Promise<Session> => {
    for (const ms of grace > 0 ? [grace, 0] : [0]) {
      const stored = await store.read(agent);
      if (!isSession(stored)) {
        if (running.has(agent)) break;
        throw notSignedIn(agent);
      }
      if (stored.guid !== lost.guid) return stored;
      if (ms > 0 && !running.has(agent)) await store.changed(agent, ms);
    }
    if (settings.attachSession) {
      await store.write(agent, { unseen: true });
      throw notSignedIn(agent);
    }
    if (options.refused !== undefined && ownership.isRightMissing(agent, options.refused))
      throw gateway.refusesRight(options.refused, agent);
    return signInShared(configured(agent), true, options);
  };

  const isGood: Sessions['isGood'] = async (agent, session, refused) => {
    const byCalls = refused === 'getAgentStatus';
    const sent = gateway.send({
      operation: byCalls ? 'queryAllCallInfoByAgentWorkNoEx' : 'getAgentStatus',
      method: 'GET',
      path: byCalls ? `/calldata/${agent}/allcallinfoEx/${agent}` : `/onlineagent/${agent}/agentstatus`,
      agent,
      credentials: session,
      renewed: (renewal) => store.renew(agent, session, renewal),
    });
    return sent.then(
      () => true,
      () => false,
    );
  };

  return {
    agent: configured,
    current: store.current,
    isUnseen: mayBeElsewhere,
    recover: (agent, lost, options = {}) => recoverAfter(agent, lost, 0, options),
    isGood,
    attach: async (agent, guid) => {
      const stored = await store.read(agent);
      if (isSession(stored) && stored.guid === guid) return;
      errors.forget(agent);
      await store.write(agent, { guid, cookies: {}, phone: configured(agent).phone, renewedAtMs: context.clock.now() });
    },
    signInError: (agent) => errors.of(agent)?.message ?? null,
    use: async (agent, operation, work, { onlyReads } = {}) => {
      configured(agent);
      let session = (await store.current(agent)) ?? (await running.get(agent)?.done) ?? null;
      if (session === null) throw notSignedIn(agent);
      for (let losses = 0; ; losses += 1) {
        try {
          return await work(session);
        } catch (error) {
          if (!isSessionLost(error) || losses === 2) throw error;
          if (isInterfaceForbidden(error) && (await isGood(agent, session, operation))) throw gateway.refusesRight(operation, agent);
          session = await recoverAfter(agent, session, settings.authMode === 'dynamic' && losses === 0 ? rotationGraceMs : 0, {
            isLapsed: isLapsed(error),
            onlyReads,
            refused: isInterfaceForbidden(error) ? operation : undefined,
          });
        }
      }
    },
    renew: store.renew,
    ready: async (agent, signal) => {
      const own = configured(agent);
      for (;;) {
        signal.throwIfAborted();
        const stored = await store.read(agent);
        if (isSession(stored)) return stored;
        const wanted =
          (stored === null || isUnseen(stored)) && settings.signInAtStart && !settings.attachSession && !errors.of(agent)?.final;
        if (wanted) return signInShared(own, false);
        await store.changed(agent, recheckMs, signal);
      }
    },
    signIn: async (agent, options) => {
      const own = configured(agent);
      const other = running.get(agent);
      if (other) {
        throw new ExpectedError('CONFLICT', `A ${other.kind} of agent ${agent} is running; try again when it has ended.`, {
          retryable: true,
        });
      }
      return signInNow(own, options, null);
    },
    signOut: async (agent, force, leave) => {
      const own = configured(agent);
      const other = running.get(agent);
      if (other) {
        throw new ExpectedError('CONFLICT', `A ${other.kind} of agent ${agent} is running; try again when it has ended.`, {
          retryable: true,
        });
      }
      await alone(agent, 'sign-out', async () => {
        let session = await store.current(agent);
        if (session === null && (await mayBeElsewhere(agent))) {
          // Only the agent's session can end itself, so that another client's is taken over first.
          if (!force && !ownership.isOwnLapsed(agent, false, false)) {
            throw new ExpectedError('CONFLICT', `Agent ${agent} is signed in by another client; sign out with force to end that session.`);
          }
          session = (await signInWith(gateway, settings, context.clock, own, own.phone, true)).session;
        }
        if (session) {
          await leave(session).catch((error: unknown) => {
            if (!isSessionLost(error)) throw error;
          });
        }
        errors.forget(agent);
        await store.write(agent, { signedOut: true });
        return null;
      });
    },
    ended: async (agent) => {
      if (!isSession(await store.read(agent))) return;
      const message = `Agent ${agent} was signed out at the platform; sign it in with signInAgent.`;
      errors.note(agent, { message, final: true });
      await store.write(agent, { signedOut: true });
    },
  };
};
