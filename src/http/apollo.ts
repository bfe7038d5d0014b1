import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApolloServer, type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { type GraphQLSchema, parse } from 'graphql';
import type { Log } from '../domain/ports/log.ts';
import { type Answer, answerTogether, type Question } from '../graphql/answer-together.ts';
import type { Caller, Execution } from '../graphql/execution.ts';
import type { GraphQLRequest } from '../graphql/policy/admission.ts';
import { refusal, refusalCodes } from '../graphql/policy/refusal.ts';
import { readGraphQLRequest } from './graphql-request.ts';
import { HttpError } from './http-error.ts';
import type { PersistedQueries } from './persisted-queries.ts';
import { preflightHeaders } from './preflight.ts';
import { replyCompressed } from './reply.ts';

/** A door's request, read and authenticated. */
export interface ApolloRequest {
  caller: Caller;
  search: string;
  /** Parsed JSON; null for GET. */
  body: unknown;
}

export interface ApolloHandler {
  handle(request: IncomingMessage, response: ServerResponse, read: ApolloRequest): Promise<void>;
  close(): Promise<void>;
}

/** An answer as it goes out. */
interface Written {
  status: number;
  contentType: string;
  bytes: Buffer;
  headers: Readonly<Record<string, string>>;
}

const refusals: ReadonlySet<unknown> = new Set(refusalCodes);

/** Null for what Apollo will refuse, for a batch and for a GET. */
const readable = (body: unknown): GraphQLRequest | null => {
  try {
    return readGraphQLRequest(body, Number.POSITIVE_INFINITY);
  } catch (error) {
    if (error instanceof HttpError) return null;
    throw error;
  }
};

/** Apollo Server reads and answers HTTP; this plug-in has every document judged and executed where all doors have it. */
const executionPlugin = (execution: Execution): ApolloServerPlugin<Caller> => ({
  requestDidStart: async () => ({
    responseForOperation: async ({ request, source, contextValue: caller }) => {
      const admission = execution.admit({ ...request, query: source });
      const operation = admission.admitted ? admission.operation.node.operation : 'query';
      const methodMismatch =
        operation === 'subscription'
          ? refusal('BAD_USER_INPUT', 'Subscriptions need a WebSocket, or `Accept: text/event-stream`.')
          : request.http?.method === 'GET' && operation !== 'query'
            ? refusal('BAD_USER_INPUT', 'GET is for queries; send mutations by POST.')
            : null;
      const result =
        methodMismatch !== null
          ? execution.refused([methodMismatch], caller)
          : admission.admitted
            ? await execution.execute(admission, caller)
            : execution.refused(admission.errors, caller);
      const methodNotAllowed = methodMismatch !== null && operation === 'mutation';
      return {
        http: {
          ...(methodNotAllowed ? { status: 405 } : 'data' in result ? {} : { status: 400 }),
          headers: new HeaderMap(methodNotAllowed ? [['allow', 'POST']] : []),
        },
        body: { kind: 'single', singleResult: result as never },
      };
    },
    // GraphQL over HTTP: as application/json, a well-formed request that is refused is answered with 200.
    willSendResponse: async ({ request, response }) => {
      const { body, http } = response;
      if (
        http.status !== 400 ||
        body.kind !== 'single' ||
        request.http?.headers.get('accept')?.includes('application/graphql-response+json')
      ) {
        return;
      }
      if (body.singleResult.errors?.every((error) => refusals.has(error.extensions?.code))) http.status = 200;
    },
  }),
});

export const createApolloHandler = async (options: {
  schema: GraphQLSchema;
  execution: Execution;
  batching: boolean;
  /** Automatic persisted queries, which let a client register any document; null where only trusted ones are executed. */
  persisted: PersistedQueries | null;
  log: Log;
}): Promise<ApolloHandler> => {
  const { schema, execution, log } = options;
  // Apollo is handed the same small document for every request, so that none is parsed and validated twice.
  const standIn = parse('{ __typename }');
  const apollo = new ApolloServer<Caller>({
    schema,
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      executionPlugin(execution),
    ],
    documentStore: { get: async () => standIn, set: async () => undefined, delete: async () => true },
    csrfPrevention: { requestHeaders: [...preflightHeaders] },
    allowBatchedHttpRequests: options.batching,
    persistedQueries: options.persisted !== null && { cache: options.persisted.cache },
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    logger: {
      debug: () => undefined,
      info: () => undefined,
      warn: (message) => log.warn(String(message)),
      error: (message) => log.error(String(message)),
    },
  });
  await apollo.start();
  const together = answerTogether<Written>();

  const answer = async (request: IncomingMessage, { caller, search, body }: ApolloRequest): Promise<Answer<Written>> => {
    let personal = false;
    const onPersonal = () => {
      personal = true;
    };
    const headers = new HeaderMap();
    for (const [name, value] of Object.entries(request.headers)) {
      if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
    }
    const answered = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method: request.method ?? 'GET', headers, search, body: body ?? '' },
      context: async () => ({ ...caller, onPersonal }),
    });
    if (answered.body.kind !== 'complete') throw new Error('an incremental answer, which this server never makes');
    const { 'content-type': contentType = 'application/json; charset=utf-8', ...others } = Object.fromEntries(answered.headers);
    const value = {
      status: answered.status ?? 200,
      contentType,
      bytes: Buffer.from(answered.body.string),
      headers: { 'cache-control': 'no-store', ...others },
    };
    return { value, personal };
  };

  /** What a request asks, where it is a query that is posted by itself: others may ask the same, and have the same written to them. */
  const questionOf = (request: IncomingMessage, { caller, body }: ApolloRequest): Question | null => {
    const asked = readable(body);
    // Apollo has to see every document that is to be registered.
    if (asked === null || asked.extensions?.persistedQuery !== undefined) return null;
    const admission = execution.admit(asked);
    if (!admission.admitted || admission.operation.node.operation !== 'query') return null;
    const { operation, variables } = admission;
    return { operation, variables, principal: caller.principal, form: request.headers.accept };
  };

  return {
    handle: async (request, response, read) => {
      const question = questionOf(request, read);
      const { status, contentType, bytes, headers } =
        question === null ? (await answer(request, read)).value : await together(question, () => answer(request, read));
      await replyCompressed(response, status, contentType, bytes, headers);
    },
    close: () => apollo.stop(),
  };
};
