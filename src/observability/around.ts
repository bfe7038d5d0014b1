import type { IncomingMessage } from 'node:http';
import { ExpectedError } from '../domain/errors.ts';
import type { Log } from '../domain/ports.ts';
import { correlated } from './correlation.ts';
import type { Tracing } from './tracing.ts';

const places: ReadonlySet<string> = new Set(['graphql', 'hooks', 'media', 'health', 'metrics']);

/** Runs the answer to a request under its correlation id, and as a span where traces are kept. No path reaches a trace: it may hold a token. */
export const aroundRequest =
  (tracing: Tracing | null) =>
  (request: IncomingMessage, correlationId: string, answer: () => Promise<void>): Promise<void> => {
    const [, first = ''] = (request.url ?? '').split(/[/?]/);
    const work = () => correlated(correlationId, first === 'hooks', answer);
    if (tracing === null) return work();
    const attributes = { 'http.request.method': request.method ?? '', 'tapegraph.correlation_id': correlationId };
    return tracing.request(`${request.method} /${places.has(first) ? first : ''}`, request.headers, attributes, work);
  };

/** Logs why a use case refused, under the id that the Problem shows. */
export const loggingRefusals =
  (log: Log, what: string) =>
  <Input, Caller, Output>(work: (input: Input, caller: Caller, correlationId: string) => Promise<Output>) =>
  async (input: Input, caller: Caller, correlationId: string): Promise<Output> => {
    try {
      return await work(input, caller, correlationId);
    } catch (error) {
      if (error instanceof ExpectedError) {
        const { code, vendorCode, message } = error;
        log.info(`${what} was refused`, { correlationId: error.correlationId ?? correlationId, code, vendorCode, why: message });
      }
      throw error;
    }
  };
