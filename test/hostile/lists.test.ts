/** A list in an argument has a largest length wherever it stands, and a link a largest number of players, whoever holds it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createPolicy } from '../../src/graphql/policy/admission.ts';
import { defaultLimits } from '../../src/graphql/policy/limits.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { plays, startMediaFixture } from '../http/media/media-fixture.ts';

/** Every list of a filter that a stream takes, with a value of it. */
const streams = [
  ['agentChanged', 'AgentFilter', 'sources', 'String', 'hq'],
  ['agentChanged', 'AgentFilter', 'vendors', 'Vendor', 'NICE_UPTIVITY'],
  ['agentChanged', 'AgentFilter', 'statuses', 'AgentStatus', 'IDLE'],
  ['callChanged', 'CallFilter', 'sources', 'String', 'hq'],
  ['callChanged', 'CallFilter', 'states', 'CallState', 'ACTIVE'],
  ['recordingChanged', 'RecordingFilter', 'sources', 'String', 'hq'],
  ['recordingChanged', 'RecordingFilter', 'kinds', 'RecordingKind', 'AUDIO'],
  ['recordingChanged', 'RecordingFilter', 'states', 'RecordingState', 'RECORDING'],
  ['blackoutChanged', 'BlackoutFilter', 'sources', 'String', 'hq'],
  ['blackoutChanged', 'BlackoutFilter', 'states', 'BlackoutState', 'ACTIVE'],
] as const;

type Stream = (typeof streams)[number];
type Form = 'literal' | 'fragment' | 'fragments' | 'variable' | 'default' | 'filter';

/** The same list as a literal, also in a fragment, and in one below another, as a variable, as a variable's default, and in a variable that is the whole filter. */
const requestOf = ([field, filter, name, type, value]: Stream, form: Form, length: number) => {
  const values = Array.from({ length }, (_, index) => (type === 'String' ? `${value}-${index}` : value));
  const literal = `[${values.map((one) => (type === 'String' ? JSON.stringify(one) : one)).join(' ')}]`;
  const use = (declared: string, argument: string, variables: Record<string, unknown> = {}) => ({
    query: `subscription ${declared} { ${field}(filter: ${argument}) { id } }`,
    variables,
  });
  if (form === 'literal') return use('', `{ ${name}: ${literal} }`);
  const spread = `fragment F on Subscription { ${field}(filter: { ${name}: ${literal} }) { id } }`;
  if (form === 'fragment') return { query: `subscription { ...F } ${spread}`, variables: {} };
  if (form === 'fragments') return { query: `subscription { ...G } ${spread} fragment G on Subscription { ... { ...F } }`, variables: {} };
  if (form === 'default') return use(`($v: [${type}!] = ${literal})`, `{ ${name}: $v }`);
  if (form === 'variable') return use(`($v: [${type}!])`, `{ ${name}: $v }`, { v: values });
  return use(`($v: ${filter})`, '$v', { v: { [name]: values } });
};

test('the lists of a subscription’s filter are as long as the limit at most, however they are written', async () => {
  const policy = createPolicy({ schema: await createSchema(vendorModules), limits: defaultLimits, introspection: false });
  const forms = fc.constantFrom<Form>('literal', 'fragment', 'fragments', 'variable', 'default', 'filter');
  const lengths = fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.constantFrom(0, 99, 100, 101));
  fc.assert(
    fc.property(fc.constantFrom(...streams), forms, lengths, (stream, form, length) => {
      const admission = policy.admit(requestOf(stream, form, length));
      if (length <= defaultLimits.listLength) return assert.ok(admission.admitted, JSON.stringify(admission));
      assert.equal(admission.admitted, false);
      const [error, ...more] = admission.admitted ? [] : admission.errors;
      assert.equal(more.length, 0);
      assert.equal(error!.extensions.code, 'LIST_LIMIT');
      assert.match(error!.message, /100/);
    }),
    { numRuns: 200 },
  );
});

test('the representations of all fields of an operation are twice as many as the limit of one at most', async () => {
  const policy = createPolicy({ schema: await createSchema(vendorModules), limits: defaultLimits, introspection: false });
  const representations = (count: number) => Array(count).fill({ __typename: 'Agent', id: 'x' });
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 10 }), fc.boolean(), (counts, isShared) => {
      const used = counts.map((count) => (isShared ? counts[0]! : count));
      const names = used.map((_, index) => (isShared ? 'r' : `r${index}`));
      const declared = [...new Set(names)].map((name) => `$${name}: [_Any!]!`).join(' ');
      const fields = names.map((name, index) => `a${index}: _entities(representations: $${name}) { __typename }`).join(' ');
      const variables = Object.fromEntries(names.map((name, index) => [name, representations(used[index]!)]));
      const admission = policy.admit({ query: `query(${declared}) { ${fields} }`, variables });
      const together = used.reduce((sum, count) => sum + count, 0);
      if (together <= 2 * defaultLimits.entities) return assert.ok(admission.admitted, JSON.stringify(admission));
      const [error] = admission.admitted ? [] : admission.errors;
      assert.deepEqual(error!.extensions, { code: 'LIST_LIMIT', limit: 2 * defaultLimits.entities });
    }),
    { numRuns: 100 },
  );
});

test('however many players open however many links, the vendor has four connections a link', async (t) => {
  const fixture = await startMediaFixture(t);
  fixture.play(plays(Buffer.alloc(100)));
  const recording = await fixture.put();
  const links: string[] = [];
  for (let index = 0; index < 4; index += 1) links.push(await fixture.link(recording));
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 30 }), async (count, players) => {
      let together = 0;
      let most = 0;
      fixture.play((_request, response) => {
        together += 1;
        most = Math.max(most, together);
        response.once('close', () => (together -= 1));
        setImmediate(() => response.writeHead(200, { 'content-length': 100 }).end(Buffer.alloc(100)));
      });
      const statuses = await Promise.all(
        links.slice(0, count).flatMap((url) =>
          Array.from({ length: players }, async () => {
            const response = await fetch(url);
            await response.arrayBuffer();
            return response.status;
          }),
        ),
      );
      assert.ok(most <= 4 * count, `${most} connections for ${count} links`);
      assert.ok(statuses.includes(200));
    }),
    { numRuns: 12 },
  );
});
