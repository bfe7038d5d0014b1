import type { GraphQLSchema } from 'graphql';
import type { NoteRefusedAttempt } from '../domain/control/refused-attempts.ts';
import type { Principal } from '../domain/model/principal.ts';
import type { Clock, Ids } from '../domain/ports/clock.ts';
import type { Log } from '../domain/ports/log.ts';
import type { AuditEntry } from '../domain/ports/store.ts';
import type { Webhook } from '../domain/ports/webhook.ts';
import type { ContextOptions } from '../graphql/execute-operation.ts';
import type { Limits } from '../graphql/policy/limits.ts';
import type { Slices } from '../lib/slices.ts';
import type { MediaContext } from '../media/context.ts';
import type { RequestMetrics } from '../observability/request-metrics.ts';
import type { Instrumentation } from '../observability/request-scope.ts';
import type { ApolloOptions } from './apollo-server.ts';
import type { Authenticate } from './auth/authenticate.ts';

export interface HttpOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Where the server is reached from outside, with the path that it has there; null for where it listens. */
  publicUrl: string | null;
  /** Addresses and networks of proxies whose `X-Forwarded-For` counts. */
  trustedProxies?: readonly string[];
  playground: boolean;
  introspection: boolean;
  limits: Limits;
  /** Origins whose pages may call: `https://host`, `http://localhost:*` for any port, `*` for all. */
  cors?: { origins: readonly string[] };
  authenticate: Authenticate;
  schema: GraphQLSchema;
  /** The GraphQL context of an execution, or of a stream with all its events. */
  createContext(principal: Principal, options: ContextOptions): object;
  /** By source. */
  webhooks: ReadonlyMap<string, Webhook>;
  media?: MediaContext;
  ready(): Promise<{ ok: boolean; checks: Readonly<Record<string, 'ok' | string>> }>;
  metrics?: { contentType: string; text(): Promise<string>; requests?: RequestMetrics };
  /** Runs the answer to a request, and what no request surrounds, such as inside a trace. */
  instrumentation?: Instrumentation;
  /** The built pages: index.html, playground.html, assets/. */
  pagesDirectory: string;
  /** True if the recorders are simulated, which the pages then say. */
  isDemo?: boolean | undefined;
  log: Log;
  clock: Clock;
  /** Those in which callers' requests are read; made by the server where they are absent. */
  slices?: Slices | undefined;
  ids: Ids;
  /** Hosts that subscriptions may be called back at: `host`, `host:port` or `*.domain`. */
  callbackHosts: readonly string[];
  /** Writes what strangers get wrong into the audit trail; nothing is written where it is absent. */
  audit?: ((entries: readonly AuditEntry[]) => Promise<void>) | undefined;
  /** Takes in what a caller lacks a scope for. */
  noteRefused?: NoteRefusedAttempt | undefined;
  /** By hash; where it is given, nothing else is executed. */
  trustedDocuments?: ReadonlyMap<string, string> | undefined;
  /** Further plug-ins of Apollo Server. */
  apolloPlugins?: ApolloOptions['plugins'];
}
