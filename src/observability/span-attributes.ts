/** Attributes of spans by the names that OpenTelemetry's conventions give them. They do nothing where no traces are kept. */
import { SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes } from './tracing.ts';

export const operationAttributes = (type: string, name: string | null): Attributes => ({
  'graphql.operation.type': type,
  ...(name === null ? {} : { 'graphql.operation.name': name }),
});

/** Says on the span at work which operation it runs. */
export const describeOperation = (type: string, name: string | null): void => {
  trace.getActiveSpan()?.setAttributes(operationAttributes(type, name));
};

/** Says on the span at work how the request was answered. */
export const describeStatus = (status: number): void => {
  const span = trace.getActiveSpan();
  span?.setAttribute('http.response.status_code', status);
  if (status >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
};
