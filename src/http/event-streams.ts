import type { IncomingMessage, ServerResponse } from 'node:http';
import { type FormattedExecutionResult, GraphQLError } from 'graphql';
import type { Caller } from '../domain/model/principal.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Execution } from '../graphql/execution.ts';
import type { Policy } from '../graphql/policy/admission.ts';
import type { GraphQLRequest } from '../graphql/policy/document-text.ts';
import type { Limits } from '../graphql/policy/limits.ts';
import type { FrameStream } from '../graphql/subscribe.ts';
import { wellFormedJson } from '../lib/well-formed-json.ts';
import type { Callers } from './callers.ts';
import type { Consumers } from './consumers.ts';
import { HttpError } from './http-error.ts';
import type { StreamFormat } from './stream-formats.ts';

/** GraphQL as a stream that answers one request: server-sent events, or parts of a multipart body. */
export interface EventStreamHandler {
  /** Resolves when a query or mutation is answered, or once a subscription streams. */
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    graphqlRequest: GraphQLRequest,
    caller: Caller,
    format: StreamFormat,
  ): Promise<void>;
  readonly open: number;
  /** Ends every stream without `complete`, so that clients come back and resume. */
  close(): void;
}

export const createEventStreamHandler = (options: {
  execution: Execution;
  admit: Policy['admit'];
  callers: Callers;
  consumers: Consumers;
  limits: Limits;
  clock: Clock;
}): EventStreamHandler => {
  const { execution, admit, callers, consumers, limits, clock } = options;
  const streams = new Set<() => void>();

  const open = (response: ServerResponse, format: StreamFormat) => {
    response.writeHead(200, { ...format.headers, 'cache-control': 'no-store', 'content-encoding': 'identity', 'x-accel-buffering': 'no' });
    // Firefox and Safari show no open stream before its first bytes.
    response.write(format.opening);
  };
  const finish = (response: ServerResponse, text: string) => {
    if (!response.writableEnded) response.end(text);
  };

  return {
    handle: async (request, response, graphqlRequest, caller, format) => {
      const admission = admit(graphqlRequest);
      if (!admission.admitted) {
        open(response, format);
        return finish(response, format.next(JSON.stringify(execution.refused(admission.errors, caller))) + format.complete);
      }
      const kind = admission.operation.node.operation;
      if (request.method === 'GET' && kind === 'mutation') {
        throw new HttpError(405, 'BAD_USER_INPUT', 'GET is for queries and subscriptions; send mutations by POST.', { allow: 'POST' });
      }
      const leave = callers.requirePlace(caller.principal);
      if (kind !== 'subscription') {
        try {
          const result = await execution.execute(admission, caller, () => response.destroyed);
          open(response, format);
          return finish(response, format.next(wellFormedJson(JSON.stringify(result))) + format.complete);
        } finally {
          leave();
        }
      }
      let stream: FrameStream | FormattedExecutionResult;
      try {
        stream = await execution.subscribe(admission, caller);
      } catch (error) {
        leave();
        throw error;
      }
      open(response, format);
      if (!('next' in stream)) {
        leave();
        return finish(response, format.next(JSON.stringify(stream)) + format.complete);
      }
      const frames = stream;
      const isGone = () => response.writableEnded || response.destroyed;
      const consumer = { waiting: () => response.writableLength, drop: () => void response.destroy() };
      const write = async (text: string): Promise<void> => {
        if (isGone()) return;
        await consumers.waitForFlush(consumer, new Promise<void>((resolve) => response.write(text, () => resolve())));
      };
      const fail = (error: GraphQLError) => finish(response, format.failure(JSON.stringify(execution.refused([error], caller))));
      const refuse = (message: string, code: string) => fail(new GraphQLError(message, { extensions: { code } }));
      const restart = () => void response.end();
      streams.add(restart);
      const stopExpiry = callers.onExpiry(caller.principal, () => refuse('The token has expired.', 'UNAUTHENTICATED'));
      let stopBeat = () => {};
      const beat = () => {
        stopBeat = clock.after(limits.heartbeatSeconds * 1000, () => {
          void write(format.heartbeat);
          beat();
        });
      };
      beat();
      const free = () => {
        streams.delete(restart);
        stopExpiry();
        stopBeat();
        leave();
        frames.return?.().catch(() => undefined);
      };
      response.once('close', free);
      if (response.destroyed) free();
      const sendFrames = async () => {
        try {
          for await (const frame of frames) {
            if (isGone()) break;
            if (!callers.stillValid(caller.principal)) {
              refuse('The permissions of this credential have changed; subscribe again.', 'FORBIDDEN');
              break;
            }
            await write(format.next(frame.json));
          }
          finish(response, format.complete);
        } catch (error) {
          fail(new GraphQLError('The stream failed.', { originalError: error as Error }));
        }
      };
      void sendFrames();
    },
    get open() {
      return streams.size;
    },
    close: () => {
      for (const restart of [...streams]) restart();
    },
  };
};
