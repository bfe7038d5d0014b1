/** Hands each request to what answers at its address. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Slices } from '../lib/slices.ts';
import { localPath, redirectIntoFolder } from './addresses.ts';
import type { Callers } from './callers.ts';
import { createFailures } from './failures.ts';
import { createHooks } from './hooks.ts';
import { HttpError } from './http-error.ts';
import { createServeContext } from './media/context.ts';
import { serveMedia } from './media/serve.ts';
import { createMetricsRoute } from './metrics-route.ts';
import type { HttpOptions } from './options.ts';
import { createPages, wantsPage } from './pages.ts';
import type { Peers } from './peer.ts';
import { replyJson, requireMethod } from './reply.ts';
import type { Routed } from './routed.ts';

interface RouteContext {
  /** The path of the public URL, without a trailing slash. */
  basePath: string;
  callers: Callers;
  peers: Peers;
  slices: Slices;
  answerGraphQL(routed: Routed): Promise<void>;
  isClosing(): boolean;
}

export const createRoutes = (options: HttpOptions, context: RouteContext) => {
  const { media, limits, clock, log } = options;
  const { basePath, callers, peers, slices, answerGraphQL, isClosing } = context;
  const failures = createFailures(options.audit ?? (async () => undefined), clock, slices);
  const answerHook = createHooks({ webhooks: options.webhooks, bodyBytes: limits.hookBodyBytes, failures });
  const answerMetrics =
    options.metrics && createMetricsRoute({ metrics: options.metrics, noteRefused: options.noteRefused, peers, callers });
  const serveContext = media && createServeContext(media, { slices, log });
  const pages = createPages(options.pagesDirectory, options.isDemo);

  const answerPage = async (request: IncomingMessage, response: ServerResponse, name: string) => {
    // A request that sends something means another address than a page's.
    if (name === 'index.html') requireMethod(request, 'GET', 'HEAD');
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (!reads || !(await pages.serve(request, response, name)))
      throw new HttpError(404, 'NOT_FOUND', 'There is nothing at this address; GraphQL is at /graphql.');
  };

  const answerReady = async (response: ServerResponse) => {
    const { ok, checks } = isClosing() ? { ok: false, checks: { server: 'closing' } } : await options.ready();
    replyJson(response, ok ? 200 : 503, { status: ok ? 'ok' : 'unavailable', checks });
  };

  return async (routed: Routed): Promise<void> => {
    const { request, response, url, client } = routed;
    if (basePath !== '' && url.pathname === basePath) return redirectIntoFolder(request, response, url);
    url.pathname = localPath(url.pathname, basePath);
    const { pathname } = url;
    if (pathname === '/graphql') {
      return options.playground && wantsPage(request) && !url.searchParams.has('query')
        ? answerPage(request, response, 'playground.html')
        : answerGraphQL(routed);
    }
    if (pathname.startsWith('/hooks/')) {
      // No vendor sends an origin; a page could push from the browser of whoever reaches this server.
      if (peers.peerOf(request).foreignPage) throw new HttpError(403, 'FORBIDDEN', 'Pages of other sites cannot push.');
      return answerHook(routed);
    }
    if (pathname.startsWith('/media/') && serveContext !== undefined) {
      requireMethod(request, 'GET', 'HEAD');
      // The signed link is the permission, for pages of any site that was given one.
      response.setHeader('cross-origin-resource-policy', 'cross-origin');
      return serveMedia(serveContext, { request, response, token: pathname.slice('/media/'.length), client });
    }
    if (pathname === '/health/live') {
      requireMethod(request, 'GET', 'HEAD');
      return replyJson(response, 200, { status: 'ok' });
    }
    if (pathname === '/health/ready') {
      requireMethod(request, 'GET', 'HEAD');
      return answerReady(response);
    }
    if (pathname === '/metrics' && answerMetrics !== undefined) {
      requireMethod(request, 'GET', 'HEAD');
      return answerMetrics(routed);
    }
    return answerPage(request, response, pathname === '/' ? 'index.html' : pathname.slice(1));
  };
};
