import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import { GraphQLError } from 'graphql';
import type { Caller } from '../domain/model/principal.ts';
import { createErrorAllowance } from '../graphql/error-allowance.ts';
import { maxAnswerBytes } from '../graphql/execute-operation.ts';
import type { GraphQLRequest } from '../graphql/policy/document-text.ts';
import type { EnterRoom } from '../graphql/room.ts';
import { wellFormedJson } from '../lib/well-formed-json.ts';
import { type ApolloContext, acceptsGraphQLResponse } from './apollo-plugins.ts';
import { type ApolloOptions, createApolloServer } from './apollo-server.ts';
import { holdAnswer } from './consumers.ts';
import { HttpError } from './http-error.ts';
import { refuseUnregistered } from './persisted-queries.ts';
import { replyCompressed } from './reply.ts';

/** A request of the HTTP transport, read and authenticated. */
interface ApolloRequest {
  request: IncomingMessage;
  response: ServerResponse;
  caller: Caller;
  search: string;
  requests: readonly GraphQLRequest[];
  /** True for several requests in a list, which are answered in one. */
  isBatch: boolean;
}

interface Answering extends ApolloRequest {
  /** Left to the answers together. */
  space: { bytes: number };
}

export interface ApolloHandler {
  handle(read: ApolloRequest): Promise<void>;
  close(): Promise<void>;
}

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
  body: Buffer;
}

interface HandlerContext extends ApolloOptions {
  apollo: ApolloServer<ApolloContext>;
}

const createApolloContext = (
  { createContext, slices }: HandlerContext,
  { response, caller, isBatch }: ApolloRequest,
  enterRoom: EnterRoom,
): ApolloContext => {
  const { principal, correlationId } = caller;
  let endsWithClient = false;
  const isAbandoned = () => endsWithClient && response.destroyed;
  return Object.assign(createContext(principal, { correlationId, streaming: false, isAbandoned }), caller, {
    errors: createErrorAllowance(),
    enterRoom,
    isAbandoned,
    inSlice: async () => {
      if (isBatch || slices.isOver()) await slices.next(principal.name);
    },
    endWithClient: () => {
      endsWithClient = true;
    },
  });
};

/** Has Apollo Server answer one request, in the room of its caller. */
const execute = (context: HandlerContext, read: Answering, graphqlRequest: GraphQLRequest): Promise<Answered> => {
  const { apollo, execution } = context;
  const { request, response, caller, search } = read;
  const { query, operationName, variables, extensions } = graphqlRequest;
  return execution.inRoom(
    caller.principal,
    () => response.destroyed,
    async (enterRoom) => {
      const { body, http } = await apollo.executeOperation(
        {
          ...(query ? { query } : {}),
          ...(operationName ? { operationName } : {}),
          ...(variables ? { variables } : {}),
          ...(extensions ? { extensions } : {}),
          http: {
            method: request.method ?? 'GET',
            headers: headersOf(request),
            search,
            body: request.method === 'POST' ? graphqlRequest : '',
          },
        },
        { contextValue: createApolloContext(context, read, enterRoom) },
      );
      if (body.kind !== 'single') throw new Error('an incremental answer, which this server never makes');
      const json = Buffer.from(await execution.answerJson(body.singleResult, read));
      return { status: http.status ?? 200, headers: Object.fromEntries(http.headers), body: json };
    },
  );
};

/** Answers one request: what its text is refused with, or what Apollo Server answers. */
const answer = async (context: HandlerContext, read: Answering, graphqlRequest: GraphQLRequest): Promise<Answered> => {
  const { execution, persisted, slices } = context;
  const { request, caller, isBatch } = read;
  if (isBatch || slices.isOver()) await slices.next(caller.principal.name);
  const unregistered = persisted === null ? refuseUnregistered(graphqlRequest) : null;
  // A text that was registered is judged as one that is sent.
  const resolved = persisted?.resolve(graphqlRequest) ?? graphqlRequest;
  const errors = unregistered !== null ? [unregistered] : resolved instanceof GraphQLError ? [] : execution.refuseText(resolved);
  if (errors.length === 0) return execute(context, read, graphqlRequest);
  const status = unregistered === null && acceptsGraphQLResponse(request.headers.accept) ? 400 : 200;
  return { status, headers: {}, body: Buffer.from(wellFormedJson(JSON.stringify(execution.refused(errors, caller)))) };
};

/** Joins the answers of a batch, each of which says for itself whether it failed. How long one may be cached says nothing of the others. */
const joined = (answers: readonly Answered[]): Answered => ({
  status: 200,
  headers: Object.assign({}, ...answers.map(({ headers }) => headers), { 'cache-control': 'no-store' }),
  body: Buffer.concat([...answers.flatMap(({ body }, index) => [Buffer.from(index === 0 ? '[' : ','), body]), Buffer.from(']')]),
});

const jsonTypes = /\*\/\*|application\/(?:\*|json|graphql-response\+json)/i;

/** Throws 406 where the client takes no JSON, before anything is done. */
const requireJsonAccepted = ({ headers }: IncomingMessage): void => {
  if (headers.accept === undefined || jsonTypes.test(headers.accept)) return;
  const message = 'The header Accept names no type of an answer; name application/graphql-response+json or application/json.';
  throw new HttpError(406, 'NOT_ACCEPTABLE', message);
};

const handle = async (context: HandlerContext, read: ApolloRequest): Promise<void> => {
  const { request, response, caller, requests, isBatch } = read;
  requireJsonAccepted(request);
  const answering = { ...read, space: { bytes: maxAnswerBytes } };
  const answers = await Promise.all(requests.map((one) => answer(context, answering, one)));
  const { status, headers, body } = isBatch ? joined(answers) : answers[0]!;
  const ownType = acceptsGraphQLResponse(request.headers.accept)
    ? 'application/graphql-response+json; charset=utf-8'
    : 'application/json; charset=utf-8';
  const { 'content-type': contentType = ownType, ...others } = headers;
  await replyCompressed(response, {
    status,
    contentType,
    body,
    headers: { 'cache-control': 'no-store', ...others, ...(status === 429 ? { 'retry-after': '1' } : {}) },
    inTurn: context.callers.inTurn(caller.principal),
  });
  holdAnswer(context.consumers, response, caller);
};

export const createApolloHandler = async (options: ApolloOptions): Promise<ApolloHandler> => {
  const apollo = createApolloServer(options);
  await apollo.start();
  const context = { ...options, apollo };
  return { handle: (read) => handle(context, read), close: () => apollo.stop() };
};
