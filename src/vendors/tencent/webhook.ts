/** Data pushes: bytes, verify, read, persist, answer. An ErrCode other than 0 makes the vendor push again, three times at most. */
import { hash } from 'node:crypto';
import {
  ExpectedError,
  type VendorContext,
  type Webhook,
  type WebhookHead,
  type WebhookRequest,
  type WebhookResponse,
} from '../kit/index.ts';
import { type Intake, isPushAction, type PushAction, readJsonBody, Unreadable } from './intake.ts';
import type { PushGuard } from './push-auth.ts';
import type { PushHealth } from './push-health.ts';
import { specifiedSeatQuestion } from './wire.ts';

const answer = (status: number, body: object, headers: Record<string, string> = {}): WebhookResponse => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(body),
});

const acknowledged = () => answer(200, { ErrCode: 0, ErrMsg: '' });
const pushAgain = (why: string) => answer(200, { ErrCode: 1, ErrMsg: why });

/** The vendor's id of a delivery, the same over its retries; one that no vendor would send is not used. */
const receiptOf = (request: WebhookRequest): string | undefined => {
  const uuid = request.headers['x-tccc-push-uuid']?.trim();
  return uuid && uuid.length <= 200 ? uuid : undefined;
};

/** Where our own address has a query, the vendor's may be joined to it by a second question mark: `?token=…?action=cdr&version=1`. */
const actionOf = (query: URLSearchParams): string => {
  const plain = query.get('action');
  if (plain !== null) return plain;
  for (const value of query.values()) {
    const joined = /\?action=(\w+)$/.exec(value);
    if (joined) return joined[1]!;
  }
  return '';
};

/** A delivery and its three retries: what could not be read in any of them does not come right any more. */
const deliveries = 4;
/** How many deliveries that could not be read are counted at once. */
const maxCounted = 1000;

interface Pushes {
  source: string;
  guard: PushGuard;
  health: PushHealth;
  intake: Intake;
  context: VendorContext;
  /** Unreadable deliveries by their receipt, or the digest of their bytes. */
  failures: Map<string, number>;
}

/** The IVR waits for an agent or a queue: we know of none, and an ErrCode lets its flow go on by its own default. */
const declineSeat = (request: WebhookRequest): WebhookResponse => {
  let requestId: string | null = null;
  try {
    const question = specifiedSeatQuestion.safeParse(readJsonBody(request.body));
    requestId = question.success ? question.data.RequestId : null;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
  }
  return answer(200, {
    RequestId: requestId ?? '',
    ErrCode: 1,
    ErrMsg: 'Tapegraph does not route calls; point specifiedSeat at the system that does.',
    SeatEmails: [],
    SkillGroup: '',
  });
};

const setAside = async (
  { source, health, context }: Pushes,
  { action, reason }: { action: string; reason: string },
  request: WebhookRequest,
): Promise<WebhookResponse> => {
  await context.deadLetter({ kind: `push ${action}`.trim(), reason: `The push is ${reason}.`, body: request.body });
  health.unreadable(action, reason);
  context.log.warn('a push could not be read and is kept as a dead letter', { source, action, reason });
  return acknowledged();
};

/** Returns true if the vendor still has a retry left for a delivery of this receipt, or of these bytes where it has none. */
const comesAgain = ({ failures }: Pushes, receipt: string): boolean => {
  const count = (failures.get(receipt) ?? 0) + 1;
  failures.delete(receipt);
  if (count >= deliveries) return false;
  failures.set(receipt, count);
  for (const oldest of failures.keys()) if (failures.size > maxCounted) failures.delete(oldest);
  return true;
};

const refuseUnreadable = async (
  pushes: Pushes,
  { action, error: { message, mayPass } }: { action: PushAction; error: Unreadable },
  request: WebhookRequest,
): Promise<WebhookResponse> => {
  const { source, health, context } = pushes;
  if (!mayPass || !comesAgain(pushes, receiptOf(request) ?? hash('sha256', request.body)))
    return setAside(pushes, { action, reason: message }, request);
  health.unreadable(action, message);
  context.log.warn('a push could not be read; the vendor will send it again', { source, action, reason: message });
  return pushAgain(`${message}, push again`);
};

const receive = async (pushes: Pushes, action: PushAction, request: WebhookRequest): Promise<WebhookResponse> => {
  const { source, health, intake, context } = pushes;
  const startedAt = performance.now();
  const measure = (outcome: Parameters<VendorContext['measure']>[1]) =>
    context.measure(`push ${action}`, outcome, performance.now() - startedAt);
  try {
    await intake.take(action, request.body, receiptOf(request));
    health.received();
    measure('OK');
    return acknowledged();
  } catch (error) {
    try {
      if (error instanceof Unreadable) {
        measure('INVALID_INPUT');
        return await refuseUnreadable(pushes, { action, error }, request);
      }
      throw error;
    } catch (failure) {
      measure(failure instanceof ExpectedError ? failure.code : 'CONFLICT');
      context.log.error('a push could not be stored; the vendor will send it again', { source, action, error: failure });
      return pushAgain('not stored, push again');
    }
  }
};

const pathOf = ({ path }: WebhookHead) => (path.endsWith('/') ? path.slice(0, -1) : path);

/** A stranger's push is refused by its head; a token request brings its secret in the body. */
const admit = async ({ guard, context }: Pushes, head: WebhookHead): Promise<WebhookResponse | null> => {
  const challenge = pathOf(head) === '' && head.method.toUpperCase() === 'POST' ? guard.challenge(head) : null;
  if (challenge === null) return null;
  context.measure('push', 'FORBIDDEN', 0);
  return answer(401, { ErrCode: 401, ErrMsg: 'wrong or missing credentials' }, { 'www-authenticate': challenge });
};

export const createWebhook = (options: Omit<Pushes, 'failures'>): Webhook => {
  const pushes: Pushes = { ...options, failures: new Map() };
  const { guard, health, source, context } = pushes;
  return {
    admit: (head) => admit(pushes, head),
    handle: async (request) => {
      const path = pathOf(request);
      if (path !== '' && !(path === '/oauth2/token' && guard.token)) return answer(404, { ErrCode: 404, ErrMsg: 'no such address' });
      if (request.method.toUpperCase() !== 'POST') {
        return answer(405, { ErrCode: 405, ErrMsg: 'pushes are POST requests' }, { allow: 'POST' });
      }
      if (path !== '') return guard.token!(request);

      const refused = await admit(pushes, request);
      if (refused !== null) return refused;
      const action = actionOf(request.query);
      if (action === 'specifiedSeat') return declineSeat(request);
      if (isPushAction(action)) return receive(pushes, action, request);
      if (action === 'imcdr') {
        health.received();
        context.measure('push imcdr', 'OK', 0);
        return acknowledged();
      }
      context.measure('push of another kind', 'INVALID_INPUT', 0);
      try {
        const reason = action === '' ? 'of no kind: its address has no action' : 'of a kind that is not known';
        return await setAside(pushes, { action: action.slice(0, 64).replaceAll(/[^\w.-]/g, '_'), reason }, request);
      } catch (error) {
        context.log.error('a push could not be stored; the vendor will send it again', { source, error });
        return pushAgain('not stored, push again');
      }
    },
  };
};
