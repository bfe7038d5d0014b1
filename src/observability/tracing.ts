/** OpenTelemetry traces: a span a request or an operation of a socket, a resolver and a vendor call. Import it only where an operator names a collector. */
import * as api from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import * as sdk from '@opentelemetry/sdk-trace-node';
import { withoutEnding } from '../lib/text.ts';

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface Tracing {
  /** Runs `work` as a span; a span that is begun in it is its child, and an error that it throws is marked on it. */
  span<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T>;
  /** As `span`, but the first of a trace, or of this server's part of the one that `caller` names by `traceparent`, as HTTP's headers do. */
  root<T>(name: string, caller: Readonly<Record<string, unknown>>, attributes: Attributes, work: () => Promise<T>): Promise<T>;
  /** Sends what is left. */
  close(): Promise<void>;
}

export interface TracingSettings {
  /** The collector's OTLP over HTTP, such as http://127.0.0.1:4318. */
  otlpEndpoint: string;
  serviceName: string;
  /** The share of requests that are traced, unless their caller has decided. */
  sampleRatio: number;
}

const signalPath = '/v1/traces';

const tracesUrl = (endpoint: string): string => {
  const plain = withoutEnding(endpoint, '/');
  return plain.endsWith(signalPath) ? plain : `${plain}${signalPath}`;
};

export const startTracing = ({ otlpEndpoint, serviceName, sampleRatio }: TracingSettings): Tracing => {
  const provider = new sdk.NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(sampleRatio) }),
    spanProcessors: [new sdk.BatchSpanProcessor(new OTLPTraceExporter({ url: tracesUrl(otlpEndpoint), timeoutMillis: 5000 }))],
  });
  provider.register();
  const tracer = provider.getTracer('tapegraph');

  /** A caller may name it outside of HTTP, where it need not be text. */
  const callersContext = {
    keys: (caller: Readonly<Record<string, unknown>>) => Object.keys(caller),
    get: (caller: Readonly<Record<string, unknown>>, name: string) => (typeof caller[name] === 'string' ? caller[name] : undefined),
  };

  const within = <T>(parent: ReturnType<typeof api.context.active>, name: string, attributes: Attributes, work: () => Promise<T>) =>
    tracer.startActiveSpan(name, { attributes }, parent, async (span) => {
      try {
        return await work();
      } catch (error) {
        const code = (error as { code?: unknown } | null)?.code;
        span.setStatus({ code: api.SpanStatusCode.ERROR });
        span.setAttribute('error.type', typeof code === 'string' ? code : error instanceof Error ? error.name : typeof error);
        throw error;
      } finally {
        span.end();
      }
    });

  return {
    span: (name, attributes, work) => within(api.context.active(), name, attributes, work),
    root: (name, caller, attributes, work) =>
      within(api.propagation.extract(api.ROOT_CONTEXT, caller, callersContext), name, attributes, work),
    close: async () => {
      await provider.shutdown().catch(() => undefined);
      api.trace.disable();
      api.context.disable();
      api.propagation.disable();
    },
  };
};
