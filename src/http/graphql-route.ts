import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller, Execution } from '../graphql/execution.ts';
import type { GraphQLRequest } from '../graphql/policy/admission.ts';
import type { Limits } from '../graphql/policy/limits.ts';
import type { ApolloHandler } from './apollo.ts';
import { readJsonBody } from './body.ts';
import type { CallbackHandler } from './callbacks.ts';
import type { Callers } from './callers.ts';
import { acceptsEventStream, type EventStreamHandler } from './event-streams.ts';
import { readGraphQLRequest, readGraphQLSearch } from './graphql-request.ts';
import { HttpError } from './http-error.ts';
import { requireMethod } from './reply.ts';

const isSubscription = (execution: Execution, asked: GraphQLRequest): boolean => {
  const admission = execution.admit(asked);
  return admission.admitted && admission.operation.node.operation === 'subscription';
};

/** `/graphql`: who is asking, the body, and then the door that answers. */
export const createGraphQLRoute =
  (options: {
    execution: Execution;
    callers: Callers;
    limits: Limits;
    apollo: ApolloHandler;
    eventStreams: EventStreamHandler;
    callbacks: CallbackHandler;
    /** Whether only the trusted documents are executed. */
    trustedOnly: boolean;
  }) =>
  async (request: IncomingMessage, response: ServerResponse, url: URL, correlationId: string): Promise<void> => {
    const { execution, callers, limits, apollo, eventStreams, callbacks, trustedOnly } = options;
    requireMethod(request, 'GET', 'POST');
    const principal = await callers.identify(request);
    callers.pay(principal);
    const caller: Caller = { principal, correlationId };
    const body = request.method === 'POST' ? await readJsonBody(request, limits.bodyBytes) : null;

    if (Array.isArray(body)) {
      if (body.length > limits.batch) {
        throw new HttpError(400, 'BATCH_LIMIT', `The batch has ${body.length} operations; the limit is ${limits.batch}.`);
      }
      for (const _ of body.slice(1)) callers.pay(principal);
    }
    const accepts = acceptsEventStream(request);
    if (accepts !== 'no' && !Array.isArray(body)) {
      const asked = body === null ? readGraphQLSearch(url.searchParams) : readGraphQLRequest(body);
      if (accepts === 'only' || isSubscription(execution, asked)) return eventStreams.handle(request, response, asked, caller);
    }
    if (body !== null && callbacks.concerns(body)) return callbacks.handle(response, body, caller);

    /** Hashes of trusted documents are replaced by their text; Apollo knows only those that clients register. */
    const withText = (operation: unknown): unknown => {
      if (operation === null || typeof operation !== 'object') return operation;
      const text = execution.trustedText(operation);
      if (text === null) {
        if (!trustedOnly || typeof (operation as { query?: unknown }).query === 'string') return operation;
        throw new HttpError(400, 'DOCUMENT_NOT_TRUSTED', 'This server executes only its trusted documents; send the hash of one.');
      }
      const { extensions: _, documentId: __, ...rest } = operation as Record<string, unknown>;
      return { ...rest, query: text };
    };
    const read = Array.isArray(body) ? body.map(withText) : withText(body);
    const text = body === null ? execution.trustedText(readGraphQLSearch(url.searchParams)) : null;
    if (text !== null) {
      url.searchParams.delete('extensions');
      url.searchParams.set('query', text);
    }
    return apollo.handle(request, response, { caller, search: url.search, body: read });
  };
