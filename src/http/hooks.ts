import type { ServerResponse } from 'node:http';
import { ExpectedError } from '../domain/model/errors.ts';
import { unknownActor } from '../domain/model/principal.ts';
import type { Webhook, WebhookResponse } from '../domain/ports/webhook.ts';
import { createQuotas } from '../lib/quotas.ts';
import { readBody } from './body.ts';
import type { Failures } from './failures.ts';
import { HttpError } from './http-error.ts';
import { reply } from './reply.ts';
import type { Routed } from './routed.ts';

/** Bodies of one source that may be coming in at once. */
const bodiesPerSource = 256;

const send = (response: ServerResponse, answer: WebhookResponse): void => {
  const { 'content-type': contentType = 'application/json; charset=utf-8', ...others } = Object.fromEntries(
    Object.entries(answer.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  reply(response, answer.status, { contentType, body: answer.body, headers: others });
};

interface HookOptions {
  webhooks: ReadonlyMap<string, Webhook>;
  bodyBytes: number;
  /** Counts wrong passwords. */
  failures: Failures;
}

/** Answers `/hooks/{source}{path}`: has the source's webhook see who pushes, and only then reads the body and hands it over. */
export const createHooks = ({ webhooks, bodyBytes, failures }: HookOptions) => {
  const bodies = createQuotas();
  return async ({ request, response, url, client }: Routed): Promise<void> => {
    const [, source = '', path = ''] = /^\/hooks\/([^/]+)(\/.*)?$/.exec(url.pathname) ?? [];
    const persistent = response.getHeader('connection') === undefined;
    // The rest of an unknown client's body is not read.
    response.setHeader('connection', 'close');
    const webhook = webhooks.get(source);
    if (webhook === undefined) throw new HttpError(404, 'NOT_FOUND', 'No source with that name accepts pushes.');
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
    );
    const head = { method: request.method ?? 'GET', path, query: url.searchParams, headers };
    const countRefused = async ({ status }: WebhookResponse) => {
      if (status !== 401 && status !== 403) return;
      await failures.record({ kind: `push.refused ${source}`, client, actor: unknownActor, action: 'push.refused', subject: { source } });
    };
    try {
      const refused = (await webhook.admit?.(head)) ?? null;
      if (refused !== null) {
        await countRefused(refused);
        return send(response, refused);
      }
      const leave = bodies.take(source, { max: bodiesPerSource });
      if (leave === null) {
        throw new HttpError(503, 'OVERLOADED', 'Too many pushes at once; retry.', {
          'retry-after': '1',
        });
      }
      const body = await readBody(request, bodyBytes).finally(leave);
      if (persistent) response.removeHeader('connection');
      const answer = await webhook.handle({ ...head, body });
      await countRefused(answer);
      send(response, answer);
    } catch (error) {
      // The vendor keeps what is not acknowledged, and sends it again.
      if (error instanceof ExpectedError) throw new HttpError(error.retryable ? 503 : 400, error.code, error.message);
      throw error;
    }
  };
};
