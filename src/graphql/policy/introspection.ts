/** Bounds how much an operation introspects: `__schema` costs nothing by the cost directives, and its lists are long. */
import {
  type DocumentNode,
  type GraphQLError,
  type GraphQLNamedType,
  type GraphQLSchema,
  getIntrospectionQuery,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from './fragments.ts';
import { policyError } from './policy-error.ts';

/** So many ordinary introspections are answered in one. */
const maxIntrospections = 2.5;

/** How long the lists of introspection are, by name. */
type Lists = ReadonlyMap<string, number>;

/** Of all types on the average; of the types that fields and arguments have, on the average; of one type at most. */
interface Sizes {
  ofAll: Lists;
  ofNamed: Lists;
  ofOne: Lists;
}

const fieldsOf = (type: GraphQLNamedType) => (isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : []);
const inputFieldsOf = (type: GraphQLNamedType) => (isInputObjectType(type) ? Object.values(type.getFields()) : []);

const lengthsIn = (schema: GraphQLSchema, types: readonly GraphQLNamedType[]): Record<string, readonly number[]> => ({
  fields: types.map((type) => fieldsOf(type).length),
  inputFields: types.map((type) => inputFieldsOf(type).length),
  enumValues: types.map((type) => (isEnumType(type) ? type.getValues().length : 0)),
  interfaces: types.map((type) => (isObjectType(type) || isInterfaceType(type) ? type.getInterfaces().length : 0)),
  possibleTypes: types.map((type) => (isAbstractType(type) ? schema.getPossibleTypes(type).length : 0)),
  args: types.flatMap((type) => fieldsOf(type).map(({ args }) => args.length)),
});

const average = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / Math.max(1, all.length);

const sizesOf = (schema: GraphQLSchema): Sizes => {
  const types = Object.values(schema.getTypeMap());
  const fields = types.flatMap(fieldsOf);
  const named = [...fields, ...fields.flatMap(({ args }) => args), ...types.flatMap(inputFieldsOf)].map(({ type }) => getNamedType(type));
  const [ofAll, ofNamed] = [lengthsIn(schema, types), lengthsIn(schema, named)];
  const sized = (lengths: Record<string, readonly number[]>, size: (all: readonly number[]) => number): Lists =>
    new Map([
      ['types', types.length],
      ['directives', schema.getDirectives().length],
      // About every second type is wrapped once more.
      ['ofType', 0.5],
      ...Object.entries(lengths).map(([name, all]) => [name, size(all)] as const),
    ]);
  return { ofAll: sized(ofAll, average), ofNamed: sized(ofNamed, average), ofOne: sized(ofAll, (all) => Math.max(0, ...all)) };
};

/** The fields that lead to types, and how long the lists of those are. */
const sizesBelow: ReadonlyMap<string, keyof Sizes> = new Map([
  ['__schema', 'ofAll'],
  ['__type', 'ofOne'],
  ['queryType', 'ofOne'],
  ['mutationType', 'ofOne'],
  ['subscriptionType', 'ofOne'],
  ['interfaces', 'ofOne'],
  ['possibleTypes', 'ofOne'],
  ['type', 'ofNamed'],
  ['ofType', 'ofNamed'],
]);

/**
 * Returns about how many values the introspection of one operation answers with, the largest of the document; a circle of fragments, which
 * validation refuses, counts once. Costs time in proportion to the text, however often fragments are spread.
 */
const valuesIntrospected = (sizes: Sizes, document: DocumentNode): number => {
  const fragments = fragmentsOf(document);
  /** By the lists around a fragment, and its name. */
  const known = new Map<Lists | null, Map<string, number>>();
  const ofFragment = (name: string, lists: Lists | null): number => {
    const fragment = fragments.get(name);
    if (fragment === undefined) return 0;
    const alike = known.get(lists) ?? new Map<string, number>();
    known.set(lists, alike);
    const values = alike.get(name);
    if (values !== undefined) return values;
    alike.set(name, 0);
    const counted = valuesOf(fragment.selectionSet, lists);
    alike.set(name, counted);
    return counted;
  };
  /** `lists` are null outside of introspection. */
  const valuesOf = ({ selections }: SelectionSetNode, lists: Lists | null): number =>
    selections.reduce((sum, selection) => {
      if (selection.kind === Kind.INLINE_FRAGMENT) return sum + valuesOf(selection.selectionSet, lists);
      const name = selection.name.value;
      if (selection.kind === Kind.FRAGMENT_SPREAD) return sum + ofFragment(name, lists);
      if (lists === null && name !== '__schema' && name !== '__type') return sum;
      const change = sizesBelow.get(name);
      const below = change === undefined ? lists : sizes[change];
      return sum + (lists?.get(name) ?? 1) * (1 + (selection.selectionSet === undefined ? 0 : valuesOf(selection.selectionSet, below)));
    }, 0);
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  return Math.max(0, ...operations.map(({ selectionSet }) => valuesOf(selectionSet, null)));
};

/** Returns the function that refuses a document one of whose operations introspects too much. Needs no validated one, only one of a bounded shape. */
export const createIntrospectionLimit = (schema: GraphQLSchema) => {
  const sizes = sizesOf(schema);
  const ordinary = parse(
    getIntrospectionQuery({
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      oneOf: true,
    }),
  );
  const limit = Math.ceil(maxIntrospections * valuesIntrospected(sizes, ordinary));
  return (document: DocumentNode): GraphQLError | null => {
    const estimate = Math.ceil(valuesIntrospected(sizes, document));
    if (estimate <= limit) return null;
    const message = `The operation's introspection answers with about ${estimate} values; the limit is ${limit}. Ask for the schema once.`;
    return policyError('COST_LIMIT', message, { limit, estimate });
  };
};
