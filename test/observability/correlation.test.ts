/** Follows an id from a client's answer to the log lines and spans that carry it. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { correlated, correlatedLog } from '../../src/observability/correlation.ts';
import { createLog } from '../../src/observability/log.ts';
import { transports } from '../live/transports.ts';
import { connectSocket } from '../support/socket-client.ts';
import { blockOf, startPair, startRecorder, startServer } from '../support/tapegraph.ts';

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
  const received = written.map(({ msg, of, correlationId }) => [msg, of, correlationId]);
  assert.deepEqual(received, [
    ['late', 'a', 'a'],
    ['late', 'b', 'b'],
    ['outside', undefined, undefined],
    ['named', undefined, 'own'],
  ]);
});

for (const [transport, ask] of Object.entries({
  HTTP: async (url: string, query: string) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
    return ((await response.json()) as { data: Record<string, { correlationId: string }> }).data;
  },
  WebSocket: async (url: string, query: string) => {
    const client = await connectSocket(`${url}/graphql`);
    await client.init();
    client.subscribe('m', query);
    const { payload } = await client.next();
    client.close();
    return (payload as { data: Record<string, { correlationId: string }> }).data;
  },
})) {
  test(`the id of a Problem that came by ${transport} finds why, and the vendor call that failed`, async (t) => {
    const recorder = await startRecorder(t, { agents: 2 });
    const server = await startServer(t, [blockOf(recorder)]);
    await server.ask('{ agents(first: 1) { nodes { id } } }');
    recorder.inject({ fault: { kind: 'status', status: 500 } });
    const { correlationId } = (await ask(server.url, start)).startBlackout!;
    const lines = server.logged.filter(({ fields }) => fields?.correlationId === correlationId).map(({ message }) => message);
    assert.ok(lines.includes('a vendor call failed') && lines.includes('a command was refused'), lines.join());
  });
}

interface Span {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: { key: string; value: { stringValue?: string } }[];
}

/** Takes OTLP over HTTP as any collector does. */
const startCollector = async (t: TestContext) => {
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
  const attribute = (span: Span | undefined, name: string) => span?.attributes.find(({ key }) => key === name)?.value.stringValue;
  return {
    otlpEndpoint: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
    spans: spans as readonly Span[],
    services: services as ReadonlySet<string>,
    /** The spans that have no other of the server above them. */
    roots: () => spans.filter((span) => !spans.some(({ spanId }) => spanId === span.parentSpanId)),
    below: (parent: Span | undefined) => spans.filter((span) => span.parentSpanId === parent?.spanId).map(({ name }) => name),
    correlation: (span: Span | undefined) => attribute(span, 'tapegraph.correlation_id'),
  };
};

const callersTrace = '4bf92f3577b34da6a3ce929d0e0e4736';
const callersSpan = '00f067aa0ba902b7';
const traceparent = `00-${callersTrace}-${callersSpan}-01`;

test('a trace holds the request, its resolvers and its vendor calls, under the caller’s own trace', async (t) => {
  const collector = await startCollector(t);
  const recorder = await startRecorder(t, { agents: 2 });
  const { otlpEndpoint, spans } = collector;
  const server = await startServer(t, [blockOf(recorder)], { tracing: { otlpEndpoint, serviceName: 'recorders' } });
  await server.ask('{ agents(first: 2) { nodes { id name } } }', {}, { traceparent, 'x-correlation-id': 'trace-test-1' });
  await server.stop();
  assert.deepEqual([...collector.services], ['recorders']);
  const own = spans.filter((span) => span.traceId === callersTrace);
  const named = (name: string) => own.find((span) => span.name === name);
  const request = named('POST /graphql');
  assert.equal(request?.parentSpanId, callersSpan);
  assert.equal(named('Query.agents')?.parentSpanId, request?.spanId);
  assert.equal(named('vendor GetAll')?.parentSpanId, named('Query.agents')?.spanId);
  assert.equal(collector.correlation(request), 'trace-test-1');
  assert.doesNotMatch(JSON.stringify(spans), /127\.0\.0\.1/, 'no address goes out');
});

