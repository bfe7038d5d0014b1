/** One agent session a configured agent: kept in the store, renewed by what answers bring, replaced once for all who wait when it is lost. */
import { ExpectedError, pause, type VendorContext } from '../kit/index.ts';
import type { Gateway } from './client.ts';
import { heldElsewhere, isAnswerLost, isFinal, isInterfaceForbidden, isLapsed, isSessionLost } from './errors.ts';
import { createOwnership } from './ownership.ts';
import type { Session, Sessions, SignInOptions } from './session.ts';
import { type HuaweiAgent, type HuaweiSettings, queuesOf } from './settings.ts';
import { joinSkills, signInWith } from './sign-in.ts';

/** `unseen`: the agent may be signed in, by another client or by a sign-in of ours whose answer was lost. */
type Stored = Session | { signedOut: true } | { unseen: true } | null;
const isSession = (stored: Stored): stored is Session => stored !== null && 'guid' in stored;
const isSignedOut = (stored: Stored): boolean => stored !== null && 'signedOut' in stored;
const isUnseen = (stored: Stored): boolean => stored !== null && 'unseen' in stored;

/** How long a GUID that was refused may still turn out to be replaced by a poll that is being answered. */
const rotationGraceMs = 250;
/** A session that had to be taken back this often within that time is wanted by somebody else too. */
const contestedTakeovers = 3;
const contestedMs = 300_000;
const recheckMs = 5_000;

