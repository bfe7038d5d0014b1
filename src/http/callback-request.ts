/** Reads a request of Apollo's HTTP callback protocol, and posts to the router that sent it. */
import type { Agent } from 'undici';
import * as z from 'zod';
import { wellFormedJson } from '../lib/well-formed-json.ts';
import { requireAllowedHost } from './callback-hosts.ts';
import { HttpError } from './http-error.ts';

/** Where the events of a subscription are posted. */
export interface CallbackRouter {
  url: URL;
  connections: Agent;
  /** Of the subscription, as the router named it. */
  id: string;
  verifier: string;
  /** Zero for none. */
  heartbeatMs: number;
}

export interface CallbackConnections {
  hosts: readonly string[];
  /** For hosts that are listed by name or address, which may be private ones. */
  literal: Agent;
  resolved: Agent;
}

/** Each request to the router repeats them. */
const repeated = z.string().max(256);

const callbackRequest = z.object({
  extensions: z.object({
    subscription: z
      .object({
        callbackUrl: z.string().optional(),
        callback_url: z.string().optional(),
        subscriptionId: repeated.optional(),
        subscription_id: repeated.optional(),
        verifier: repeated,
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

export const protocolHeader = { 'subscription-protocol': 'callback/1.0' };

/** Returns true if the body requests a subscription by callback. */
export const isCallbackRequest = (body: unknown): boolean =>
  (body as { extensions?: { subscription?: unknown } } | null)?.extensions?.subscription !== undefined;

/** Throws 400 for a router that is not named, or not among the allowed hosts. */
export const readCallbackRouter = (body: unknown, { hosts, literal, resolved }: CallbackConnections): CallbackRouter => {
  const read = callbackRequest.safeParse(body);
  if (!read.success || read.data.extensions.subscription.id === '') {
    throw new HttpError(400, 'BAD_REQUEST', 'extensions.subscription needs callbackUrl, subscriptionId and verifier.');
  }
  const { callbackUrl, ...router } = read.data.extensions.subscription;
  const allowed = requireAllowedHost(callbackUrl, hosts);
  return { ...router, url: allowed.url, connections: allowed.literal ? literal : resolved };
};

/** Returns the router's status; 0 where it could not be reached. `more` are further members of the message, as JSON. */
export const postTo = async (
  { url, connections, id, verifier }: CallbackRouter,
  action: 'check' | 'next' | 'complete',
  more: Readonly<Record<string, string>> = {},
): Promise<number> => {
  const members = Object.entries(more).map(([name, json]) => `,"${name}":${json}`);
  try {
    const { statusCode, body } = await connections.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...protocolHeader },
      body: wellFormedJson(`${JSON.stringify({ kind: 'subscription', action, id, verifier }).slice(0, -1)}${members.join('')}}`),
    });
    await body.dump();
    return statusCode;
  } catch {
    return 0;
  }
};

export const isAccepted = (status: number): boolean => status >= 200 && status < 300;
/** The router has no such subscription any more. */
export const isRefused = (status: number): boolean => status >= 400 && status < 500;