test('identical questions of one batch are each executed, and traced', async (t) => {
  const collector = await startCollector(t);
  const tracing = { otlpEndpoint: collector.otlpEndpoint };
  const server = await startServer(t, [blockOf(await startRecorder(t, { agents: 2 }))], { tracing });
  const query = '{ agents(first: 2) { nodes { externalId } } }';
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body: JSON.stringify([{ query }, { query }]) });
  for (const { data } of (await answer.json()) as { data: { agents: { nodes: [] } } }[]) assert.equal(data.agents.nodes.length, 2);
  await server.stop();
  assert.equal(collector.spans.filter(({ name }) => name === 'Query.agents').length, 2);
});

test('every operation of a WebSocket is a trace of its own, or part of the one that it names', async (t) => {
  const collector = await startCollector(t);
  const server = await startPair(t, { agents: 2 }, {}, { tracing: { otlpEndpoint: collector.otlpEndpoint } });
  const client = await connectSocket(`${server.url}/graphql`);
  await client.init();
  const operate = async (id: string, query: string, extensions?: object) => {
    client.send({ type: 'subscribe', id, payload: { query, ...(extensions ? { extensions } : {}) } });
    const answer = await client.next();
    assert.equal(answer.type, 'next', JSON.stringify(answer));
    assert.equal((await client.next()).type, 'complete');
    return answer.payload as { data: Record<string, { code?: string; correlationId?: string }> };
  };
  await operate('q', '{ agents(first: 2) { nodes { id } } }', { traceparent, tracestate: 7 });
  await operate('again', '{ agents(first: 2) { nodes { id } } }', { traceparent: 7 });
  server.simulator.inject({ fault: { kind: 'status', status: 500 } });
  const { data } = await operate('m', start);
  client.close();
  await server.stop();
  const roots = collector.roots().filter(({ name }) => name.startsWith('WebSocket'));
  const [named, unnamed, mutation] = roots;
  assert.deepEqual(
    roots.map(({ name }) => name),
    ['WebSocket query', 'WebSocket query', 'WebSocket mutation'],
  );
  assert.deepEqual([named?.traceId, named?.parentSpanId], [callersTrace, callersSpan]);
  assert.ok(unnamed?.traceId !== callersTrace && !unnamed?.parentSpanId && unnamed?.traceId !== mutation?.traceId);
  for (const query of [named, unnamed]) {
    const list = collector.spans.find(({ name, parentSpanId }) => name === 'Query.agents' && parentSpanId === query?.spanId);
    assert.deepEqual(collector.below(list), ['vendor GetAll']);
  }
  assert.deepEqual(collector.below(mutation), ['Mutation.startBlackout']);
  assert.equal(collector.correlation(mutation), data.startBlackout!.correlationId);
});

for (const [transport, open] of Object.entries(transports)) {
  test(`a stream over ${transport} is begun in one trace, which ends there, and each event is another`, async (t) => {
    const collector = await startCollector(t);
    const rest = { tracing: { otlpEndpoint: collector.otlpEndpoint }, server: { callbackHosts: ['127.0.0.1'] } };
    const server = await startPair(t, { agents: 2 }, { pollSeconds: 0.1 }, rest);
    const stream = await open(t, server.url, 'subscription { agentChanged { snapshot agent { externalId blackout { state } } } }');
    await stream.until('the snapshot', (received) => received.length === 2);
    server.simulator.contactCenter.takeCall(server.simulator.agent(1));
    await stream.until('the call', (received) => received.some(({ snapshot }) => !snapshot));
    await server.stop();
    const beginning = collector
      .roots()
      .filter(({ name }) => /^WebSocket subscription$|^POST \/graphql$/.test(name))
      .at(-1);
    assert.ok(beginning, 'the stream has a root');
    const below = new Set(collector.below(beginning));
    for (const part of ['vendor GetAll', 'AgentEvent.agent', 'Agent.blackout']) assert.ok(below.has(part), `${part} of ${[...below]}`);
    const event = collector.roots().find(({ name }) => name === 'event');
    assert.ok(collector.below(event).includes('AgentEvent.agent'));
    assert.notEqual(event?.traceId, beginning.traceId);
    assert.equal(collector.correlation(event), collector.correlation(beginning));
    assert.ok(BigInt(beginning.endTimeUnixNano) <= BigInt(event!.startTimeUnixNano), 'the root is over before the event');
  });
}
