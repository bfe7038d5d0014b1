import { parseJson, sameSecret, type Webhook, type WebhookHead, type WebhookRequest, type WebhookResponse } from '../kit/index.ts';
import { attachSession, noteSignedOut } from './sessions.ts';
import type { HuaweiSource } from './source.ts';
import { type PushBody, pushBody } from './wire.ts';

const answer = (status: number, retcode: string, message: string): WebhookResponse => ({
  status,
  headers: { 'content-type': 'application/json; charset=UTF-8' },
  body: JSON.stringify({ message, retcode }),
});

const guidOf = ({ headers }: Pick<WebhookRequest, 'headers'>): string | undefined =>
  headers.guid?.replace(/^JSESSIONID=/i, '') || undefined;

interface Refusal {
  reason: string;
  status: number;
  retcode: string;
  outcome: 'FORBIDDEN' | 'INVALID_INPUT' | 'NOT_FOUND';
}

const refuse = ({ settings, context }: HuaweiSource, { reason, status, retcode, outcome }: Refusal): WebhookResponse => {
  context.log.warn('push refused', { source: settings.name, reason });
  context.measure('push', outcome, 0);
  return answer(status, retcode, reason);
};

const refuseBody = async (source: HuaweiSource, reason: string, body: Uint8Array): Promise<WebhookResponse> => {
  await source.context.deadLetter({ kind: 'push', reason, body });
  return refuse(source, { reason, status: 400, retcode: '000-006', outcome: 'INVALID_INPUT' });
};

const workNoOf = (event: unknown): string | null => {
  const workNo = (event as { workNo?: unknown } | null)?.workNo;
  return typeof workNo === 'string' || typeof workNo === 'number' ? String(workNo) : null;
};

/** The page calls the token optional on a push; without one, only who knows the GUID of a session of ours is the gateway. */
const isGenuine = async ({ settings, sessions }: HuaweiSource, { headers }: WebhookHead): Promise<boolean> => {
  const token = headers.service_token ?? headers['service-token'] ?? headers.servicetoken;
  if (token !== undefined) return sameSecret(token, settings.serviceToken!);
  const guid = guidOf({ headers });
  if (!guid) return false;
  const held = await Promise.all(settings.agents.map(({ id }) => sessions.current(id)));
  return held.some((session) => session !== null && sameSecret(guid, session.guid));
};

/** Returns the refusal of who is not the gateway; null for the gateway. */
const admit = async (source: HuaweiSource, head: WebhookHead): Promise<WebhookResponse | null> => {
  if (head.method !== 'POST') {
    const refused = refuse(source, { reason: 'push events with POST', status: 405, retcode: '000-002', outcome: 'INVALID_INPUT' });
    return { ...refused, headers: { allow: 'POST' } };
  }
  if (await isGenuine(source, head)) return null;
  return refuse(source, { reason: 'wrong or missing service_token', status: 401, retcode: '000-003', outcome: 'FORBIDDEN' });
};

const readJsonBody = (body: Uint8Array): { json: unknown } | null => {
  try {
    return { json: parseJson(new TextDecoder().decode(body)) };
  } catch {
    return null;
  }
};

/** Applies each agent's events, oldest first; keeps a push that names an agent who is not configured as a dead letter. */
const receivePush = async (source: HuaweiSource, request: WebhookRequest, push: PushBody): Promise<void> => {
  const { settings, context, events } = source;
  const asOfMs = context.clock.now();
  const guid = guidOf(request);
  const byAgent = Map.groupBy(push.eventList, (event) => workNoOf(event) ?? push.workNo ?? '');
  const strangers = [...byAgent.keys()].filter((agent) => !settings.agents.some(({ id }) => id === agent));
  if (strangers.length > 0)
    await context.deadLetter({ kind: 'push', reason: 'The push names an agent that is not configured.', body: request.body });
  for (const [agent, list] of byAgent) {
    if (strangers.includes(agent)) continue;
    if (settings.attachSession && guid !== undefined) await attachSession(source, agent, guid);
    const received = await events.receive({ agent, asOfMs, mayBeLate: true }, list);
    if (received.signedOut) await noteSignedOut(source, agent);
  }
  if (strangers.length > 0)
    context.log.warn('push names an agent that is not configured', { source: settings.name, count: strangers.length });
};

/** Push mode: the gateway posts events, oldest first, and brings the token that it was given at sign-in. */
export const createWebhook = (source: HuaweiSource): Webhook => ({
  admit: (head) => admit(source, head),
  handle: async (request) => {
    const refused = await admit(source, request);
    if (refused !== null) return refused;
    const startedAt = performance.now();
    const body = readJsonBody(request.body);
    if (body === null) return refuseBody(source, 'The push is not JSON.', request.body);
    const read = pushBody.safeParse(body.json);
    if (!read.success) return refuseBody(source, 'The push has no eventList.', request.body);
    await receivePush(source, request, read.data);
    source.context.measure('push', 'OK', performance.now() - startedAt);
    return answer(200, '0', 'success');
  },
});
