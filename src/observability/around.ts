import type { Around, Errand } from '../domain/errand.ts';
import { ExpectedError } from '../domain/errors.ts';
import type { Log } from '../domain/ports.ts';
import { correlated } from './correlation.ts';
import type { Attributes, Tracing } from './tracing.ts';

const places: ReadonlySet<string> = new Set(['graphql', 'hooks', 'media', 'health', 'metrics']);

/** Runs what is asked for under its correlation id, and as a span where traces are kept. */
export const createAround = (tracing: Tracing | null): Around => {
  const surround = <T>(errand: Errand, attributes: Attributes, push: boolean, work: () => Promise<T>): Promise<T> => {
    const { name, correlationId, caller = {} } = errand;
    const under = () => correlated(correlationId, push, work);
    return tracing === null ? under() : tracing.root(name, caller, { ...attributes, 'tapegraph.correlation_id': correlationId }, under);
  };
  return {
    request: (request, correlationId, answer) => {
      const [, first = ''] = (request.url ?? '').split(/[/?]/);
      const name = `${request.method} /${places.has(first) ? first : ''}`;
      const attributes = { 'http.request.method': request.method ?? '' };
      return surround({ name, correlationId, caller: request.headers }, attributes, first === 'hooks', answer);
    },
    errand: (errand, work) => surround(errand, {}, false, work),
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
