/** Fragments may be spread in each other any number of times, also in circles; what is checked before validation reads each text a few times at most. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type DocumentNode, type FragmentDefinitionNode, Kind, type OperationDefinitionNode, parse, type SelectionSetNode } from 'graphql';
import { createPolicy } from '../../src/graphql/policy/admission.ts';
import { refuseComparisons } from '../../src/graphql/policy/comparisons.ts';
import { createIntrospectionLimit } from '../../src/graphql/policy/introspection.ts';
import { defaultLimits } from '../../src/graphql/policy/limits.ts';
import { measureShape } from '../../src/graphql/policy/shape.ts';
import { refuseConditionalRoot } from '../../src/graphql/policy/subscription-root.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { vendorModules } from '../../src/vendors/registry.ts';

const schema = await createSchema(vendorModules);
const refuseIntrospection = createIntrospectionLimit(schema);
/** Each check, and how often it may read the sets of selections of a document together. */
const checks: Readonly<Record<string, { check(document: DocumentNode): unknown; most(sets: number): number }>> = {
  measureShape: { check: measureShape, most: (sets) => 2 * sets },
  // Lists have other lengths around each of its four kinds of types.
  refuseIntrospection: { check: refuseIntrospection, most: (sets) => 4 * sets },
  // It goes down circles until there are too many comparisons.
  refuseComparisons: { check: refuseComparisons, most: (sets) => 20_000 + sets },
  refuseConditionalRoot: { check: refuseConditionalRoot, most: (sets) => 2 * sets },
};

/** Counts how often the selections of operations, fragments and inline fragments are read. */
const counted = (text: string) => {
  let readings = 0;
  const watched = (set: SelectionSetNode): SelectionSetNode => {
    const selections = set.selections.map((one) =>
      one.kind === Kind.FRAGMENT_SPREAD || one.selectionSet === undefined ? one : { ...one, selectionSet: watched(one.selectionSet) },
    );
    return {
      kind: set.kind,
      get selections() {
        readings += 1;
        assert.ok(readings < 100_000, 'the text is read again and again');
        return selections;
      },
    };
  };
  const { definitions, ...document } = parse(text);
  const executable = definitions as readonly (FragmentDefinitionNode | OperationDefinitionNode)[];
  return {
    document: { ...document, definitions: executable.map((one) => ({ ...one, selectionSet: watched(one.selectionSet) })) } as DocumentNode,
    sets: text.split('{').length - 1,
    readings: () => readings,
  };
};

const repeat = (times: number, make: (index: number) => string): string =>
  Array.from({ length: times }, (_, index) => make(index)).join(' ');

/** Each fragment spreads some of the others, or one that is nowhere, and introspects or not. */
const documents = fc
  .tuple(
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 1, max: 4 }),
    fc.array(fc.nat(60), { minLength: 200, maxLength: 200 }),
    fc.constantFrom('', '__schema { types { … } }', '__type(name: "A") { … }', 'agents { … }'),
    fc.constantFrom('query', 'subscription'),
  )
  .map(([fragments, spreads, operations, targets, field, kind]) => {
    const inside = repeat(fragments, (from) => {
      const spread = repeat(spreads, (index) => `...F${targets[from * spreads + index]}`);
      return `fragment F${from} on Query { ${field === '' ? spread : `${spread} ${field.replace('…', spread)}`} }`;
    });
    return `${repeat(operations, (index) => `${kind} O${index} { ...F0 ...F${index} }`)} ${inside}`;
  });
/** Twice as much with each level, and nothing at its end. */
const doubling = fc
  .integer({ min: 1, max: 200 })
  .map((levels) => `{ ...F0 } ${repeat(levels, (level) => `fragment F${level} on Query { ...F${level + 1} ...F${level + 1} }`)}`);
/** Each in each, itself included. */
const meshed = fc
  .integer({ min: 1, max: 30 })
  .map(
    (size) => `{ ...F0 } ${repeat(size, (from) => `fragment F${from} on Query { ${repeat(size, (to) => `...F${(from + to) % size}`)} }`)}`,
  );

/** A circle through inline fragments in each other. */
const nested = fc
  .tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 4 }), fc.constantFrom('agents', '__schema'))
  .map(
    ([depth, circles, field]) =>
      `{ a } ${repeat(circles, (index) => `fragment F${index} on Query { ${field} { ${'... { '.repeat(depth)} ...F${index} ${'} '.repeat(depth)} } }`)}`,
  );

test('each check before validation reads a text a few times at most, however its fragments are spread', () => {
  for (const [name, { check, most }] of Object.entries(checks)) {
    fc.assert(
      fc.property(fc.oneof(documents, doubling, meshed, nested), (text) => {
        const { document, sets, readings } = counted(text);
        check(document);
        assert.ok(readings() <= most(sets), `${name} reads ${sets} sets of selections ${readings()} times`);
      }),
      { numRuns: 300 },
    );
  }
});

test('fragments that double with each level, in front of one that is nowhere, are refused as any unknown fragment', () => {
  const policy = createPolicy({ schema, limits: defaultLimits, introspection: true });
  const query = `{ ...F0 } ${repeat(60, (level) => `fragment F${level} on Query { ...F${level + 1} ...F${level + 1} }`)}`;
  const admission = policy.admit({ query });
  const [error] = admission.admitted ? [] : admission.errors;
  assert.match(error!.message, /Unknown fragment "F60"/);
});