export const createSessions = (settings: HuaweiSettings, context: VendorContext, gateway: Gateway): Sessions => {
  const agents = new Map(settings.agents.map((agent) => [agent.id, agent]));
  const running = new Map<string, { kind: 'sign-in' | 'sign-out'; done: Promise<Session | null> }>();
  /** `final` where no repetition mends it. */
  const signInErrors = new Map<string, { message: string; final: boolean }>();
  const takeoversAtMs = new Map<string, readonly number[]>();
  const waiting = new Map<string, Set<() => void>>();

  const key = (agent: string) => `session:${agent}`;
  const read = async (agent: string) => (await context.state.get(key(agent))) as Stored;
  const wake = (agent: string) => {
    for (const resolve of waiting.get(agent) ?? []) resolve();
    waiting.delete(agent);
  };
  const write = async (agent: string, stored: Stored) => {
    await (stored === null ? context.state.delete(key(agent)) : context.state.put(key(agent), stored));
    wake(agent);
  };
  const changed = async (agent: string, ms: number, signal?: AbortSignal): Promise<void> => {
    const own = waiting.get(agent) ?? new Set();
    waiting.set(agent, own);
    await pause(context.clock, ms, signal, (resolve) => own.add(resolve));
  };
  const reportSignInErrors = () =>
    gateway.noteProblem(
      signInErrors.size === 0
        ? null
        : [...signInErrors.values()]
            .slice(0, 3)
            .map(({ message }) => message)
            .join(' '),
    );
  const forgetSignInError = (agent: string) => {
    if (signInErrors.delete(agent)) reportSignInErrors();
  };

  const configured = (id: string): HuaweiAgent => {
    const agent = agents.get(id);
    if (agent) return agent;
    throw new ExpectedError(
      'NOT_FOUND',
      `Agent ${id} is not one of the agents of source ${settings.name}; list it under agents in the configuration.`,
    );
  };
  const notSignedIn = (agent: string) => {
    const held = signInErrors.get(agent)?.final === false;
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

  const renew: Sessions['renew'] = async (agent, used, renewal) => {
    if (renewal.guid === null && Object.keys(renewal.cookies).length === 0) return;
    const stored = await read(agent);
    // An answer that was on its way when the session was replaced or ended says nothing about what came after.
    if (!isSession(stored) || stored.guid !== used.guid) return;
    const cookies = Object.fromEntries(Object.entries({ ...stored.cookies, ...renewal.cookies }).filter(([, value]) => value !== ''));
    const rotated = renewal.guid !== null && renewal.guid !== stored.guid;
    if (!rotated && JSON.stringify(cookies) === JSON.stringify(stored.cookies)) return;
    await write(agent, {
      ...stored,
      cookies,
      guid: renewal.guid ?? stored.guid,
      renewedAtMs: rotated ? context.clock.now() : stored.renewedAtMs,
    });
  };

  const ownership = createOwnership(gateway, context.clock);

  const signInNow = (agent: HuaweiAgent, options: SignInOptions, wasHeld: boolean | null): Promise<Session> =>
    alone(agent.id, 'sign-in', async () => {
      const held = wasHeld ?? (await current(agent.id)) !== null;
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
        await write(agent.id, session);
        forgetSignInError(agent.id);
        const queues = queuesOf(settings);
        if (queues !== null) {
          const about = `skill queues of agent ${agent.id}`;
          await joinSkills(gateway, agent.id, session, queues, (renewal) => renew(agent.id, session, renewal)).then(
            () => gateway.noteProblem(null, about),
            (error: unknown) => {
              if (!(error instanceof ExpectedError)) throw error;
              const refused = isInterfaceForbidden(error) ? gateway.refusesRight('resetSkill', agent.id) : error;
              gateway.noteProblem(`${refused.message.replace(/\.$/, '')}; the agent joined no skill queue.`, about);
              context.log.warn('agent joined no skill queue', { source: settings.name, agent: agent.id, vendorCode: error.vendorCode });
            },
          );
        }
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
          if (!held) await write(agent.id, { unseen: true });
        }
        const final = isFinal(error);
        // What a read meets is judged by those who watch the agent.
        if ((final || unseen) && options.onlyReads !== true) {
          signInErrors.set(agent.id, { message: error.message, final });
          reportSignInErrors();
          // Who was signed out stays so until a sign-in works.
          if (!isSignedOut(await read(agent.id))) await write(agent.id, unseen ? { unseen } : null);
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

  const current = async (agent: string) => {
    const stored = await read(agent);
    return isSession(stored) ? stored : null;
  };

  const mayBeElsewhere = async (agent: string): Promise<boolean> => {
    const stored = await read(agent);
    return isUnseen(stored) || (stored === null && settings.attachSession);
  };

  const recoverAfter = async (agent: string, lost: Session, grace: number, options: SignInOptions): Promise<Session> => {
    for (const ms of grace > 0 ? [grace, 0] : [0]) {
      const stored = await read(agent);
      if (!isSession(stored)) {
        if (running.has(agent)) break;
        throw notSignedIn(agent);
      }
      if (stored.guid !== lost.guid) return stored;
      if (ms > 0 && !running.has(agent)) await changed(agent, ms);
    }
    if (settings.attachSession) {
      await write(agent, { unseen: true });
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
      renewed: (renewal) => renew(agent, session, renewal),
    });
    return sent.then(
      () => true,
      () => false,
    );
  };

  return {
    agent: configured,
    current,
    isUnseen: mayBeElsewhere,
    recover: (agent, lost, options = {}) => recoverAfter(agent, lost, 0, options),
    isGood,
    attach: async (agent, guid) => {
      const stored = await read(agent);
      if (isSession(stored) && stored.guid === guid) return;
      forgetSignInError(agent);
      await write(agent, { guid, cookies: {}, phone: configured(agent).phone, renewedAtMs: context.clock.now() });
    },
    signInError: (agent) => signInErrors.get(agent)?.message ?? null,
    use: async (agent, operation, work, { onlyReads } = {}) => {
      configured(agent);
      let session = (await current(agent)) ?? (await running.get(agent)?.done) ?? null;
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
    renew,
    ready: async (agent, signal) => {
      const own = configured(agent);
      for (;;) {
        signal.throwIfAborted();
        const stored = await read(agent);
        if (isSession(stored)) return stored;
        const wanted =
          (stored === null || isUnseen(stored)) && settings.signInAtStart && !settings.attachSession && !signInErrors.get(agent)?.final;
        if (wanted) return signInShared(own, false);
        await changed(agent, recheckMs, signal);
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
        let session = await current(agent);
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
        forgetSignInError(agent);
        await write(agent, { signedOut: true });
        return null;
      });
    },
    ended: async (agent) => {
      if (!isSession(await read(agent))) return;
      const message = `Agent ${agent} was signed out at the platform; sign it in with signInAgent.`;
      signInErrors.set(agent, { message, final: true });
      reportSignInErrors();
      await write(agent, { signedOut: true });
    },
  };
};
