import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApolloServer, type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloServerPluginInlineTrace } from '@apollo/server/plugin/inlineTrace';
import { type DocumentNode, type FormattedExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import type { NoteRefusedAttempt } from '../domain/control/refused-attempts.ts';
import type { Caller, Principal } from '../domain/model/principal.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Log } from '../domain/ports/log.ts';
import { createErrorAllowance } from '../graphql/error-allowance.ts';
import type { ContextOptions } from '../graphql/execute-operation.ts';
import type { Execution } from '../graphql/execution.ts';
import { outwardError } from '../graphql/outward-errors.ts';
import { maxValidationErrors } from '../graphql/policy/admission.ts';
import type { GraphQLRequest } from '../graphql/policy/document-text.ts';
import { createDocumentStore } from '../graphql/policy/kept-documents.ts';
import type { Limits } from '../graphql/policy/limits.ts';
import type { Slices } from '../lib/slices.ts';
import { wellFormedJson } from '../lib/well-formed-json.ts';
import type { RequestMetrics } from '../observability/request-metrics.ts';
import { type ApolloContext, acceptsGraphQLResponse, answerPlugin, policyPlugin } from './apollo-plugins.ts';
import type { Callers } from './callers.ts';
import type { PersistedQueries } from './persisted-queries.ts';
import { replyCompressed } from './reply.ts';

/** A request of the HTTP transport, read and authenticated. */
interface ApolloRequest {
  caller: Caller;
  search: string;
  /** Parsed JSON; null for GET. */
  body: unknown;
}

export interface ApolloHandler {
  handle(request: IncomingMessage, response: ServerResponse, read: ApolloRequest): Promise<void>;
  close(): Promise<void>;
}

export interface ApolloOptions {
  schema: GraphQLSchema;
  execution: Execution;
  callers: Pick<Callers, 'inTurn'>;
  createContext(principal: Principal, options: ContextOptions): object;
  limits: Pick<Limits, 'batch' | 'documents'>;
  /** True if clients may see the schema, and suggestions from it. */
  introspection: boolean;
  /** Automatic persisted queries, which let a client register any document; null where only trusted ones are executed. */
  persisted: PersistedQueries | null;
  /** Further plug-ins of Apollo Server. They see the real operation, its variables and its response. */
  plugins?: readonly ApolloServerPlugin<ApolloContext>[] | undefined;
  metrics: RequestMetrics;
  /** Takes in what a caller lacks a scope for. */
  noteRefused: NoteRefusedAttempt;
  clock: Clock;
  slices: Slices;
  log: Log;
}

const plainLogger = (log: Log) => ({
  debug: () => undefined,
  info: () => undefined,
  warn: (message: unknown) => log.warn(String(message)),
  error: (message: unknown) => log.error(String(message)),
});

/** Returns null where they are not JSON, which Apollo refuses. */
const extensionsOf = (search: string): GraphQLRequest['extensions'] => {
  try {
    return JSON.parse(new URLSearchParams(search).get('extensions') ?? 'null');
  } catch {
    return null;
  }
};

/** The requests of a body, or of a GET's search. */
const requestsOf = ({ body, search }: ApolloRequest): readonly GraphQLRequest[] => {
  if (body === null) return [{ query: new URLSearchParams(search).get('query'), extensions: extensionsOf(search) }];
  return (Array.isArray(body) ? body : [body]).map((one) => {
    const { query, extensions } = (one ?? {}) as GraphQLRequest;
    // Apollo refuses what is of the wrong kind.
    return { query: typeof query === 'string' ? query : null, extensions: typeof extensions === 'object' ? extensions : null };
  });
};

const headersOf = (request: IncomingMessage): HeaderMap => {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return headers;
};

export const createApolloHandler = async (options: ApolloOptions): Promise<ApolloHandler> => {
  const { schema, execution, callers, slices, log, createContext, plugins = [] } = options;
  const documents = createDocumentStore<DocumentNode>(options.limits.documents, (document) => document);
  const apollo = new ApolloServer<ApolloContext>({
    schema,
    plugins: [
      // For gateways that request it by the header apollo-federation-include-trace: ftv1; messages of errors stay out of it.
      ApolloServerPluginInlineTrace(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      // It visits every field of every answer, for plug-ins that need to know how long an answer may be cached.
      ...(plugins.length === 0 ? [ApolloServerPluginCacheControlDisabled()] : []),
      policyPlugin(options),
      answerPlugin(options),
      ...plugins,
    ],
    formatError: (formatted, error) => (error instanceof GraphQLError ? outwardError(error, options.introspection) : formatted),
    // `requirePreflight` holds every GET to the same, and a body is taken as application/json alone.
    csrfPrevention: false,
    allowBatchedHttpRequests: options.limits.batch > 1,
    documentStore: {
      get: async (key) => documents.get(key),
      set: async (key, document) => void documents.set(key, document),
      delete: async (key) => documents.delete(key),
    },
    persistedQueries: options.persisted !== null && { cache: options.persisted.cache },
    // Refused by the text, as at every transport.
    introspection: true,
    validationOptions: { maxErrors: maxValidationErrors },
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    logger: plainLogger(log),
  });
  await apollo.start();

  const execute = async (request: IncomingMessage, response: ServerResponse, { caller, search, body }: ApolloRequest) => {
    const { principal, correlationId } = caller;
    const isBatch = Array.isArray(body);
    const inSlice = async () => {
      if (isBatch || slices.isOver()) await slices.next(principal.name);
    };
    let endsWithClient = false;
    const isGone = () => response.destroyed;
    const isAbandoned = () => endsWithClient && isGone();
    const endWithClient = () => {
      // The operations of a batch share a context, and one of them may be a mutation.
      endsWithClient = !isBatch;
    };
    const releases: (() => void)[] = [];
    const answered = await apollo
      .executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method: request.method ?? 'GET', headers: headersOf(request), search, body: body ?? '' },
        context: async () =>
          Object.assign(createContext(principal, { correlationId, streaming: false, isAbandoned }), caller, {
            errors: createErrorAllowance(),
            ...{ inSlice, isAbandoned, isGone, endWithClient, releases },
          }),
      })
      .finally(() => {
        // Where one operation of a batch throws, Apollo answers while others go on.
        if (!isBatch) for (const release of releases) release();
      });
    if (answered.body.kind !== 'complete') throw new Error('an incremental answer, which this server never makes');
    return { status: answered.status ?? 200, headers: Object.fromEntries(answered.headers), text: answered.body.string };
  };

  /** Answers a batch: a request that is refused by its text at its index, the rest by Apollo. */
  const executeAdmitted = async (
    request: IncomingMessage,
    response: ServerResponse,
    read: ApolloRequest,
    refused: readonly (FormattedExecutionResult | null)[],
  ) => {
    const rest = (read.body as readonly unknown[]).filter((_, index) => refused[index] === null);
    if (rest.length === 0) return { status: 200, headers: {}, text: JSON.stringify(refused) };
    const { text, ...answered } = await execute(request, response, { ...read, body: rest });
    const answers = JSON.parse(text) as unknown;
    return { ...answered, text: Array.isArray(answers) ? JSON.stringify(refused.map((one) => one ?? answers.shift())) : text };
  };

  return {
    handle: async (request, response, read) => {
      const { caller, body } = read;
      const refused: (FormattedExecutionResult | null)[] = [];
      for (const one of requestsOf(read)) {
        // A text that was registered is judged as one that is sent.
        const resolved = options.persisted?.resolve(one) ?? one;
        const errors = resolved instanceof GraphQLError ? [] : execution.refuseText(resolved);
        refused.push(errors.length === 0 ? null : execution.refused(errors, caller));
        if (slices.isOver()) await slices.next(caller.principal.name);
      }
      const isOutright = !Array.isArray(body) && refused[0] !== null;
      const accepted = acceptsGraphQLResponse(request.headers.accept);
      const answered = isOutright
        ? { status: accepted ? 400 : 200, headers: {}, text: JSON.stringify(refused[0]) }
        : refused.some((one) => one !== null)
          ? await executeAdmitted(request, response, read, refused)
          : await execute(request, response, read);
      const ownType = accepted ? 'application/graphql-response+json; charset=utf-8' : 'application/json; charset=utf-8';
      const { 'content-type': contentType = ownType, ...headers } = answered.headers as Record<string, string>;
      const answer = Buffer.from(wellFormedJson(answered.text));
      const sent = { 'cache-control': 'no-store', ...headers };
      await replyCompressed(response, answered.status, contentType, answer, sent, callers.inTurn(caller.principal));
    },
    close: () => apollo.stop(),
  };
};
