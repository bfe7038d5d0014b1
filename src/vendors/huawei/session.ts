import type { Renewal } from './credentials.ts';
import type { HuaweiAgent } from './settings.ts';

/** A session in the store, where every server can use it. */
export interface Session {
  guid: string;
  cookies: Readonly<Record<string, string>>;
  phone: string;
  /** Epoch ms at which the GUID was given. */
  renewedAtMs: number;
}

export interface SignInOptions {
  phone?: string | undefined;
  force?: boolean | undefined;
  /** A read never takes a session from another client. */
  onlyReads?: boolean | undefined;
  /** The gateway said that it lost the session by itself. */
  isLapsed?: boolean | undefined;
  /** The interface that the gateway refused, if it may lack a right to that alone. */
  refused?: string | undefined;
}

export interface Sessions {
  /** The configured agent; throws NOT_FOUND for one that is not. */
  agent(id: string): HuaweiAgent;
  /** The session as last stored by any server; null when the agent is not signed in. */
  current(agent: string): Promise<Session | null>;
  /** True if the agent may be signed in where this server cannot look: at another client, or since the answer to a sign-in was lost. */
  isUnseen(agent: string): Promise<boolean>;
  /**
   * Runs `work`, which sends `operation`, in the agent's session; a lost session is replaced and `work` runs once more. Throws NOT_SIGNED_IN
   * without one.
   */
  use<T>(agent: string, operation: string, work: (session: Session) => Promise<T>, options?: Pick<SignInOptions, 'onlyReads'>): Promise<T>;
  /** Returns true if the gateway takes the session for something else than what it refused. */
  isGood(agent: string, session: Session, refused: string): Promise<boolean>;
  /** Uses a session that the agent's own client holds and a push reported. */
  attach(agent: string, guid: string): Promise<void>;
  /** Takes in what an answer's headers brought. */
  renew(agent: string, used: Session, renewal: Renewal): Promise<void>;
  /** The session that replaces `lost`. */
  recover(agent: string, lost: Session, options?: Pick<SignInOptions, 'onlyReads' | 'isLapsed' | 'refused'>): Promise<Session>;
  /** A session to observe with: the stored one or a new one; waits while the agent is signed out or refused for good. */
  ready(agent: string, signal: AbortSignal): Promise<Session>;
  /** Throws CONFLICT while another sign-in or sign-out of the agent runs. */
  signIn(agent: string, options: SignInOptions): Promise<Session>;
  /** `force` also ends a session that another client holds; without it, that is a CONFLICT. */
  signOut(agent: string, force: boolean, leave: (session: Session) => Promise<void>): Promise<void>;
  /** Notes that somebody signed the agent out at the platform: only a command signs it in again. */
  ended(agent: string): Promise<void>;
  /** The message of the error that stopped the sign-ins of this agent, if one did. */
  signInError(agent: string): string | null;
}
