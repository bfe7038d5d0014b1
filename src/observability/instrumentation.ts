import { ExpectedError } from '../domain/model/errors.ts';
import type { Log } from '../domain/ports/log.ts';
import { correlated } from './correlation.ts';
import type { Instrumentation, RequestScope } from './request-scope.ts';
import type { Attributes, Tracing } from './tracing.ts';

const places: ReadonlySet<string> = new Set(['graphql', 'hooks', 'media', 'health', 'metrics']);

/** Runs what is asked for under its correlation id, and as a span where traces are kept. */
export const createInstrumentation = (tracing: Tracing | null): Instrumentation => {
  const instrument = <T>(requestScope: RequestScope, attributes: Attributes, push: boolean, work: () => Promise<T>): Promise<T> => {
    const { name, correlationId, caller = {} } = requestScope;
    const under = () => correlated(correlationId, push, work);
    return tracing === null ? under() : tracing.root(name, caller, { ...attributes, 'tapegraph.correlation_id': correlationId }, under);
  };
  return {
    request: (request, correlationId, answer) => {
      const [, first = ''] = (request.url ?? '').split(/[/?]/);
      const name = `${request.method} /${places.has(first) ? first : ''}`;
      const attributes = { 'http.request.method': request.method ?? '' };
      return instrument({ name, correlationId, caller: request.headers }, attributes, first === 'hooks', answer);
    },
    requestScope: (requestScope, work) => instrument(requestScope, {}, false, work),
  };
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
