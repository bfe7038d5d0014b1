import { parseJson, sameSecret, type Webhook, type WebhookHead, type WebhookRequest, type WebhookResponse } from '../kit/index.ts';
import { attachSession, noteSignedOut } from './sessions.ts';
import type { HuaweiSource } from './source.ts';
import { pushBody } from './wire.ts';

const answer = (status: number, retcode: string, message: string): WebhookResponse => ({
  status,
  headers: { 'content-type': 'application/json; charset=UTF-8' },
  body: JSON.stringify({ message, retcode }),
});

const guidOf = ({ headers }: Pick<WebhookRequest, 'headers'>): string | undefined =>
  headers.guid?.replace(/^JSESSIONID=/i, '') || undefined;

/** Push mode: the gateway posts events, oldest first, and brings the token that it was given at sign-in. */
export const createWebhook = (source: HuaweiSource): Webhook => {
  const { settings, context, sessions, events } = source;
  const refuse = (reason: string, status: number, retcode: string, outcome: 'FORBIDDEN' | 'INVALID_INPUT' | 'NOT_FOUND') => {
    context.log.warn('push refused', { source: settings.name, reason });
    context.measure('push', outcome, 0);
    return answer(status, retcode, reason);
  };
  const refuseBody = async (reason: string, body: Uint8Array) => {
    await context.deadLetter({ kind: 'push', reason, body });
    return refuse(reason, 400, '000-006', 'INVALID_INPUT');
  };

  const workNoOf = (event: unknown): string | null => {
    const workNo = (event as { workNo?: unknown } | null)?.workNo;
    return typeof workNo === 'string' || typeof workNo === 'number' ? String(workNo) : null;
  };

  /** The page calls the token optional on a push; without one, only who knows the GUID of a session of ours is the gateway. */
  const isGenuine = async ({ headers }: WebhookHead): Promise<boolean> => {
    const token = headers.service_token ?? headers['service-token'] ?? headers.servicetoken;
    if (token !== undefined) return sameSecret(token, settings.serviceToken!);
    const guid = guidOf({ headers });
    if (!guid) return false;
    const held = await Promise.all(settings.agents.map(({ id }) => sessions.current(id)));
    return held.some((session) => session !== null && sameSecret(guid, session.guid));
  };

  const admit = async (head: WebhookHead): Promise<WebhookResponse | null> => {
    if (head.method !== 'POST') return { ...refuse('push events with POST', 405, '000-002', 'INVALID_INPUT'), headers: { allow: 'POST' } };
    return (await isGenuine(head)) ? null : refuse('wrong or missing service_token', 401, '000-003', 'FORBIDDEN');
  };

  return {
    admit,
    handle: async (request: WebhookRequest) => {
      const refused = await admit(request);
      if (refused !== null) return refused;
      const arrivedAtMs = context.clock.now();
      const startedAt = performance.now();
      const text = new TextDecoder().decode(request.body);
      let json: unknown;
      try {
        json = parseJson(text);
      } catch {
        return refuseBody('The push is not JSON.', request.body);
      }
      const read = pushBody.safeParse(json);
      if (!read.success) return refuseBody('The push has no eventList.', request.body);

      const guid = guidOf(request);
      const byAgent = new Map<string, unknown[]>();
      for (const event of read.data.eventList) {
        const agent = workNoOf(event) ?? read.data.workNo ?? '';
        byAgent.set(agent, [...(byAgent.get(agent) ?? []), event]);
      }
      const strangers = [...byAgent.keys()].filter((agent) => !settings.agents.some(({ id }) => id === agent));
      if (strangers.length > 0)
        await context.deadLetter({ kind: 'push', reason: 'The push names an agent that is not configured.', body: request.body });
      for (const [agent, list] of byAgent) {
        if (strangers.includes(agent)) continue;
        if (settings.attachSession && guid !== undefined) await attachSession(source, agent, guid);
        const received = await events.receive(agent, list, arrivedAtMs, { mayBeLate: true });
        if (received.signedOut) await noteSignedOut(source, agent);
      }
      if (strangers.length > 0)
        context.log.warn('push names an agent that is not configured', { source: settings.name, count: strangers.length });
      context.measure('push', 'OK', performance.now() - startedAt);
      return answer(200, '0', 'success');
    },
  };
};
