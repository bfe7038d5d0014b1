import { ExpectedError } from '../domain/model/errors.ts';
import type { Log } from '../domain/ports/log.ts';
import { correlated } from './correlation.ts';
import { type Instrumentation, type RequestScope, routeOf } from './request-scope.ts';
import { operationAttributes } from './span-attributes.ts';
import type { Attributes, Root, Tracing, TracingSettings } from './tracing.ts';

/** Returns true if the file or the environment names a collector, and the environment does not switch tracing off. */
export const wantsTracing = ({ otlpEndpoint }: TracingSettings, environment: Readonly<Record<string, string | undefined>>): boolean => {
  const { OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER, OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT } = environment;
  if (OTEL_SDK_DISABLED?.toLowerCase() === 'true' || OTEL_TRACES_EXPORTER === 'none') return false;
  return Boolean(otlpEndpoint ?? (OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || OTEL_EXPORTER_OTLP_ENDPOINT));
};

/** Runs what is asked for under its correlation id, and as a span where traces are kept. */
export const createInstrumentation = (tracing: Tracing | null): Instrumentation => {
  const instrument = <T>(
    requestScope: RequestScope,
    { attributes, kind, push }: { attributes: Attributes; kind: Root['kind']; push: boolean },
    work: () => Promise<T>,
  ): Promise<T> => {
    const { name, correlationId, caller = {} } = requestScope;
    const under = () => correlated(correlationId, push, work);
    return tracing === null
      ? under()
      : tracing.root({ name, kind, caller, attributes: { ...attributes, 'tapegraph.correlation_id': correlationId } }, under);
  };
  return {
    request: (request, correlationId, answer) => {
      const route = routeOf(request.url ?? '');
      const name = `${request.method} /${route}`;
      const attributes = { 'http.request.method': request.method ?? '', 'http.route': `/${route}` };
      return instrument({ name, correlationId, caller: request.headers }, { attributes, kind: 'server', push: route === 'hooks' }, answer);
    },
    requestScope: (requestScope, work) => {
      const { operation } = requestScope;
      if (operation === undefined) return instrument(requestScope, { attributes: {}, kind: 'internal', push: false }, work);
      const attributes = operationAttributes(operation.type, operation.name);
      return instrument(requestScope, { attributes, kind: 'server', push: false }, work);
    },
  };
};

/** Logs why a use case refused, under the id that the Problem shows. */
export const loggingExpectedErrors = async <T>(
  { log, correlationId }: { log: Log; correlationId: string },
  what: string,
  work: () => Promise<T>,
): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ExpectedError) {
      const { code, vendorCode, message } = error;
      log.info(`${what} was refused`, { correlationId: error.correlationId ?? correlationId, code, vendorCode, why: message });
    }
    throw error;
  }
};
