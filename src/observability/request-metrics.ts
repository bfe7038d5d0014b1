/** How clients fare: answers by status, operations by type, errors by code. */
import { Counter, Histogram, type Registry } from 'prom-client';

export interface RequestMetrics {
  /** Measures an answer over HTTP; `route` is one of a few names. */
  answered(route: string, status: number, ms: number): void;
  /** Measures a query or mutation until its answer, a subscription until its stream. */
  operation(type: string, ms: number): void;
  /** Counts the errors that clients got, by code, on every transport. */
  failed(codes: readonly string[]): void;
}

const codePattern = /^[A-Z][A-Z_]{1,49}$/;

export const createRequestMetrics = (registry: Registry): RequestMetrics => {
  const registers = [registry];
  const buckets = [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
  const answers = new Histogram({
    name: 'tapegraph_http_request_seconds',
    help: 'Duration of HTTP requests by route and status; 401 is a refused credential, 429 too many requests.',
    labelNames: ['route', 'status'],
    buckets,
    registers,
  });
  const operations = new Histogram({
    name: 'tapegraph_graphql_operation_seconds',
    help: 'Duration of GraphQL operations of every transport, by type; of subscriptions until the stream starts.',
    labelNames: ['type'],
    buckets,
    registers,
  });
  const errors = new Counter({
    name: 'tapegraph_request_errors_total',
    help: 'Errors in answers to clients, by code, of every transport.',
    labelNames: ['code'],
    registers,
  });
  return {
    answered: (route, status, ms) => answers.observe({ route, status: String(status) }, ms / 1000),
    operation: (type, ms) => operations.observe({ type }, ms / 1000),
    failed: (codes) => {
      for (const code of codes) errors.inc({ code: codePattern.test(code) ? code : 'OTHER' });
    },
  };
};

export const noRequestMetrics: RequestMetrics = { answered: () => undefined, operation: () => undefined, failed: () => undefined };
