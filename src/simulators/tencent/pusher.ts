/** Data pushes as the vendor sends them: the same UUID over a first delivery and three more, until ErrCode is the number 0. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { Random } from '../kit/random.ts';
import { createTimers, type Timers } from '../kit/timers.ts';
import type { Push } from './records.ts';
import type { TencentSwitches } from './switches.ts';

type SimulatedPushAuth =
  | { type: 'none' }
  | { type: 'basic'; username: string; password: string }
  | { type: 'oauth2'; tokenUrl: string; clientId: string; clientSecret: string };

interface PushTarget {
  /** The custom URL as it is set in the console; `action` is added to it. */
  url: string;
  auth: SimulatedPushAuth;
}

export interface Delivery {
  action: string;
  uuid: string;
  /** From 1 to 4. */
  attempt: number;
  /** Null where no answer came in time. */
  status: number | null;
  answer: string;
  succeeded: boolean;
}

const maxDeliveries = 5000;

export interface Pusher {
  /** Every delivery, oldest first. */
  deliveries: Delivery[];
  pushTo(to: PushTarget | null): void;
  /** The next pushes of this action never leave. */
  lose(action: string, count?: number): void;
  push(push: Push): void;
  /** Resolves when no delivery is under way; retries that wait for their time do not count. */
  drained(): Promise<void>;
  close(): Promise<void>;
}

interface State {
  clock: Clock;
  switches: TencentSwitches;
  target: PushTarget | null;
  token: { value: string; untilMs: number } | null;
  deliveries: Delivery[];
  running: Set<Promise<void>>;
  /** The retries that wait for their time. */
  retries: Timers;
  closed: boolean;
}

const basic = (name: string, secret: string): string => `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;

type OAuth2 = Extract<SimulatedPushAuth, { type: 'oauth2' }>;

const tokenRequest = ({ clientId, clientSecret }: OAuth2, inHeader: boolean): RequestInit => {
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' };
  if (inHeader) headers.authorization = basic(clientId, clientSecret);
  else {
    form.set('client_id', clientId);
    form.set('client_secret', clientSecret);
  }
  return { method: 'POST', headers, body: form.toString() };
};

const fetchToken = async (state: State, auth: OAuth2): Promise<string> => {
  const { clock, switches, token } = state;
  if (token && token.untilMs > clock.now()) return token.value;
  const response = await fetch(auth.tokenUrl, tokenRequest(auth, switches.oauth2Credentials === 'header'));
  const answer = (await response.json()) as { access_token?: string; expires_in?: number };
  if (response.status !== 200 || !answer.access_token) throw new Error('no token');
  state.token = { value: answer.access_token, untilMs: clock.now() + (answer.expires_in ?? 0) * 1000 };
  return state.token.value;
};

const authorization = async (state: State, auth: SimulatedPushAuth): Promise<string | null> => {
  if (auth.type === 'none') return null;
  return auth.type === 'basic' ? basic(auth.username, auth.password) : `Bearer ${await fetchToken(state, auth)}`;
};

const errCodeIn = (answer: string): unknown => {
  try {
    return (JSON.parse(answer) as { ErrCode?: unknown }).ErrCode;
  } catch {
    return null;
  }
};

/** One push on its way, over its deliveries. */
interface Sending {
  push: Push;
  uuid: string;
}

type Outcome = Pick<Delivery, 'status' | 'answer' | 'succeeded'>;

const send = async (state: State, { url, auth }: PushTarget, { push, uuid }: Sending): Promise<Outcome> => {
  const { switches } = state;
  try {
    const credentials = await authorization(state, auth);
    const headers: Record<string, string> = { 'content-type': 'application/json;charset=utf8', 'x-tccc-push-uuid': uuid };
    if (credentials !== null) headers.authorization = credentials;
    const signal = AbortSignal.timeout(switches.answerTimeoutMs);
    const address = `${url}${url.includes('?') ? '&' : '?'}${push.query}`;
    const response = await fetch(address, { method: 'POST', headers, body: push.body, signal });
    const answer = await response.text();
    if (response.status === 401) state.token = null;
    const succeeded = errCodeIn(answer) === 0 && (response.status === 200 || !switches.statusMatters);
    return { status: response.status, answer, succeeded };
  } catch {
    return { status: null, answer: '', succeeded: false };
  }
};

const deliver = async (state: State, sending: Sending, attempt: number): Promise<void> => {
  const { target, switches, deliveries, retries } = state;
  if (target === null || state.closed) return;
  const outcome = await send(state, target, sending);
  deliveries.push({ action: sending.push.action, uuid: sending.uuid, attempt, ...outcome });
  if (deliveries.length > maxDeliveries) deliveries.shift();
  const delayMs = switches.retryDelaysMs[attempt - 1];
  if (outcome.succeeded || delayMs === undefined) return;
  retries.after(delayMs, () => start(state, sending, attempt + 1));
};

const start = (state: State, sending: Sending, attempt: number): void => {
  const work = deliver(state, sending, attempt);
  state.running.add(work);
  void work.finally(() => state.running.delete(work));
};

export const createPusher = (clock: Clock, random: Random, switches: TencentSwitches): Pusher => {
  const retries = createTimers(clock);
  const state: State = { clock, switches, target: null, token: null, deliveries: [], running: new Set(), retries, closed: false };
  const toLose = new Map<string, number>();
  return {
    deliveries: state.deliveries,
    pushTo: (to) => {
      state.target = to;
      state.token = null;
    },
    lose: (action, count = 1) => {
      toLose.set(action, (toLose.get(action) ?? 0) + count);
    },
    push: (push) => {
      const left = toLose.get(push.action) ?? 0;
      if (left > 0) toLose.set(push.action, left - 1);
      else start(state, { push, uuid: random.guid() }, 1);
    },
    drained: async () => {
      while (state.running.size > 0) await Promise.all(state.running);
    },
    close: async () => {
      state.closed = true;
      state.retries.stop();
      await Promise.all(state.running);
    },
  };
};
