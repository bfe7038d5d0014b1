import type { Caller, Principal } from '../domain/model/principal.ts';
import type { Execution } from '../graphql/execution.ts';
import type { Policy } from '../graphql/policy/admission.ts';
import type { GraphQLRequest } from '../graphql/policy/document-text.ts';
import type { Limits } from '../graphql/policy/limits.ts';
import type { ApolloHandler } from './apollo.ts';
import { readJsonBody } from './body.ts';
import type { CallbackHandler } from './callbacks.ts';
import type { Callers } from './callers.ts';
import type { EventStreamHandler } from './event-streams.ts';
import { readGraphQLRequest, readGraphQLSearch } from './graphql-request.ts';
import { HttpError } from './http-error.ts';
import { persistedHashOf } from './persisted-queries.ts';
import { requirePreflight } from './preflight.ts';
import { requireMethod } from './reply.ts';
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
  if (batch.length === 0) throw new HttpError(400, 'BAD_REQUEST', 'The batch has no operations; send one at least.');
  if (batch.length > limits.batch)
    throw new HttpError(
      400,
      'BATCH_LIMIT',
      `The batch has ${batch.length} operations; the limit is ${limits.batch}. Use several requests.`,
    );
  for (const _ of batch.slice(1)) callers.pay(principal);
};

/** Replaces the hash of a trusted document by its text; Apollo knows only those that clients register. */
const withTrustedText = ({ execution, trustedOnly }: GraphQLRouteContext, graphqlRequest: GraphQLRequest): GraphQLRequest => {
  const query = execution.trustedText(graphqlRequest);
  if (query !== null) return { ...graphqlRequest, query, documentId: null, extensions: null };
  // The client may know one of the trusted texts by a hash of its own making: it then sends the text.
  if (trustedOnly && !graphqlRequest.query && persistedHashOf(graphqlRequest) === null)
    throw new HttpError(400, 'DOCUMENT_NOT_TRUSTED', 'This server executes only its trusted documents; send the hash of one.');
  return graphqlRequest;
};

/** Answers `/graphql`: finds out who is asking, reads the body, and hands both to the transport that answers. */
export const answerGraphQL = async (context: GraphQLRouteContext, routed: Routed): Promise<void> => {
  const { request, response, url, correlationId } = routed;
  const { admit, callers, limits, apollo, eventStreams, callbacks } = context;
  requireMethod(request, 'GET', 'POST');
  const principal = await callers.identify(request);
  callers.pay(principal);
  const caller: Caller = { principal, correlationId };
  if (request.method === 'GET') requirePreflight(request, context.isNamedOrigin);
  const body = request.method === 'POST' ? await readJsonBody(request, limits, callers.reading(principal)) : null;

  const answer = (requests: readonly GraphQLRequest[], isBatch: boolean) =>
    apollo.handle({
      request,
      response,
      caller,
      search: url.search,
      requests: requests.map((one) => withTrustedText(context, one)),
      isBatch,
    });
  if (Array.isArray(body)) {
    payForBatch(context, principal, body);
    return answer(body.map(readGraphQLRequest), true);
  }
  const graphqlRequest = body === null ? readGraphQLSearch(url.searchParams, limits) : readGraphQLRequest(body);
  const stream = acceptedStream(request);
  if (stream !== null && (stream.only || isSubscription(admit, graphqlRequest)))
    return eventStreams.handle({ request, response, graphqlRequest, caller, format: stream.format });
  if (body !== null && callbacks.concerns(body)) return callbacks.handle(response, body, caller);
  return answer([graphqlRequest], false);
};
