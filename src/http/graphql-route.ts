import type { Caller, Principal } from '../domain/model/principal.ts';
import type { Execution } from '../graphql/execution.ts';
import type { Policy } from '../graphql/policy/admission.ts';
import type { GraphQLRequest } from '../graphql/policy/document-text.ts';
import type { Limits } from '../graphql/policy/limits.ts';
import { wellFormedJson } from '../lib/well-formed-json.ts';
import type { ApolloHandler } from './apollo.ts';
import { readJsonBody } from './body.ts';
import type { CallbackHandler } from './callbacks.ts';
import type { Callers } from './callers.ts';
import type { EventStreamHandler } from './event-streams.ts';
import { readGraphQLRequest, readGraphQLSearch } from './graphql-request.ts';
import { HttpError } from './http-error.ts';
import { persistedHashOf, persistedQueryNotFound } from './persisted-queries.ts';
import { requirePreflight } from './preflight.ts';
import { replyJson, requireMethod } from './reply.ts';
import type { Routed } from './routed.ts';
import { acceptedStream } from './stream-formats.ts';

const isSubscription = (admit: Policy['admit'], graphqlRequest: GraphQLRequest): boolean => {
  const admission = admit(graphqlRequest);
  return admission.admitted && admission.operation.node.operation === 'subscription';
};

interface GraphQLRouteContext {
  execution: Execution;
  admit: Policy['admit'];
  callers: Callers;
  limits: Limits;
  apollo: ApolloHandler;
  eventStreams: EventStreamHandler;
  callbacks: CallbackHandler;
  /** True if only the trusted documents are executed. */
  trustedOnly: boolean;
  /** Returns true if CORS lets pages of the origin read answers. */
  isNamedOrigin(origin: string): boolean;
}

/** Pays for each operation of a batch but the first, which the request paid for. */
const payForBatch = ({ callers, limits }: GraphQLRouteContext, principal: Principal, batch: readonly unknown[]): void => {
  if (batch.length > limits.batch)
    throw new HttpError(400, 'BATCH_LIMIT', `The batch has ${batch.length} operations; the limit is ${limits.batch}.`);
  for (const _ of batch.slice(1)) callers.pay(principal);
};

/** Leaves out parameters that are empty or null, which count as absent. */
const tidySearch = (search: URLSearchParams): void => {
  if (search.get('operationName') === '') search.delete('operationName');
  for (const name of ['variables', 'extensions']) {
    const json = search.get(name);
    if (json === null) continue;
    if (/^\s*(?:null\s*)?$/.test(json)) search.delete(name);
    else search.set(name, wellFormedJson(json));
  }
};

/** Replaces the hash of a trusted document by its text; Apollo knows only those that clients register. */
const withTrustedText = ({ execution, trustedOnly }: GraphQLRouteContext, operation: unknown): unknown => {
  if (operation === null || typeof operation !== 'object') return operation;
  const text = execution.trustedText(operation);
  if (text !== null) {
    const { extensions: _, documentId: __, ...rest } = operation as Record<string, unknown>;
    return { ...rest, query: text };
  }
  const { query } = operation as { query?: unknown };
  // With a hash, an empty text is an absent one.
  if (query === '' && persistedHashOf(operation) !== null) return { ...operation, query: undefined };
  if (trustedOnly && typeof query !== 'string')
    throw new HttpError(400, 'DOCUMENT_NOT_TRUSTED', 'This server executes only its trusted documents; send the hash of one.');
  return operation;
};

/** Answers `/graphql`: finds out who is asking, reads the body, and hands both to the transport that answers. */
export const answerGraphQL = async (context: GraphQLRouteContext, routed: Routed): Promise<void> => {
  const { request, response, url, correlationId } = routed;
  const { execution, admit, callers, limits, apollo, eventStreams, callbacks } = context;
  requireMethod(request, 'GET', 'POST');
  const principal = await callers.identify(request);
  callers.pay(principal);
  const caller: Caller = { principal, correlationId };
  if (request.method === 'GET') requirePreflight(request, context.isNamedOrigin);
  const body = request.method === 'POST' ? await readJsonBody(request, limits, callers.reading(principal)) : null;

  if (Array.isArray(body)) {
    payForBatch(context, principal, body);
    return apollo.handle({ request, response, caller, search: url.search, body: body.map((one) => withTrustedText(context, one)) });
  }
  tidySearch(url.searchParams);
  const read = () => (body === null ? readGraphQLSearch(url.searchParams, limits) : readGraphQLRequest(body));
  const stream = acceptedStream(request);
  if (stream !== null) {
    const graphqlRequest = read();
    if (stream.only || isSubscription(admit, graphqlRequest))
      return eventStreams.handle({ request, response, graphqlRequest, caller, format: stream.format });
  }
  if (body !== null && callbacks.concerns(body)) return callbacks.handle(response, body, caller);

  if (context.trustedOnly) {
    const graphqlRequest = read();
    // The client may know one of the trusted texts by a hash of its own making.
    if (!graphqlRequest.query && persistedHashOf(graphqlRequest) !== null && execution.trustedText(graphqlRequest) === null)
      return replyJson(response, 200, execution.refused([persistedQueryNotFound()], caller));
  }
  const text = body === null ? execution.trustedText(read()) : null;
  if (text !== null) {
    url.searchParams.delete('extensions');
    url.searchParams.set('query', text);
  }
  return apollo.handle({ request, response, caller, search: url.search, body: withTrustedText(context, body) });
};
