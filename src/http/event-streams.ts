import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import type { Clock } from '../domain/ports/clock.ts';
import type { Caller, Execution } from '../graphql/execution.ts';
import type { GraphQLRequest } from '../graphql/policy/admission.ts';
import type { Limits } from '../graphql/policy/limits.ts';
import type { Callers } from './callers.ts';
import { HttpError } from './http-error.ts';
import { flushOrDrop } from './slow-consumers.ts';

/** GraphQL over server-sent events, in the distinct connections mode of graphql-sse. */
export interface EventStreamHandler {
  /** Resolves when a query or mutation is answered, or once a subscription streams. */
  handle(request: IncomingMessage, response: ServerResponse, asked: GraphQLRequest, caller: Caller): Promise<void>;
  readonly open: number;
  /** Ends every stream without `complete`, so that clients come back and resume. */
  close(): void;
}

/** Whether the client takes an event stream; `also` where it takes JSON too, as clients do that send one header for all operations. */
export const acceptsEventStream = (request: IncomingMessage): 'only' | 'also' | 'no' => {
  const accept = (request.headers.accept ?? '').toLowerCase();
  if (!/(^|,)\s*text\/event-stream\b/.test(accept)) return 'no';
  return accept.includes('json') ? 'also' : 'only';
};

export const createEventStreamHandler = (options: {
  execution: Execution;
  callers: Callers;
  limits: Limits;
  clock: Clock;
}): EventStreamHandler => {
  const { execution, callers, limits, clock } = options;
  const streams = new Set<() => void>();

  const open = (response: ServerResponse) => {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'content-encoding': 'none',
      'x-accel-buffering': 'no',
    });
    // Firefox and Safari show no open stream before its first bytes.
    response.write(':\n\n');
  };
  const write = async (response: ServerResponse, text: string): Promise<void> => {
    if (response.writableEnded || response.destroyed) return;
    const flushed = new Promise<void>((resolve) => response.write(text, () => resolve()));
    if (response.writableLength <= limits.bufferBytes) return;
    await flushOrDrop(flushed, limits.slowConsumerSeconds, clock, () => response.destroy());
  };
  const next = (response: ServerResponse, json: string) => write(response, `event: next\ndata: ${json}\n\n`);
  const complete = (response: ServerResponse) => {
    write(response, 'event: complete\ndata:\n\n');
    response.end();
  };

  return {
    handle: async (request, response, asked, caller) => {
      const admission = execution.admit(asked);
      if (!admission.admitted) {
        open(response);
        next(response, JSON.stringify(execution.refused(admission.errors, caller)));
        complete(response);
        return;
      }
      const kind = admission.operation.node.operation;
      if (request.method === 'GET' && kind === 'mutation') {
        throw new HttpError(405, 'BAD_USER_INPUT', 'GET is for queries and subscriptions; send mutations by POST.', { allow: 'POST' });
      }
      const leave = callers.occupy(caller.principal);
      if (leave === null) throw new HttpError(429, 'RATE_LIMITED', 'Too many connections of this caller.', { 'retry-after': '1' });
      if (kind !== 'subscription') {
        try {
          const result = await execution.execute(admission, caller);
          open(response);
          next(response, JSON.stringify(result));
          complete(response);
        } finally {
          leave();
        }
        return;
      }
      let stream: Awaited<ReturnType<Execution['subscribe']>>;
      try {
        stream = await execution.subscribe(admission, caller);
      } catch (error) {
        leave();
        throw error;
      }
      open(response);
      if (!('next' in stream)) {
        leave();
        next(response, JSON.stringify(stream));
        complete(response);
        return;
      }
      const frames = stream;
      const refuse = (message: string, code: string) => {
        next(response, JSON.stringify(execution.refused([new GraphQLError(message, { extensions: { code } })], caller)));
        complete(response);
      };
      const restart = () => response.end();
      streams.add(restart);
      const stopExpiry = callers.onExpiry(caller.principal, () => refuse('The token has expired.', 'UNAUTHENTICATED'));
      let stopBeat: () => void = () => undefined;
      const beat = () => {
        stopBeat = clock.after(limits.heartbeatSeconds * 1000, () => {
          write(response, ':\n\n');
          beat();
        });
      };
      beat();
      const freed = () => {
        streams.delete(restart);
        stopExpiry();
        stopBeat();
        leave();
        frames.return?.().catch(() => undefined);
      };
      response.once('close', freed);
      if (response.destroyed) freed();
      const tell = async () => {
        try {
          for await (const frame of frames) {
            if (response.writableEnded || response.destroyed) break;
            if (!callers.stillValid(caller.principal)) {
              refuse('The permissions of this credential have changed; subscribe again.', 'FORBIDDEN');
              break;
            }
            await next(response, frame.json);
          }
          if (!response.writableEnded) complete(response);
        } catch (error) {
          next(
            response,
            JSON.stringify(execution.refused([new GraphQLError('The stream failed.', { originalError: error as Error })], caller)),
          );
          complete(response);
        }
      };
      void tell();
    },
    get open() {
      return streams.size;
    },
    close: () => {
      for (const restart of [...streams]) restart();
    },
  };
};
