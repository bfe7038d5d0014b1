/** OpenTelemetry traces: a span a request or an operation of a socket, a resolver and a vendor call. Import it only where an operator names a collector. */
import * as api from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import * as sdk from '@opentelemetry/sdk-trace-node';
import type { Log } from '../domain/ports/log.ts';
import { withoutEnding } from '../lib/text.ts';

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface Tracing {
  /** Runs `work` as a span; a span that is begun in it is its child, and an error that it throws is marked on it. */
  span<T>(begun: Child, work: () => Promise<T>): Promise<T>;
  /** As `span`, but the first of a trace, or of this server's part of the one that `caller` names by `traceparent`, as HTTP's headers do. */
  root<T>(begun: Root, work: () => Promise<T>): Promise<T>;
  /** Sends what is left. */
  close(): Promise<void>;
}

interface Child {
  name: string;
  /** `client` for a call to another system. */
  kind?: 'client';
  attributes?: Attributes;
}

export interface Root {
  name: string;
  /** `internal` where nobody waits for an answer. */
  kind: 'server' | 'internal';
  attributes: Attributes;
  caller: Readonly<Record<string, unknown>>;
}

/** A setting in the file wins over an OTEL_* variable. */
export interface TracingSettings {
  /** The collector's OTLP over HTTP, such as http://127.0.0.1:4318. */
  otlpEndpoint?: string | undefined;
  serviceName?: string | undefined;
  /** The share of requests that are traced, unless their caller has decided. */
  sampleRatio?: number | undefined;
}

const signalPath = '/v1/traces';

const tracesUrl = (endpoint: string): string => {
  const plain = withoutEnding(endpoint, '/');
  return plain.endsWith(signalPath) ? plain : `${plain}${signalPath}`;
};

/** An expected error is the client's fault and leaves the span of the server unmarked, as OpenTelemetry's conventions have it. */
const isClientFault = (error: unknown): boolean => {
  const status = (error as { status?: unknown } | null)?.status;
  return typeof status === 'number' && status < 500;
};

/** Notes the status of another system's HTTP answer; an error status marks the call as failed. */
const markAnswer = (span: api.Span, answer: unknown): void => {
  const status = (answer as { status?: unknown } | null)?.status;
  if (typeof status !== 'number') return;
  span.setAttribute('http.response.status_code', status);
  if (status < 400) return;
  span.setAttribute('error.type', `${status}`);
  span.setStatus({ code: api.SpanStatusCode.ERROR });
};

/** As `exporter`, with a line when it begins to fail and one when it works again. */
const logged = (exporter: sdk.SpanExporter, log: Log): sdk.SpanExporter => {
  let failing = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const failed = result.error !== undefined;
        if (failed && !failing) log.warn('traces could not be sent; check tracing.otlpEndpoint and the collector', { error: result.error });
        if (!failed && failing) log.info('traces are sent again');
        failing = failed;
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
};

const createProvider = ({ otlpEndpoint, serviceName, sampleRatio }: TracingSettings, log: Log): sdk.NodeTracerProvider => {
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'tapegraph' }))
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(resourceFromAttributes(serviceName === undefined ? {} : { 'service.name': serviceName }));
  return new sdk.NodeTracerProvider({
    resource,
    // Without one the SDK reads OTEL_TRACES_SAMPLER.
    ...(sampleRatio === undefined ? {} : { sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(sampleRatio) }) }),
    spanProcessors: [
      new sdk.BatchSpanProcessor(
        // Without an address the exporter reads OTEL_EXPORTER_OTLP_ENDPOINT and its kin.
        logged(
          new OTLPTraceExporter({ timeoutMillis: 5000, ...(otlpEndpoint === undefined ? {} : { url: tracesUrl(otlpEndpoint) }) }),
          log,
        ),
      ),
    ],
  });
};

/** A caller may name it outside of HTTP, where it need not be text. */
const callersContext = {
  keys: (caller: Readonly<Record<string, unknown>>) => Object.keys(caller),
  get: (caller: Readonly<Record<string, unknown>>, name: string) => (typeof caller[name] === 'string' ? caller[name] : undefined),
};

const markError = (span: api.Span, kind: api.SpanKind, error: unknown): void => {
  const { code, status } = (error ?? {}) as { code?: unknown; status?: unknown };
  if (kind !== api.SpanKind.SERVER || !isClientFault(error)) span.setStatus({ code: api.SpanStatusCode.ERROR });
  span.setAttribute('error.type', typeof code === 'string' ? code : error instanceof Error ? error.name : typeof error);
  if (kind === api.SpanKind.SERVER) span.setAttribute('http.response.status_code', typeof status === 'number' ? status : 500);
};

interface Begun {
  name: string;
  attributes: Attributes;
  kind: api.SpanKind;
  parent: api.Context;
}

const inSpan = <T>(tracer: api.Tracer, { name, attributes, kind, parent }: Begun, work: () => Promise<T>): Promise<T> =>
  tracer.startActiveSpan(name, { attributes, kind }, parent, async (span) => {
    try {
      const result = await work();
      if (kind === api.SpanKind.CLIENT) markAnswer(span, result);
      return result;
    } catch (error) {
      markError(span, kind, error);
      throw error;
    } finally {
      span.end();
    }
  });

export const startTracing = (settings: TracingSettings, log: Log): Tracing => {
  const provider = createProvider(settings, log);
  provider.register();
  const tracer = provider.getTracer('tapegraph');
  return {
    span: ({ name, attributes = {}, kind }, work) => {
      const parent = api.context.active();
      return inSpan(tracer, { name, attributes, kind: kind === 'client' ? api.SpanKind.CLIENT : api.SpanKind.INTERNAL, parent }, work);
    },
    root: ({ name, kind, attributes, caller }, work) => {
      const parent = api.propagation.extract(api.ROOT_CONTEXT, caller, callersContext);
      return inSpan(tracer, { name, attributes, kind: kind === 'server' ? api.SpanKind.SERVER : api.SpanKind.INTERNAL, parent }, work);
    },
    close: async () => {
      await provider.shutdown().catch(() => undefined);
      api.trace.disable();
      api.context.disable();
      api.propagation.disable();
    },
  };
};
