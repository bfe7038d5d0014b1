/** From what a client was shown to the lines and spans that tell of it. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createLog } from '../../src/log.ts';
import { correlated, correlatedLog } from '../../src/observability/correlation.ts';
import { blockOf, startRecorder, startServer } from '../support/tapegraph.ts';

const start = `mutation { startBlackout(input: { agent: { key: { source: "hq", identifier: ID, value: "1" } } }) {
  __typename ... on Problem { code correlationId } } }`;

test('lines of a request bear its id, also behind awaits and timers, and lines of others do not', async () => {
  const written: Record<string, unknown>[] = [];
  const log = correlatedLog(createLog('info', (line) => written.push(JSON.parse(line))));
  await Promise.all(
    ['a', 'b'].map((id) =>
      correlated(id, false, async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        log.info('late', { of: id });
      }),
    ),
  );
  log.info('outside');
  correlated('c', false, () => log.warn('named', { correlationId: 'own' }));
  const told = written.map(({ msg, of, correlationId }) => [msg, of, correlationId]);
  assert.deepEqual(told, [
    ['late', 'a', 'a'],
    ['late', 'b', 'b'],
    ['outside', undefined, undefined],
    ['named', undefined, 'own'],
  ]);
});

test('the id of a Problem finds why, and the vendor call that failed', async (t) => {
  const recorder = await startRecorder(t, { agents: 2 });
  const server = await startServer(t, [blockOf(recorder)]);
  await server.ask('{ agents(first: 1) { nodes { id } } }');
  recorder.inject({ fault: { kind: 'status', status: 500 } });
  const response = await server.ask(start);
  const { code, correlationId } = response.data.startBlackout;
  assert.equal(code, 'VENDOR_UNAVAILABLE');
  const lines = server.logged.filter(({ fields }) => fields?.correlationId === correlationId).map(({ message }) => message);
  assert.ok(lines.includes('a vendor call failed'), lines.join());
});

test('a trace holds the request, its resolvers and its vendor calls, under the caller’s own trace', async (t) => {
  interface Span {
    name: string;
    traceId: string;
    spanId: string;
    parentSpanId?: string;
    attributes: { key: string; value: { stringValue?: string } }[];
  }
  const spans: Span[] = [];
  const services = new Set<string>();
  const collector = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    assert.equal(request.url, '/v1/traces');
    for (const { resource, scopeSpans } of JSON.parse(Buffer.concat(chunks).toString()).resourceSpans) {
      for (const { key, value } of resource.attributes) if (key === 'service.name') services.add(value.stringValue);
      for (const scope of scopeSpans) spans.push(...scope.spans);
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    collector.closeAllConnections();
    collector.close();
  });
  const recorder = await startRecorder(t, { agents: 2 });
  const otlpEndpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const server = await startServer(t, [blockOf(recorder)], { tracing: { otlpEndpoint, serviceName: 'recorders' } });
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
  await server.ask('{ agents(first: 2) { nodes { id name } } }', {}, { traceparent, 'x-correlation-id': 'trace-test-1' });
  await server.stop();
  assert.deepEqual([...services], ['recorders']);
  const own = spans.filter((span) => span.traceId === traceId);
  const named = (name: string) => own.find((span) => span.name === name);
  const request = named('POST /graphql');
  assert.equal(request?.parentSpanId, '00f067aa0ba902b7');
  assert.equal(named('Query.agents')?.parentSpanId, request?.spanId);
  assert.equal(named('vendor GetAll')?.parentSpanId, named('Query.agents')?.spanId);
  const correlation = request?.attributes.find(({ key }) => key === 'tapegraph.correlation_id');
  assert.equal(correlation?.value.stringValue, 'trace-test-1');
  assert.doesNotMatch(JSON.stringify(spans), /127\.0\.0\.1/, 'no address goes out');
});
