import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import { type FormattedExecutionResult, GraphQLError } from 'graphql';
import type { Caller } from '../domain/model/principal.ts';
import { createErrorAllowance } from '../graphql/error-allowance.ts';
import type { GraphQLRequest } from '../graphql/policy/document-text.ts';
import { wellFormedJson } from '../lib/well-formed-json.ts';
import { type ApolloContext, acceptsGraphQLResponse } from './apollo-plugins.ts';
import { type ApolloOptions, createApolloServer } from './apollo-server.ts';
import { replyCompressed } from './reply.ts';

/** A request of the HTTP transport, read and authenticated. */
interface ApolloRequest {
  request: IncomingMessage;
  response: ServerResponse;
  caller: Caller;
  search: string;
  /** Parsed JSON; null for GET. */
  body: unknown;
}

export interface ApolloHandler {
  handle(read: ApolloRequest): Promise<void>;
  close(): Promise<void>;
}

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

interface Answered {
  status: number;
  headers: Readonly<Record<string, string>>;
  text: string;
}

interface HandlerContext extends ApolloOptions {
  apollo: ApolloServer<ApolloContext>;
}

/** Makes the context of a request, whose queries hold room until they are answered. */
const createApolloContext = ({ createContext, slices }: HandlerContext, { response, caller, body }: ApolloRequest): ApolloContext => {
  const { principal, correlationId } = caller;
  const isBatch = Array.isArray(body);
  let endsWithClient = false;
  const isGone = () => response.destroyed;
  const isAbandoned = () => endsWithClient && isGone();
  return Object.assign(createContext(principal, { correlationId, streaming: false, isAbandoned }), caller, {
    errors: createErrorAllowance(),
    releases: [],
    isGone,
    isAbandoned,
    inSlice: async () => {
      if (isBatch || slices.isOver()) await slices.next(principal.name);
    },
    endWithClient: () => {
      // The operations of a batch share a context, and one of them may be a mutation.
      endsWithClient = !isBatch;
    },
  });
};

const execute = async (context: HandlerContext, read: ApolloRequest): Promise<Answered> => {
  const { request, search, body } = read;
  const contextValue = createApolloContext(context, read);
  const { apollo } = context;
  const answered = await apollo
    .executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method: request.method ?? 'GET', headers: headersOf(request), search, body: body ?? '' },
      context: async () => contextValue,
    })
    .finally(() => {
      // Where one operation of a batch throws, Apollo answers while others go on.
      if (!Array.isArray(body)) for (const release of contextValue.releases) release();
    });
  if (answered.body.kind !== 'complete') throw new Error('an incremental answer, which this server never makes');
  return { status: answered.status ?? 200, headers: Object.fromEntries(answered.headers), text: answered.body.string };
};

type Refusals = readonly (FormattedExecutionResult | null)[];

/** Answers a batch: a request that is refused by its text at its index, the rest by Apollo. */
const executeAdmitted = async (context: HandlerContext, read: ApolloRequest, refused: Refusals): Promise<Answered> => {
  const rest = (read.body as readonly unknown[]).filter((_, index) => refused[index] === null);
  if (rest.length === 0) return { status: 200, headers: {}, text: JSON.stringify(refused) };
  const { text, ...answered } = await execute(context, { ...read, body: rest });
  const answers = JSON.parse(text) as unknown;
  return { ...answered, text: Array.isArray(answers) ? JSON.stringify(refused.map((one) => one ?? answers.shift())) : text };
};

/** Returns what each request is refused with by its text; null for one that is not. */
const refusalsOf = async ({ execution, persisted, slices }: HandlerContext, read: ApolloRequest): Promise<Refusals> => {
  const { caller } = read;
  const refused: (FormattedExecutionResult | null)[] = [];
  for (const one of requestsOf(read)) {
    // A text that was registered is judged as one that is sent.
    const resolved = persisted?.resolve(one) ?? one;
    const errors = resolved instanceof GraphQLError ? [] : execution.refuseText(resolved);
    refused.push(errors.length === 0 ? null : execution.refused(errors, caller));
    if (slices.isOver()) await slices.next(caller.principal.name);
  }
  return refused;
};

const handle = async (context: HandlerContext, read: ApolloRequest): Promise<void> => {
  const { request, response, caller, body } = read;
  const accepted = acceptsGraphQLResponse(request.headers.accept);
  const refused = await refusalsOf(context, read);
  const isOutright = !Array.isArray(body) && refused[0] !== null;
  const answered = isOutright
    ? { status: accepted ? 400 : 200, headers: {}, text: JSON.stringify(refused[0]) }
    : refused.some((one) => one !== null)
      ? await executeAdmitted(context, read, refused)
      : await execute(context, read);
  const ownType = accepted ? 'application/graphql-response+json; charset=utf-8' : 'application/json; charset=utf-8';
  const { 'content-type': contentType = ownType, ...headers } = answered.headers as Readonly<Record<string, string>>;
  await replyCompressed(response, {
    status: answered.status,
    contentType,
    body: Buffer.from(wellFormedJson(answered.text)),
    headers: { 'cache-control': 'no-store', ...headers },
    inTurn: context.callers.inTurn(caller.principal),
  });
};

export const createApolloHandler = async (options: ApolloOptions): Promise<ApolloHandler> => {
  const apollo = createApolloServer(options);
  await apollo.start();
  const context = { ...options, apollo };
  return { handle: (read) => handle(context, read), close: () => apollo.stop() };
};
