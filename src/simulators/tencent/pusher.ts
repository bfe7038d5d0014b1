/** Data pushes as the vendor sends them: the same UUID over a first delivery and three more, until ErrCode is the number 0. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { Random } from '../kit/random.ts';
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

export const createPusher = (clock: Clock, random: Random, switches: TencentSwitches): Pusher => {
  let target: PushTarget | null = null;
  let token: { value: string; untilMs: number } | null = null;
  let closed = false;
  const deliveries: Delivery[] = [];
  const running = new Set<Promise<void>>();
  const timers = new Set<() => void>();
  const toLose = new Map<string, number>();

  const fetchToken = async (auth: Extract<SimulatedPushAuth, { type: 'oauth2' }>): Promise<string> => {
    if (token && token.untilMs > clock.now()) return token.value;
    const inHeader = switches.oauth2Credentials === 'header';
    const form = new URLSearchParams({ grant_type: 'client_credentials' });
    if (!inHeader) {
      form.set('client_id', auth.clientId);
      form.set('client_secret', auth.clientSecret);
    }
    const response = await fetch(auth.tokenUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(inHeader ? { authorization: `Basic ${Buffer.from(`${auth.clientId}:${auth.clientSecret}`).toString('base64')}` } : {}),
      },
      body: form.toString(),
    });
    const answer = (await response.json()) as { access_token?: string; expires_in?: number };
    if (response.status !== 200 || !answer.access_token) throw new Error('no token');
    token = { value: answer.access_token, untilMs: clock.now() + (answer.expires_in ?? 0) * 1000 };
    return token.value;
  };

  const authorization = async (auth: SimulatedPushAuth): Promise<string | null> => {
    if (auth.type === 'none') return null;
    if (auth.type === 'basic') return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
    return `Bearer ${await fetchToken(auth)}`;
  };

  const send = async (to: PushTarget, push: Push, uuid: string): Promise<Pick<Delivery, 'status' | 'answer' | 'succeeded'>> => {
    try {
      const credentials = await authorization(to.auth);
      const response = await fetch(`${to.url}${to.url.includes('?') ? '&' : '?'}${push.query}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json;charset=utf8',
          'x-tccc-push-uuid': uuid,
          ...(credentials === null ? {} : { authorization: credentials }),
        },
        body: push.body,
        signal: AbortSignal.timeout(switches.answerTimeoutMs),
      });
      const answer = await response.text();
      if (response.status === 401) token = null;
      let code: unknown;
      try {
        code = (JSON.parse(answer) as { ErrCode?: unknown }).ErrCode;
      } catch {
        code = null;
      }
      return { status: response.status, answer, succeeded: code === 0 && (response.status === 200 || !switches.statusMatters) };
    } catch {
      return { status: null, answer: '', succeeded: false };
    }
  };

  const deliver = async (push: Push, uuid: string, attempt: number): Promise<void> => {
    const to = target;
    if (to === null || closed) return;
    const outcome = await send(to, push, uuid);
    deliveries.push({ action: push.action, uuid, attempt, ...outcome });
    if (deliveries.length > maxDeliveries) deliveries.shift();
    const delayMs = switches.retryDelaysMs[attempt - 1];
    if (outcome.succeeded || delayMs === undefined || closed) return;
    const cancel = clock.after(delayMs, () => {
      timers.delete(cancel);
      start(deliver(push, uuid, attempt + 1));
    });
    timers.add(cancel);
  };

  const start = (work: Promise<void>): void => {
    running.add(work);
    void work.finally(() => running.delete(work));
  };

  return {
    deliveries,
    pushTo: (to) => {
      target = to;
      token = null;
    },
    lose: (action, count = 1) => {
      toLose.set(action, (toLose.get(action) ?? 0) + count);
    },
    push: (push) => {
      const left = toLose.get(push.action) ?? 0;
      if (left > 0) toLose.set(push.action, left - 1);
      else start(deliver(push, random.guid(), 1));
    },
    drained: async () => {
      while (running.size > 0) await Promise.all(running);
    },
    close: async () => {
      closed = true;
      for (const cancel of timers) cancel();
      await Promise.all(running);
    },
  };
};
