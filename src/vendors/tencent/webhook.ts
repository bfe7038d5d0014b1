/** Data pushes: bytes, verify, read, persist, answer. An ErrCode other than 0 makes the vendor push again, three times at most. */
import type * as z from 'zod';
import {
  ExpectedError,
  type Observation,
  type VendorContext,
  type Webhook,
  type WebhookRequest,
  type WebhookResponse,
} from '../kit/index.ts';
import { callObservations, recordObservations, voicemailObservations } from './mapping.ts';
import type { PushGuard } from './push-auth.ts';
import type { PushHealth } from './push-health.ts';
import { voicemailId } from './voicemail-id.ts';
import { cdrPush, recordPush, specifiedSeatQuestion, voicemailPush } from './wire.ts';

const answer = (status: number, body: object, headers: Record<string, string> = {}): WebhookResponse => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(body),
});

const acknowledged = () => answer(200, { ErrCode: 0, ErrMsg: '' });
const pushAgain = (why: string) => answer(200, { ErrCode: 1, ErrMsg: why });

/** Why a push cannot be read, in words that hold nothing of it. */
class Unreadable extends Error {}

const reader =
  <T>(schema: z.ZodType<T>, toObservations: (push: T) => readonly Observation[]) =>
  (value: unknown): readonly Observation[] => {
    const read = schema.safeParse(value);
    if (read.success) return toObservations(read.data);
    const fields = [...new Set(read.error.issues.map(({ path }) => path.join('.') || 'its root'))];
    throw new Unreadable(`not of the documented shape at ${fields.slice(0, 5).join(', ')}`);
  };

/** By the word of `?action=`; the body does not say what it is. */
const readers: Readonly<Record<string, (value: unknown) => readonly Observation[]>> = {
  cdr: reader(cdrPush, callObservations),
  record: reader(recordPush, recordObservations),
  voicemail: reader(voicemailPush, (push) => voicemailObservations(push, voicemailId(push.SessionId, push.RecordURL))),
};

/** The charset is taken to be UTF-8 whatever the header says: the vendor writes the unregistered `utf8`. */
const readJsonBody = (body: Uint8Array): unknown => {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new Unreadable('not UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Unreadable('not JSON');
  }
};

const refuseOtherApplication = (value: unknown, sdkAppId: number): void => {
  const given = (value as { SdkAppId?: unknown } | null)?.SdkAppId;
  if (given !== undefined && given !== null && Number(given) !== sdkAppId) {
    throw new Unreadable('of another application (SdkAppId); point its push at a source of its own');
  }
};

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

export interface WebhookOptions {
  source: string;
  sdkAppId: number;
  guard: PushGuard;
  health: PushHealth;
}

export const createWebhook = ({ source, sdkAppId, guard, health }: WebhookOptions, context: VendorContext): Webhook => {
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

  const keepUnreadable = async (action: string, reason: string, request: WebhookRequest): Promise<void> => {
    await context.deadLetter(`${action} push is ${reason}`, Buffer.from(request.body).toString('utf8'));
    health.unreadable(action, reason);
    context.log.warn('a push could not be read and is kept as a dead letter', { source, action, reason });
  };

  const receive = async (
    action: string,
    read: (value: unknown) => readonly Observation[],
    request: WebhookRequest,
  ): Promise<WebhookResponse> => {
    const asOfMs = context.clock.now();
    const startedAt = performance.now();
    const measure = (outcome: Parameters<VendorContext['measure']>[1]) =>
      context.measure(`push ${action}`, outcome, performance.now() - startedAt);
    try {
      let observations: readonly Observation[];
      try {
        const value = readJsonBody(request.body);
        refuseOtherApplication(value, sdkAppId);
        observations = read(value);
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        await keepUnreadable(action, error.message, request);
        measure('INVALID_INPUT');
        return acknowledged();
      }
      const receipt = receiptOf(request);
      await context.observe({ observations, asOfMs, ...(receipt === undefined ? {} : { receipt }) });
      health.received();
      measure('OK');
      return acknowledged();
    } catch (error) {
      measure(error instanceof ExpectedError ? error.code : 'CONFLICT');
      context.log.error('a push could not be kept; the vendor is asked to send it again', { source, action, error });
      return pushAgain('not stored, push again');
    }
  };

  return {
    handle: async (request) => {
      const path = request.path.replace(/\/+$/, '');
      if (path !== '' && !(path === '/oauth2/token' && guard.token)) return answer(404, { ErrCode: 404, ErrMsg: 'no such address' });
      if (request.method.toUpperCase() !== 'POST') {
        return answer(405, { ErrCode: 405, ErrMsg: 'pushes are POST requests' }, { allow: 'POST' });
      }
      if (path !== '') return guard.token!(request);

      const challenge = guard.challenge(request);
      if (challenge !== null) {
        context.measure('push', 'FORBIDDEN', 0);
        return answer(401, { ErrCode: 401, ErrMsg: 'wrong or missing credentials' }, { 'www-authenticate': challenge });
      }
      const action = actionOf(request.query);
      if (action === 'specifiedSeat') return declineSeat(request);
      const read = Object.hasOwn(readers, action) ? readers[action] : undefined;
      if (read) return receive(action, read, request);
      health.received();
      context.measure(action === 'imcdr' ? 'push imcdr' : 'push of another kind', 'OK', 0);
      if (action !== 'imcdr') context.log.info('a push of an unknown kind was acknowledged', { source, action: action.slice(0, 64) });
      return acknowledged();
    },
  };
};
