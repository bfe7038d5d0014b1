/** Tests what an operator sees of requests: figures, a line each, and traces that gateways request. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createLog } from '../../src/observability/log.ts';
import { sha256 } from '../support/sha256.ts';
import { connectSocket } from '../support/socket-client.ts';
import { blockOf, startRecorder, startServer } from '../support/tapegraph.ts';

const key = 'the key of an operator, long enough';
const auth = {
  mode: 'apiKeys',
  apiKeys: [
    {
      name: 'operator',
      keySha256: sha256(key),
      scopes: ['agents:read', 'metrics:read'],
    },
  ],
};
const authorization = { authorization: `Bearer ${key}` };

const start = async (t: TestContext) => {
  const recorder = await startRecorder(t, { agents: 2 });
  const server = await startServer(t, [blockOf(recorder)], { auth, server: { trustedProxies: ['127.0.0.1'] } });
  const metrics = async () => await (await fetch(`${server.url}/metrics`, { headers: authorization })).text();
  return { recorder, server, metrics };
};

test('requests are counted by status, operations by type, errors by code, and the build is reported', async (t) => {
  const { server, metrics } = await start(t);
  await server.ask('query Board { agents(first: 1) { nodes { id } } }', {}, authorization);
  await server.ask('{ nothing }', {}, authorization);
  await server.ask('{ agents(first: 1) { nodes { id } } }', {}, { authorization: 'Bearer wrong' });
  const text = await metrics();
  const value = (line: string) => Number(new RegExp(`^${line.replace(/[{}]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  assert.equal(value('tapegraph_http_request_seconds_count{route="graphql",status="200"}'), 1);
  assert.equal(value('tapegraph_http_request_seconds_count{route="graphql",status="400"}'), 1);
  assert.equal(value('tapegraph_http_request_seconds_count{route="graphql",status="401"}'), 1);
  assert.equal(value('tapegraph_graphql_operation_seconds_count{type="query"}'), 1);
  assert.equal(value('tapegraph_request_errors_total{code="GRAPHQL_VALIDATION_FAILED"}'), 1);
  assert.equal(value('tapegraph_request_errors_total{code="UNAUTHENTICATED"}'), 1);
  assert.equal(value(`tapegraph_build_info{version="0.1.0",node="${process.versions.node}"}`), 1);
  assert.ok(Math.abs(value('tapegraph_source_status_since_timestamp_seconds{source="hq"}') - Date.now() / 1000) < 60);
});

test('a caller who asks too much is counted as 429', async (t) => {
  const recorder = await startRecorder(t, { agents: 1 });
  const server = await startServer(t, [blockOf(recorder)], { limits: { requestsPerSecond: 1 } });
  for (let sent = 0; sent < 4; sent += 1) await server.ask('{ sources { name } }');
  const text = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(text, /^tapegraph_http_request_seconds_count\{route="graphql",status="429"\} [12]$/m);
  assert.match(text, /^tapegraph_request_errors_total\{code="RATE_LIMITED"\} [12]$/m);
});

test('each request has a line with its client behind the proxy, and whoever is not let in one more', async (t) => {
  const { server } = await start(t);
  const ids = { good: 'access-good-1', bad: 'access-bad-1', refused: 'access-refused-1' };
  const from = (id: string) => ({ 'x-forwarded-for': '203.0.113.77', 'x-correlation-id': id });
  await server.ask('query Board { agents(first: 1) { nodes { id } } }', {}, { ...authorization, ...from(ids.good) });
  await server.ask('{ sources { name } }', {}, { authorization: 'Bearer +4570102030', ...from(ids.bad) });
  const { errors } = await server.ask('{ nothing }', {}, { ...authorization, ...from(ids.refused) });
  assert.equal(errors?.[0]?.extensions?.correlationId, ids.refused);
  const lines = (id: string) => server.logged.filter(({ fields }) => fields?.correlationId === id);
  const [good] = lines(ids.good).filter(({ message }) => message === 'a request was answered');
  assert.equal(typeof good?.fields?.ms, 'number');
  assert.deepEqual(
    { ...good?.fields, ms: 0 },
    { correlationId: ids.good, client: '203.0.113.77', method: 'POST', route: '/graphql', status: 200, ms: 0 },
  );
  assert.deepEqual(
    lines(ids.bad).map(({ message, level, fields }) => [message, level, fields?.client, fields?.code]),
    [
      ['a caller was not let in', 'warn', '203.0.113.77', 'UNAUTHENTICATED'],
      ['a request was answered', 'info', '203.0.113.77', 'UNAUTHENTICATED'],
    ],
  );
  assert.ok(lines(ids.refused).some(({ fields }) => String(fields?.codes) === 'GRAPHQL_VALIDATION_FAILED'));
  assert.ok(!JSON.stringify(server.logged).includes('70102030'));
});

test('the id of a refusal over a WebSocket has a line', async (t) => {
  const recorder = await startRecorder(t, { agents: 1 });
  const server = await startServer(t, [blockOf(recorder)]);
  const client = await connectSocket(`${server.url}/graphql`);
  await client.init();
  client.subscribe('q', '{ nothing }');
  const { payload } = await client.next();
  client.close();
  const [{ extensions }] = payload as unknown as [{ extensions: { correlationId: string } }];
  assert.ok(server.logged.some(({ fields }) => fields?.correlationId === extensions.correlationId));
});

test('a source that stops answering has a line, and another once it answers again', async (t) => {
  const { recorder, server } = await start(t);
  const ask = () => server.ask('{ agents(first: 2) { nodes { id } } }', {}, authorization);
  const health = async () => {
    const { data } = await server.ask('{ source(name: "hq") { health { status statusSince } } }', {}, authorization);
    return (data as { source: { health: { status: string; statusSince: string } } }).source.health;
  };
  const before = await health();
  const until = async (message: RegExp) => {
    for (const endMs = performance.now() + 20_000; performance.now() < endMs; ) {
      await ask();
      const line = server.logged.find((one) => message.test(one.message));
      if (line !== undefined) return line.fields;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return assert.fail(`no line says ${message}`);
  };
  const mend = recorder.inject({ fault: { kind: 'status', status: 500 } });
  assert.equal((await until(/does not answer as it should/))?.source, 'hq');
  const since = await health();
  assert.ok(since.status !== 'UP' && since.statusSince > before.statusSince, JSON.stringify([before, since]));
  mend();
  const again = await until(/answers as it should again/);
  assert.deepEqual([again?.status, typeof again?.wasSince], ['UP', 'string']);
  assert.deepEqual(await health(), { status: 'UP', statusSince: again?.since });
});

test('a gateway that asks for Apollo’s trace gets it, and others do not', async (t) => {
  const { server } = await start(t);
  const query = 'query Board { agents(first: 1) { nodes { id } } }';
  const traced = await server.ask(query, {}, { ...authorization, 'apollo-federation-include-trace': 'ftv1' });
  const { ftv1 } = (traced as unknown as { extensions: { ftv1: string } }).extensions;
  const bytes = Buffer.from(ftv1, 'base64').toString('latin1');
  assert.ok(bytes.includes('agents') && bytes.includes('AgentConnection'), bytes);
  assert.equal(((await server.ask(query, {}, authorization)) as { extensions?: object }).extensions, undefined);
});

test('OTEL_* variables name the collector and the service; spans have kinds, statuses and operations', async (t) => {
  const spans: { name: string; kind: number; status: { code?: number }; attributes: { key: string; value: Record<string, unknown> }[] }[] =
    [];
  const services = new Set<string>();
  const collector = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    for (const { resource, scopeSpans } of JSON.parse(Buffer.concat(chunks).toString()).resourceSpans) {
      for (const { key: name, value } of resource.attributes) if (name === 'service.name') services.add(value.stringValue);
      for (const scope of scopeSpans) spans.push(...scope.spans);
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => collector.once('listening', resolve));
  t.after(() => {
    collector.closeAllConnections();
    collector.close();
  });
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  process.env.OTEL_SERVICE_NAME = 'recorders-of-the-environment';
  t.after(() => {
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
    delete process.env.OTEL_SERVICE_NAME;
  });
  const { server, recorder } = await start(t);
  await server.ask('query Board { agents(first: 1) { nodes { id } } }', {}, authorization);
  await server.ask('{ sources { name } }', {}, { authorization: 'Bearer wrong' });
  recorder.inject({ fault: { kind: 'status', status: 401 } });
  await server.ask('query Fresh { agents(first: 1) { nodes { id } } }', {}, authorization);
  await server.stop();
  assert.deepEqual([...services], ['recorders-of-the-environment']);
  const of = (span: (typeof spans)[number], name: string) =>
    Object.values(span.attributes.find(({ key: one }) => one === name)?.value ?? {})[0];
  const requests = spans.filter(({ name }) => name === 'POST /graphql');
  assert.deepEqual(
    requests.map((span) => [
      span.kind,
      span.status.code ?? 0,
      of(span, 'graphql.operation.name'),
      Number(of(span, 'http.response.status_code')),
    ]),
    [
      [2, 0, 'Board', 200],
      [2, 0, undefined, 401],
      [2, 0, 'Fresh', 200],
    ],
  );
  const vendor = spans.filter(({ name }) => name.startsWith('vendor '));
  assert.ok(vendor.length > 0 && vendor.every(({ kind }) => kind === 3));
  const failed = vendor.filter(({ status }) => status.code === 2);
  assert.deepEqual(
    new Set(failed.map((span) => [Number(of(span, 'http.response.status_code')), of(span, 'error.type')].join())),
    new Set(['401,401']),
  );
});

test('a collector that cannot be reached has a line', async (t) => {
  const closed = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => closed.once('listening', resolve));
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`;
  t.after(() => {
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  });
  await new Promise((resolve) => closed.close(resolve));
  const { server } = await start(t);
  await server.ask('{ sources { name } }', {}, authorization);
  await server.stop();
  const lines = server.logged.filter(({ message }) => message.startsWith('traces could not be sent; check tracing.otlpEndpoint'));
  assert.equal(lines.length, 1);
});

test('a log line keeps the address of a client, and is well-formed text', () => {
  const lines: string[] = [];
  const log = createLog('info', (line) => lines.push(line));
  log.info('from \ud83d', { client: '203.0.113.77', other: '203.0.113.77', note: 'thanks \ud83d', 'key\ud83d': 1 });
  log.info('net', { client: '2001:db8:0:1::/64' });
  log.info('phone', { client: '4570102030' });
  const [first, second, third] = lines.map((line) => JSON.parse(line));
  assert.deepEqual(
    [first.msg, first.client, first.other, first.note, first['key\ufffd']],
    ['from \ufffd', '203.0.113.77', '[number]', 'thanks \ufffd', 1],
  );
  assert.equal(second.client, '2001:db8:0:1::/64');
  assert.equal(third.client, '[number]');
});
