import type { ServerResponse } from 'node:http';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Agent } from 'undici';
import * as z from 'zod';
import type { Caller } from '../domain/model/principal.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Log } from '../domain/ports/log.ts';
import type { Execution } from '../graphql/execution.ts';
import type { Policy } from '../graphql/policy/admission.ts';
import { wellFormedJson } from '../lib/well-formed-json.ts';
import { createCallbackConnections, requireAllowedHost } from './callback-hosts.ts';
import type { Callers } from './callers.ts';
import { readGraphQLRequest } from './graphql-request.ts';
import { HttpError } from './http-error.ts';
import { replyJson } from './reply.ts';

/** Apollo's HTTP callback protocol: a router names where the events of its subscription are posted. */
export interface CallbackHandler {
  /** Returns true if the body asks for a subscription by callback. */
  concerns(body: unknown): boolean;
  handle(response: ServerResponse, body: unknown, caller: Caller): Promise<void>;
  readonly open: number;
  /** Tells every router that its subscription ends here. */
  close(): Promise<void>;
  /** Stops telling. */
  abandon(): void;
}

const callbackRequest = z.object({
  extensions: z.object({
    subscription: z
      .object({
        callbackUrl: z.string().optional(),
        callback_url: z.string().optional(),
        subscriptionId: z.string().optional(),
        subscription_id: z.string().optional(),
        verifier: z.string(),
        heartbeatIntervalMs: z.number().min(0).optional(),
        heartbeat_interval_ms: z.number().min(0).optional(),
      })
      .transform((subscription) => ({
        callbackUrl: subscription.callbackUrl ?? subscription.callback_url,
        id: subscription.subscriptionId ?? subscription.subscription_id ?? '',
        verifier: subscription.verifier,
        heartbeatMs: subscription.heartbeatIntervalMs ?? subscription.heartbeat_interval_ms ?? 5000,
      })),
  }),
});

const protocolHeader = { 'subscription-protocol': 'callback/1.0' };
/** Tries of a message that the router does not take for a reason of its own. */
const tries = 3;

export const createCallbackHandler = (options: {
  execution: Execution;
  admit: Policy['admit'];
  callers: Callers;
  hosts: readonly string[];
  clock: Clock;
  log: Log;
}): CallbackHandler => {
  const { execution, admit, callers, hosts, clock, log } = options;
  const connections = { literal: createCallbackConnections(true), resolved: createCallbackConnections(false) };
  const running = new Map<() => Promise<void>, Promise<void>>();

  const wait = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve));

  /** The router's status; 0 where it could not be reached. */
  const post = async (url: URL, agent: Agent, message: object): Promise<number> => {
    try {
      const { statusCode, body } = await agent.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: 'POST',
        headers: { 'content-type': 'application/json', ...protocolHeader },
        body: wellFormedJson(JSON.stringify({ kind: 'subscription', ...message })),
      });
      await body.dump();
      return statusCode;
    } catch {
      return 0;
    }
  };

  const abandon = () => {
    for (const agent of Object.values(connections)) agent.destroy().catch(() => undefined);
  };

  return {
    concerns: (body) => (body as { extensions?: { subscription?: unknown } } | null)?.extensions?.subscription !== undefined,
    handle: async (response, body, caller) => {
      const read = callbackRequest.safeParse(body);
      if (!read.success || read.data.extensions.subscription.id === '') {
        throw new HttpError(400, 'BAD_REQUEST', 'extensions.subscription needs callbackUrl, subscriptionId and verifier.');
      }
      const { callbackUrl, id, verifier, heartbeatMs } = read.data.extensions.subscription;
      const { url, literal } = requireAllowedHost(callbackUrl, hosts);
      const agent = literal ? connections.literal : connections.resolved;
      const send = (action: 'check' | 'next' | 'complete', more: object = {}) => post(url, agent, { action, id, verifier, ...more });

      const admission = admit(readGraphQLRequest(body));
      if (!admission.admitted) return replyJson(response, 400, execution.refused(admission.errors, caller), protocolHeader);
      if (admission.operation.node.operation !== 'subscription') {
        throw new HttpError(400, 'BAD_REQUEST', 'Only subscriptions can use callbacks.');
      }
      const leave = callers.requirePlace(caller.principal);
      try {
        const status = await send('check');
        if (status < 200 || status > 299)
          throw new HttpError(400, 'CALLBACK_REFUSED', 'The callback URL did not accept the check request.');
        const stream = await execution.subscribe(admission, caller);
        if (!('next' in stream)) {
          leave();
          return replyJson(response, 200, { data: null, ...stream }, protocolHeader);
        }
        replyJson(response, 200, { data: null }, protocolHeader);
        const frames = stream;
        let ended = false;
        let errors: readonly GraphQLFormattedError[] | null = null;
        const end = async (because?: GraphQLError) => {
          if (ended) return;
          ended = true;
          errors = because === undefined ? null : execution.refused([because], caller).errors;
          await frames.return?.();
        };
        const refuse = (message: string, code: string) => end(new GraphQLError(message, { extensions: { code } }));
        let stopBeat: () => void = () => undefined;
        let gone = false;
        const beat = () => {
          if (heartbeatMs === 0 || ended) return;
          stopBeat = clock.after(Math.max(heartbeatMs, 1000), async () => {
            const answer = await send('check');
            if (answer >= 400 && answer < 500) {
              gone = true;
              await end();
            } else beat();
          });
        };
        beat();
        const stopExpiry = callers.onExpiry(caller.principal, () => void refuse('The token has expired.', 'UNAUTHENTICATED'));
        const restart = () => refuse('The server restarts; subscribe again and resume with after.', 'SERVER_RESTARTING');

        const deliver = async (json: unknown): Promise<boolean> => {
          for (let attempt = 1; attempt <= tries && !ended; attempt += 1) {
            const answer = await send('next', { payload: json });
            if (answer >= 200 && answer < 300) return true;
            if (answer >= 400 && answer < 500) break;
            await wait(100 * 4 ** attempt);
          }
          return false;
        };
        const consume = async () => {
          try {
            for await (const frame of frames) {
              if (!callers.stillValid(caller.principal)) await refuse('The permissions of this credential have changed.', 'FORBIDDEN');
              else if (!ended && !(await deliver(frame.payload))) {
                gone = true;
                await end();
              }
              if (ended) break;
            }
          } catch (error) {
            errors = execution.refused([new GraphQLError('The stream failed.', { originalError: error as Error })], caller).errors;
          } finally {
            ended = true;
            stopBeat();
            stopExpiry();
            leave();
            if (!gone) await send('complete', errors === null ? {} : { errors });
            running.delete(restart);
          }
        };
        running.set(
          restart,
          consume().catch((error) => log.error('a callback could not be ended', { correlationId: caller.correlationId, error })),
        );
      } catch (error) {
        leave();
        throw error;
      }
    },
    get open() {
      return running.size;
    },
    close: async () => {
      const ending = [...running.values()];
      await Promise.all([...running.keys()].map((restart) => restart()));
      await Promise.all(ending);
      abandon();
    },
    abandon,
  };
};
