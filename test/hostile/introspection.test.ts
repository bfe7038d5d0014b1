/** Tests that tools may introspect the schema, and that no answer repeats it more than a few times over. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { execute, getIntrospectionQuery, type IntrospectionOptions, parse } from 'graphql';
import { createPolicy } from '../../src/graphql/policy/admission.ts';
import { defaultLimits } from '../../src/graphql/policy/limits.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { vendorModules } from '../../src/vendors/registry.ts';

const schema = await createSchema(vendorModules);
const policy = createPolicy({ schema, limits: { ...defaultLimits, fields: 4000 }, introspection: true });

const valuesIn = (value: unknown): number =>
  typeof value !== 'object' || value === null ? 1 : Object.values(value).reduce<number>((sum, inner) => sum + valuesIn(inner), 1);
const answered = (query: string): number => valuesIn(execute({ schema, document: parse(query) }));
const refusal = (query: string): unknown => {
  const admission = policy.admit({ query });
  return admission.admitted ? null : admission.errors[0]!.extensions.code;
};

const whole: IntrospectionOptions = {
  ...{ descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true },
  ...{ schemaDescription: true, inputValueDeprecation: true, oneOf: true },
};
const [ordinary, largest] = [getIntrospectionQuery(), getIntrospectionQuery(whole)];

/** The same introspection under several aliases. */
const repeated = (times: number, query = largest): string => {
  const from = query.indexOf('__schema');
  const to = query.indexOf('fragment FullType');
  const field = query.slice(from, query.lastIndexOf('}', to));
  return `{ ${Array.from({ length: times }, (_, index) => `a${index}: ${field}`).join(' ')} } ${query.slice(to)}`;
};

const aliased = (times: number): string =>
  Array.from(
    { length: times },
    (_, index) => `a${index}: __schema { types { fields { type { name } args { name type { name } } } } }`,
  ).join(' ');

test('ordinary introspection is answered, with all options, twice, and with aliases in it', () => {
  for (const query of [ordinary, largest, repeated(2)]) assert.equal(refusal(query), null);
  for (const fields of [
    'a: fields { name } b: fields(includeDeprecated: true) { name type { name } }',
    'fields { type { fields { name } } }',
  ])
    assert.equal(refusal(`{ __schema { types { name ${fields} } } __type(name: "Agent") { name ${fields} } }`), null);
});

test('introspection many times over is refused by its price', () => {
  assert.equal(refusal(repeated(3)), 'COST_LIMIT');
  const fields = 'name fields { name args { name type { name } } type { name ofType { name ofType { name } } } }';
  const short = `{ ${Array.from({ length: 29 }, (_, index) => `a${index}: __schema { types { ...F } }`).join(' ')} } fragment F on __Type { ${fields} }`;
  assert.equal(refusal(short), 'COST_LIMIT');
});

test('a document is refused for its introspection before it is validated, circles of fragments included', () => {
  const invalid = repeated(3).replace('__schema', 'noSuchField __schema');
  const circle = `{ ...F } fragment F on Query { ...G } fragment G on Query { ...F ${aliased(29)} }`;
  for (const query of [invalid, circle])
    assert.deepEqual(
      policy.refuseText({ query }).map(({ extensions }) => extensions.code),
      ['COST_LIMIT'],
    );
  assert.deepEqual(policy.refuseText({ query: '{ ...F } fragment F on Query { ...F __schema { ...None } }' }), []);
});

test('a field that introspection does not have is refused by its name, whatever every object of JavaScript calls so', () => {
  for (const name of ['none', 'constructor', 'toString', '__proto__'])
    for (const selections of ['', ' { name }'])
      assert.equal(refusal(`{ __schema { ${name}${selections} types { ${name}${selections} } } }`), 'GRAPHQL_VALIDATION_FAILED', name);
});

const ofType: fc.Memo<string> = fc.memo((levels) => {
  const name = fc.constant('name');
  if (levels <= 1) return name;
  const wrapped = (field: string, inner: fc.Arbitrary<string>) => inner.map((fields) => `${field} { ${fields} }`);
  const input = wrapped('type', ofType(levels - 2)).map((type) => `name ${type}`);
  const part = fc.oneof(
    name,
    wrapped('ofType', ofType(levels - 1)),
    wrapped('fields', wrapped('type', ofType(levels - 2))),
    wrapped('fields', wrapped('args', input)),
    wrapped('inputFields', input),
    wrapped('enumValues', name),
    wrapped('possibleTypes', ofType(levels - 1)),
    wrapped('interfaces', ofType(levels - 1)),
  );
  const parts = fc.uniqueArray(part, { minLength: 1, maxLength: 4, selector: (one) => one.split(' ')[0] });
  return parts.map((all) => all.join(' '));
});

test('an introspection that is admitted, of whatever shape, answers with little more than a few ordinary ones', () => {
  const most = 5 * answered(largest);
  const root = fc.constantFrom(
    '__schema { types { … } }',
    '__schema { queryType { … } }',
    '__type(name: "Agent") { … }',
    '__type(name: "Query") { … }',
  );
  const times = fc.integer({ min: 1, max: 29 });
  let [admitted, refused] = [0, 0];
  fc.assert(
    fc.property(root, ofType(5), times, (around, fields, count) => {
      const query = `{ ${Array.from({ length: count }, (_, index) => `r${index}: ${around.replace('…', '...F')}`).join(' ')} } fragment F on __Type { ${fields} }`;
      const code = refusal(query);
      if (code === null) {
        admitted += 1;
        assert.ok(answered(query) <= most, `${answered(query)} values, ${most} at most`);
      } else if (code === 'COST_LIMIT') refused += 1;
    }),
    { numRuns: 300 },
  );
  assert.ok(admitted > 50 && refused > 5, `${admitted} admitted, ${refused} refused`);
});
