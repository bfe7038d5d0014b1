/** JSON from outside holds a bounded number of values, and errors repeat little of what was sent, however it is wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createPolicy } from '../../src/graphql/policy/admission.ts';
import { defaultLimits } from '../../src/graphql/policy/limits.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { startServer } from '../support/graphql-server.ts';
import { connectSocket } from '../support/socket-client.ts';

const fill = (count: number, one: (index: number) => string) => Array.from({ length: count }, (_, index) => one(index)).join();
/** Values of JSON that hold so many others, beside themselves. */
const wide: Readonly<Record<string, (count: number) => string>> = {
  keys: (count) => `{${fill(count, (index) => `"key${index}":1`)}}`,
  items: (count) => `[${fill(count, String)}]`,
  texts: (count) => `[${fill(count, () => '",[{"')}]`,
  objects: (count) => `[${fill(Math.ceil(count / 2), () => '{"a":1}')}]`,
  lists: (count) => `[${fill(Math.ceil(count / 2), () => '[]')}]`,
};
const limits = { jsonValues: 400 };
const form = fc.constantFrom(...Object.keys(wide));
/** Far enough from the limit on either side that the rest of the request does not matter. */
const count = fc.oneof(fc.integer({ min: 1, max: 380 }), fc.integer({ min: 410, max: 3000 }));

test('a body, or the variables of a search, hold few values', async (t) => {
  const server = await startServer({ limits });
  t.after(server.close);
  const place = fc.constantFrom('variables', 'extensions', 'search', 'body', 'batch');
  await fc.assert(
    fc.asyncProperty(place, form, count, async (where, name, values) => {
      const kept = where === 'search' ? Math.min(values, 800) : values;
      const json = wide[name]!(kept);
      const headers = { 'content-type': 'application/json', 'apollo-require-preflight': 'true' };
      const query = '{ hello }';
      const bodies: Record<string, string> = {
        variables: `{"query":"${query}","variables":{"a":${json}}}`,
        extensions: `{"query":"${query}","extensions":{"a":${json}}}`,
        body: json,
        batch: `[{"query":"${query}"},${json}]`,
      };
      const search = new URLSearchParams({ query, variables: `{"a":${json}}` });
      const response =
        where === 'search'
          ? await fetch(`${server.graphql}?${search}`, { headers })
          : await fetch(server.graphql, { method: 'POST', headers, body: bodies[where]! });
      const text = await response.text();
      assert.equal(text.includes('JSON_VALUES_LIMIT'), kept > 400, `${response.status} ${text.slice(0, 200)}`);
      if (kept > 400) assert.equal(response.status, 400);
    }),
    { numRuns: 100 },
  );
});

test('a long message of a WebSocket that holds more closes the socket', async (t) => {
  const server = await startServer({ limits });
  t.after(server.close);
  await fc.assert(
    fc.asyncProperty(form, fc.integer({ min: 1400, max: 3000 }), async (name, values) => {
      const client = await connectSocket(server.graphql);
      await client.init();
      const filler = 'x'.repeat(4096);
      client.send(`{"id":"1","type":"subscribe","payload":{"query":"{ hello } #${filler}","variables":{"a":${wide[name]!(values)}}}}`);
      const { code, reason } = await client.closed;
      assert.equal(code, 4400);
      assert.match(reason, /holds more than 400 values/);
    }),
    { numRuns: 10 },
  );
});

test('of a large variable the first fault is reported, without the rest of it', async () => {
  const policy = createPolicy({ schema: await createSchema(vendorModules), limits: defaultLimits, introspection: true });
  const query = 'query ($filter: AgentFilter, $first: Int) { agents(filter: $filter, first: $first) { nodes { id } } }';
  const unknown = fc.record({ keys: fc.integer({ min: 101, max: 4000 }), length: fc.integer({ min: 0, max: 50 }) });
  fc.assert(
    fc.property(unknown, ({ keys, length }) => {
      const filter = Object.fromEntries(Array.from({ length: keys }, (_, index) => [`sourcs${index}`, 'x'.repeat(length)]));
      const admission = policy.admit({ query, variables: { filter } });
      assert.ok(!admission.admitted);
      assert.equal(admission.errors.length, 1);
      assert.match(admission.errors[0]!.message, /^Variable "\$filter" got an invalid value at "filter"; Field "sourcs0" is not defined/);
      assert.ok(admission.errors[0]!.message.length < 300);
    }),
    { numRuns: 30 },
  );
  const first = policy.admit({ query, variables: { first: 'x'.repeat(10_000) } });
  assert.match(first.admitted ? '' : first.errors[0]!.message, /"\$first" got an invalid value at "first"; .*Int cannot represent/);
  assert.deepEqual(first.admitted ? null : first.errors[0]!.locations, [{ line: 1, column: query.indexOf('$first') + 1 }]);
  const sources = Array.from({ length: 100 }, (_, index) => `source-${index}`);
  assert.equal(policy.admit({ query, variables: { filter: { sources } } }).admitted, true);
  const place = policy.admit({ query, variables: { filter: { sources: [...sources.slice(1), 4] } } });
  assert.match(place.admitted ? '' : place.errors[0]!.message, /at "filter\.sources\[99\]"; /);
});

test('an error repeats little of a request, and suggests nothing where the schema is not shown', async (t) => {
  const server = await startServer({ introspection: false });
  t.after(server.close);
  const echo = fc.tuple(fc.constantFrom('Did you mean ', 'Did you mean "', 'x', '😀'), fc.integer({ min: 0, max: 15_000 }));
  const place = fc.constantFrom('name', 'literal', 'alias', 'variable', 'operation');
  await fc.assert(
    fc.asyncProperty(echo, place, async ([unit, times], where) => {
      const text = unit.repeat(times);
      const word = text.replace(/\W/g, '_') || 'a';
      const request = {
        name: { query: `{ helo${word} }` },
        literal: { query: `{ people(first: ${JSON.stringify(text)}) { totalCount } }` },
        alias: { query: `{ ${word}: helo }` },
        variable: { query: 'query ($first: Int) { people(first: $first) { totalCount } }', variables: { first: text } },
        operation: { query: `query ${word} { helo }` },
      }[where];
      for (const accept of ['application/json', 'text/event-stream']) {
        const response = await fetch(server.graphql, {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept },
          body: JSON.stringify(request),
        });
        const body = await response.text();
        assert.ok(body.length < 3000, `${body.length} characters`);
        assert.match(body, /"message":/);
        assert.doesNotMatch(body, /Did you mean \\"hello/);
      }
    }),
    { numRuns: 40 },
  );
});
