import type { Credentials } from './credentials.ts';

/** A session in the store, where every server can use it. */
export interface Session extends Credentials {
  phone: string;
  /** Epoch ms at which the GUID was given. */
  renewedAtMs: number;
}

/** A sign-in or sign-out that is under way; it resolves with the session that is then there. */
export interface SessionChange {
  kind: 'sign-in' | 'sign-out';
  done: Promise<Session | null>;
}

export interface SignInOptions {
  /** True if a session is to be replaced; where it is absent, that is looked up. */
  wasHeld?: boolean | undefined;
  phone?: string | undefined;
  force?: boolean | undefined;
  /** A read never takes a session from another client. */
  onlyReads?: boolean | undefined;
  /** The gateway said that it lost the session by itself. */
  isLapsed?: boolean | undefined;
  /** The interface that the gateway refused, if it may lack a right to that alone. */
  refused?: string | undefined;
}
