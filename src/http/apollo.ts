import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApolloServer, type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { type FormattedExecutionResult, type GraphQLSchema, parse } from 'graphql';
import type { Log } from '../domain/ports.ts';
import type { Caller, Execution } from '../graphql/execution.ts';
import { refusal, refusalCodes } from '../graphql/policy/refusal.ts';
import { reply } from './reply.ts';

/** A door's request, read and authenticated. */
export interface ApolloRequest {
  caller: Caller;
  search: string;
  /** Parsed JSON; null for GET. */
  body: unknown;
}

export interface ApolloDoor {
  handle(request: IncomingMessage, response: ServerResponse, read: ApolloRequest): Promise<void>;
  close(): Promise<void>;
}

const refusals: ReadonlySet<unknown> = new Set(refusalCodes);

/** Apollo Server reads and answers HTTP; this plug-in has every document judged and executed where all doors have it. */
const executionPlugin = (execution: Execution): ApolloServerPlugin<Caller> => ({
  requestDidStart: async () => ({
    responseForOperation: async ({ request, source, contextValue: caller }) => {
      const admission = execution.admit({ ...request, query: source });
      const operation = admission.admitted ? admission.operation.node.operation : 'query';
      const misplaced =
        operation === 'subscription'
          ? refusal('BAD_USER_INPUT', 'Subscriptions need a WebSocket, or `Accept: text/event-stream`.')
          : request.http?.method === 'GET' && operation !== 'query'
            ? refusal('BAD_USER_INPUT', 'GET is for queries; send mutations by POST.')
            : null;
      const result =
        misplaced !== null
          ? execution.refused([misplaced], caller)
          : admission.admitted
            ? await execution.execute(admission, caller)
            : execution.refused(admission.errors, caller);
      const methodNotAllowed = misplaced !== null && operation === 'mutation';
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

/** JSON, with the data of an answer that several requests share written once. */
const sharingText = (): ((result: FormattedExecutionResult) => string) => {
  const texts = new WeakMap<object, string>();
  return (result) => {
    const { data, errors, extensions } = result;
    if (data == null || errors !== undefined || extensions !== undefined) return `${JSON.stringify(result)}\n`;
    const known = texts.get(data) ?? `{"data":${JSON.stringify(data)}}\n`;
    texts.set(data, known);
    return known;
  };
};

/** Encodes a text; the last one only once, since an answer that several requests share is sent to one after the other. */
const encodingOnce = (): ((text: string) => Buffer) => {
  let last = { text: '', bytes: Buffer.alloc(0) };
  return (text) => {
    if (text !== last.text) last = { text, bytes: Buffer.from(text) };
    return last.bytes;
  };
};

export const createApolloDoor = async (options: {
  schema: GraphQLSchema;
  execution: Execution;
  batching: boolean;
  /** Automatic persisted queries, which let a client register any document. */
  registering: boolean;
  log: Log;
}): Promise<ApolloDoor> => {
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
    stringifyResult: sharingText(),
    csrfPrevention: true,
    allowBatchedHttpRequests: options.batching,
    ...(options.registering ? {} : { persistedQueries: false as const }),
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
  const bytesOf = encodingOnce();

  return {
    handle: async (request, response, { caller, search, body }) => {
      const headers = new HeaderMap();
      for (const [name, value] of Object.entries(request.headers)) {
        if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
      }
      const answer = await apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method: request.method ?? 'GET', headers, search, body: body ?? '' },
        context: async () => caller,
      });
      if (answer.body.kind !== 'complete') throw new Error('an incremental answer, which this server never makes');
      const { 'content-type': contentType = 'application/json; charset=utf-8', ...others } = Object.fromEntries(answer.headers);
      reply(response, answer.status ?? 200, contentType, bytesOf(answer.body.string), { 'cache-control': 'no-store', ...others });
    },
    close: () => apollo.stop(),
  };
};
