/** The agents' sessions in the store, where every server finds them. */
import { pause, type VendorContext } from '../kit/index.ts';
import type { Renewal } from './credentials.ts';
import type { Session } from './session.ts';

/** `unseen`: the agent may be signed in, by another client or by a sign-in of ours whose answer was lost. */
type Stored = Session | { signedOut: true } | { unseen: true } | null;

export const isSession = (stored: Stored): stored is Session => stored !== null && 'guid' in stored;
export const isSignedOut = (stored: Stored): boolean => stored !== null && 'signedOut' in stored;
export const isUnseen = (stored: Stored): boolean => stored !== null && 'unseen' in stored;

export interface SessionStore {
  read(agent: string): Promise<Stored>;
  /** The session; null where there is none. */
  current(agent: string): Promise<Session | null>;
  write(agent: string, stored: Stored): Promise<void>;
  /** Takes in what the headers of an answer to `used` brought. */
  renew(agent: string, used: Session, renewal: Renewal): Promise<void>;
  /** Resolves when this server writes a session of the agent, at the latest after `ms`. */
  changed(agent: string, ms: number, signal?: AbortSignal): Promise<void>;
}

export const createSessionStore = ({ state, clock }: Pick<VendorContext, 'state' | 'clock'>): SessionStore => {
  const waiting = new Map<string, Set<() => void>>();
  const key = (agent: string) => `session:${agent}`;

  const read = async (agent: string) => (await state.get(key(agent))) as Stored;
  const write = async (agent: string, stored: Stored) => {
    await (stored === null ? state.delete(key(agent)) : state.put(key(agent), stored));
    for (const resolve of waiting.get(agent) ?? []) resolve();
    waiting.delete(agent);
  };
  return {
    read,
    write,
    current: async (agent) => {
      const stored = await read(agent);
      return isSession(stored) ? stored : null;
    },
    changed: async (agent, ms, signal) => {
      const own = waiting.get(agent) ?? new Set();
      waiting.set(agent, own);
      await pause(clock, ms, signal, (resolve) => own.add(resolve));
    },
    renew: async (agent, used, renewal) => {
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
        renewedAtMs: rotated ? clock.now() : stored.renewedAtMs,
      });
    },
  };
};
