import type { IncomingMessage, ServerResponse } from 'node:http';
import { type FormattedExecutionResult, GraphQLError } from 'graphql';
import type { Caller } from '../domain/model/principal.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Execution } from '../graphql/execution.ts';
import type { Policy } from '../graphql/policy/admission.ts';
import type { GraphQLRequest } from '../graphql/policy/document-text.ts';
import type { Limits } from '../graphql/policy/limits.ts';
import type { AnswerStream } from '../graphql/subscribe.ts';
import { wellFormedJson } from '../lib/well-formed-json.ts';
import type { Callers } from './callers.ts';
import { type Consumer, type Consumers, holdAnswer, responseConsumer } from './consumers.ts';
import { HttpError } from './http-error.ts';
import type { StreamFormat } from './stream-formats.ts';

/** A request that is answered by a stream. */
interface StreamRequest {
  request: IncomingMessage;
  response: ServerResponse;
  graphqlRequest: GraphQLRequest;
  caller: Caller;
  format: StreamFormat;
}

/** GraphQL as a stream that answers one request: server-sent events, or parts of a multipart body. */
export interface EventStreamHandler {
  /** Resolves when a query or mutation is answered, or once a subscription streams. */
  handle(stream: StreamRequest): Promise<void>;
  readonly open: number;
  /** Ends every stream without `complete`, so that clients come back and resume. */
  close(): void;
}

interface EventStream extends StreamRequest {
  consumer: Consumer;
}

interface EventStreamContext {
  execution: Execution;
  admit: Policy['admit'];
  callers: Callers;
  consumers: Consumers;
  limits: Limits;
  clock: Clock;
  /** The answers that stream now. */
  streaming: Set<ServerResponse>;
}

const open = ({ response, format }: StreamRequest): void => {
  response.writeHead(200, { ...format.headers, 'cache-control': 'no-store', 'content-encoding': 'identity', 'x-accel-buffering': 'no' });
  // Firefox and Safari show no open stream before its first bytes.
  response.write(format.opening);
};

const finish = ({ response }: StreamRequest, text: string): void => {
  if (!response.writableEnded) response.end(text);
};

const jsonOf = (answer: FormattedExecutionResult): string => wellFormedJson(JSON.stringify(answer));

/** Streams one answer and the end. */
const answerOnce = ({ consumers }: EventStreamContext, stream: StreamRequest, json: string): void => {
  const { response, caller, format } = stream;
  open(stream);
  finish(stream, format.next(json) + format.complete);
  holdAnswer(consumers, response, caller);
};

/** Ends with an error. */
const fail = ({ execution }: EventStreamContext, stream: StreamRequest, error: GraphQLError): void =>
  finish(stream, stream.format.failure(JSON.stringify(execution.refused([error], stream.caller))));

const refuse = (context: EventStreamContext, stream: StreamRequest, message: string, code: string): void =>
  fail(context, stream, new GraphQLError(message, { extensions: { code } }));

/** Resolves when the client has taken it, or has left. */
const write = async ({ consumers }: EventStreamContext, { response, consumer }: EventStream, text: string): Promise<void> => {
  if (response.writableEnded || response.destroyed) return;
  await consumers.waitForFlush(consumer, new Promise<void>((resolve) => response.write(text, () => resolve())));
};

/** Returns the function that ends the heartbeats. */
const startHeartbeats = (context: EventStreamContext, stream: EventStream): (() => void) => {
  const { clock, limits } = context;
  let stop = () => {};
  const beat = () => {
    stop = clock.after(limits.heartbeatSeconds * 1000, () => {
      void write(context, stream, stream.format.heartbeat);
      beat();
    });
  };
  beat();
  return () => stop();
};

const sendAnswers = async (context: EventStreamContext, stream: EventStream, answers: AnswerStream): Promise<void> => {
  const { response, caller, format } = stream;
  try {
    for await (const json of answers) {
      if (response.writableEnded || response.destroyed) break;
      if (!context.callers.stillValid(caller.principal)) {
        refuse(context, stream, 'The permissions of this credential have changed; subscribe again.', 'FORBIDDEN');
        break;
      }
      await write(context, stream, format.next(json));
    }
    finish(stream, format.complete);
  } catch (error) {
    fail(context, stream, new GraphQLError('The stream failed.', { originalError: error as Error }));
  }
};

/** Streams until either side ends it. */
const startStream = (context: EventStreamContext, stream: EventStream, { answers, leave }: { answers: AnswerStream; leave(): void }) => {
  const { callers, streaming } = context;
  const { response, caller } = stream;
  streaming.add(response);
  const stopExpiry = callers.onExpiry(caller.principal, () => refuse(context, stream, 'The token has expired.', 'UNAUTHENTICATED'));
  const stopHeartbeats = startHeartbeats(context, stream);
  const free = () => {
    streaming.delete(response);
    stopExpiry();
    stopHeartbeats();
    leave();
    answers.return?.().catch(() => undefined);
  };
  response.once('close', free);
  if (response.destroyed) free();
  void sendAnswers(context, stream, answers);
};

const answer = async (context: EventStreamContext, stream: StreamRequest): Promise<void> => {
  const { execution, admit, callers } = context;
  const { request, response, caller } = stream;
  const admission = admit(stream.graphqlRequest);
  if (!admission.admitted) return answerOnce(context, stream, jsonOf(execution.refused(admission.errors, caller)));
  const kind = admission.operation.node.operation;
  if (request.method === 'GET' && kind === 'mutation') {
    throw new HttpError(405, 'BAD_USER_INPUT', 'GET is for queries and subscriptions; send mutations by POST.', { allow: 'POST' });
  }
  const leave = callers.requirePlace(caller.principal);
  let answers: AnswerStream | null = null;
  try {
    if (kind !== 'subscription') return answerOnce(context, stream, await execution.execute(admission, caller, () => response.destroyed));
    const result = await execution.subscribe(admission, caller);
    if (!('next' in result)) return answerOnce(context, stream, jsonOf(result));
    answers = result;
  } finally {
    if (answers === null) leave();
  }
  open(stream);
  startStream(context, { ...stream, consumer: responseConsumer(response, caller) }, { answers, leave });
};

export const createEventStreamHandler = (options: Omit<EventStreamContext, 'streaming'>): EventStreamHandler => {
  const streaming: EventStreamContext['streaming'] = new Set();
  const context = { ...options, streaming };
  return {
    handle: (stream) => answer(context, stream),
    get open() {
      return streaming.size;
    },
    close: () => {
      for (const response of [...streaming]) response.end();
    },
  };
};
