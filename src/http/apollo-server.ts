/** Apollo Server as it runs here. */
import { ApolloServer, type ApolloServerOptions, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloServerPluginInlineTrace } from '@apollo/server/plugin/inlineTrace';
import { type DocumentNode, GraphQLError, type GraphQLSchema } from 'graphql';
import type { NoteRefusedAttempt } from '../domain/control/refused-attempts.ts';
import type { Principal } from '../domain/model/principal.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Log } from '../domain/ports/log.ts';
import type { ContextOptions } from '../graphql/execute-operation.ts';
import type { Execution } from '../graphql/execution.ts';
import { outwardError } from '../graphql/outward-errors.ts';
import { maxValidationErrors } from '../graphql/policy/examined-document.ts';
import { createDocumentStore } from '../graphql/policy/kept-documents.ts';
import type { Limits } from '../graphql/policy/limits.ts';
import type { Slices } from '../lib/slices.ts';
import type { RequestMetrics } from '../observability/request-metrics.ts';
import { type ApolloContext, answerPlugin, policyPlugin } from './apollo-plugins.ts';
import type { Callers } from './callers.ts';
import type { Consumers } from './consumers.ts';
import type { PersistedQueries } from './persisted-queries.ts';

export interface ApolloOptions {
  schema: GraphQLSchema;
  execution: Execution;
  callers: Pick<Callers, 'inTurn'>;
  consumers: Pick<Consumers, 'hold'>;
  createContext(principal: Principal, options: ContextOptions): object;
  limits: Pick<Limits, 'documents'>;
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

/** Apollo's own cache of documents, bounded by the memory that they take. */
const documentStoreOf = ({ limits }: ApolloOptions): NonNullable<ApolloServerOptions<ApolloContext>['documentStore']> => {
  const documents = createDocumentStore<DocumentNode>(limits.documents, (document) => document);
  return {
    get: async (key) => documents.get(key),
    set: async (key, document) => void documents.set(key, document),
    delete: async (key) => documents.delete(key),
  };
};

export const createApolloServer = (options: ApolloOptions): ApolloServer<ApolloContext> => {
  const { schema, persisted, log, plugins = [] } = options;
  return new ApolloServer<ApolloContext>({
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
    documentStore: documentStoreOf(options),
    persistedQueries: persisted !== null && { cache: persisted.cache },
    // Refused by the text, as at every transport.
    introspection: true,
    validationOptions: { maxErrors: maxValidationErrors },
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    logger: plainLogger(log),
  });
};
