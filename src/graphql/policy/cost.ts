import {
  type ArgumentNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';
import { policyError } from './policy-error.ts';

/** List length where neither `@listSize` nor an argument says. */
const assumedListSize = 10;
/** Arguments that size a list without `@listSize` saying so. */
const usualSlicingArguments = ['first', 'last', 'representations'];
/** Fields of a connection that its slicing argument sizes. */
const usualSizedFields = ['nodes', 'edges'];
/** Selections looked at before an operation counts as too costly to price. */
const pricingBudget = 50_000;

type Variables = Readonly<Record<string, unknown>>;
/** Items of a list, by the variables of a request. */
type Size = (variables: Variables) => number;

interface PricedField {
  responseName: string;
  /** Of the field itself: its `@cost`, or a scalar's. */
  weight: number;
  size: Size | null;
  /** One for each concrete type that the object may have; null for a scalar. */
  objects: readonly PricedObject[] | null;
}

interface PricedObject {
  /** The type's, unless the field has one of its own. */
  weight: number;
  fields: readonly PricedField[];
}

export interface Price {
  /** Before execution, from the arguments; variables that are absent have their defaults. */
  estimate(variables: Variables): number;
  /** The path of the fields that cost most, such as `agents.nodes.calls`. */
  dearest(variables: Variables): string;
  /** After execution, from the lists as they came. */
  actual(data: unknown): number;
}

const directive = (nodes: readonly DirectiveNode[] | undefined, name: string): Record<string, unknown> | null => {
  const found = nodes?.find((node) => node.name.value === name);
  if (found === undefined) return null;
  return Object.fromEntries((found.arguments ?? []).map((argument) => [argument.name.value, valueFromASTUntyped(argument.value)]));
};

const weightOf = (nodes: readonly DirectiveNode[] | undefined, extensions: Readonly<Record<string, unknown>>): number | null => {
  const weight = Number(directive(nodes, 'cost')?.weight ?? extensions.cost ?? Number.NaN);
  return Number.isFinite(weight) ? weight : null;
};

const typeWeight = (type: GraphQLNamedType): number =>
  weightOf(type.astNode?.directives, type.extensions) ?? (isCompositeType(type) ? 1 : 0);

const argumentValue = (name: string, field: GraphQLField<unknown, unknown>, node: FieldNode, variables: Variables): unknown => {
  const given: ArgumentNode | undefined = node.arguments?.find((argument) => argument.name.value === name);
  const fallback = field.args.find((argument) => argument.name === name)?.defaultValue;
  if (given === undefined) return fallback;
  if (given.value.kind === Kind.VARIABLE) return variables[given.value.name.value] ?? fallback;
  return valueFromASTUntyped(given.value, variables);
};

/** How long the lists are that this field's arguments size; null where they size none. */
const sliceOf = (field: GraphQLField<unknown, unknown>, node: FieldNode, pageSize: number): Size | null => {
  const listSize = directive(field.astNode?.directives, 'listSize') ?? (field.extensions.listSize as Record<string, unknown> | undefined);
  const names = ((listSize?.slicingArguments as string[] | undefined) ?? usualSlicingArguments).filter((name) =>
    field.args.some((argument) => argument.name === name.split('.')[0]),
  );
  const assumed = typeof listSize?.assumedSize === 'number' ? listSize.assumedSize : null;
  if (names.length === 0) return assumed === null ? null : () => assumed;
  return (variables) => {
    const sizes = names.map((path) => {
      const [name, ...inner] = path.split('.');
      let value = argumentValue(name!, field, node, variables);
      for (const key of inner) value = (value as Record<string, unknown> | null | undefined)?.[key];
      // A list of keys is answered in full; a number asked for is answered up to a page.
      return Array.isArray(value) ? value.length : typeof value === 'number' ? Math.min(Math.max(value, 0), pageSize) : Number.NaN;
    });
    const known = sizes.filter((size) => !Number.isNaN(size));
    return known.length > 0 ? Math.max(...known) : (assumed ?? assumedListSize);
  };
};

const sizedFieldsOf = (field: GraphQLField<unknown, unknown>): readonly string[] => {
  const listSize = directive(field.astNode?.directives, 'listSize') ?? (field.extensions.listSize as Record<string, unknown> | undefined);
  return (listSize?.sizedFields as string[] | undefined) ?? usualSizedFields;
};

/** Prices an operation of a validated document, once; requests then pay only for the arithmetic. */
export const priceOperation = (
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  pageSize: number,
): Price => {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  let budget = pricingBudget;

  const applies = (condition: string | undefined, type: GraphQLObjectType): boolean => {
    if (condition === undefined || condition === type.name) return true;
    const named = schema.getType(condition);
    return isAbstractType(named) && schema.isSubType(named, type);
  };

  /** Fields by response name, merged as execution merges them. */
  const collect = (
    selectionSets: readonly SelectionSetNode[],
    type: GraphQLObjectType,
    into: Map<string, FieldNode[]>,
    spread: Set<string>,
  ) => {
    for (const selection of selectionSets.flatMap((set) => set.selections)) {
      budget -= 1;
      if (budget < 0)
        throw policyError('COST_LIMIT', 'The operation is too large for a cost estimate; select fewer fields of abstract types.');
      if (selection.kind === Kind.FIELD) {
        const name = selection.alias?.value ?? selection.name.value;
        const same = into.get(name);
        if (same === undefined) into.set(name, [selection]);
        else same.push(selection);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (applies(selection.typeCondition?.name.value, type)) collect([selection.selectionSet], type, into, spread);
      } else if (!spread.has(selection.name.value)) {
        spread.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment !== undefined && applies(fragment.typeCondition.name.value, type)) {
          collect([fragment.selectionSet], type, into, spread);
        }
      }
    }
    return into;
  };

  const price = (
    selectionSets: readonly SelectionSetNode[],
    type: GraphQLObjectType,
    slice: { size: Size; fields: readonly string[] } | null,
  ): readonly PricedField[] => {
    const priced: PricedField[] = [];
    for (const [responseName, nodes] of collect(selectionSets, type, new Map(), new Set())) {
      const node = nodes[0]!;
      const field = type.getFields()[node.name.value];
      if (field === undefined || node.name.value.startsWith('__')) continue;
      const named = getNamedType(field.type);
      const isList = isListType(getNullableType(field.type));
      const own = sliceOf(field, node, pageSize);
      const assumed: Size = () => assumedListSize;
      const size = isList ? (slice?.fields.includes(field.name) ? slice.size : (own ?? assumed)) : null;
      const below = !isList && own !== null ? { size: own, fields: sizedFieldsOf(field) } : null;
      const sets = nodes.flatMap((each) => (each.selectionSet === undefined ? [] : [each.selectionSet]));
      const weight = weightOf(field.astNode?.directives, field.extensions);
      const possible = isObjectType(named) ? [named] : isAbstractType(named) ? schema.getPossibleTypes(named) : null;
      priced.push({
        responseName,
        weight: weight ?? (possible === null ? typeWeight(named) : 0),
        size,
        objects: possible?.map((each) => ({ weight: weight === null ? typeWeight(each) : 0, fields: price(sets, each, below) })) ?? null,
      });
    }
    return priced;
  };

  const root = schema.getRootType(operation.operation);
  const fields = root ? price([operation.selectionSet], root, null) : [];
  // As Apollo's and IBM's cost models do, a mutation weighs more than the objects that it answers with.
  const base = operation.operation === 'mutation' ? 10 * fields.length : 0;

  const estimate = (among: readonly PricedField[], variables: Variables): number =>
    among.reduce((sum, { objects, size, weight }) => {
      const dearest = Math.max(0, ...(objects ?? []).map((object) => object.weight + estimate(object.fields, variables)));
      return sum + (size === null ? 1 : size(variables)) * (weight + dearest);
    }, 0);

  const ofValue = (field: PricedField, value: unknown): number => {
    if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + ofValue(field, item), 0);
    if (value === null || value === undefined) return 0;
    // The concrete type is one of those whose fields the answer has.
    const fitting = (field.objects ?? []).filter(({ fields: each }) => each.every((child) => Object.hasOwn(value, child.responseName)));
    return field.weight + Math.max(0, ...fitting.map((object) => object.weight + ofObject(object.fields, value)));
  };
  const ofObject = (among: readonly PricedField[], value: unknown): number =>
    among.reduce((sum, field) => sum + ofValue(field, (value as Record<string, unknown>)[field.responseName]), 0);

  const defaults: Record<string, unknown> = {};
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    if (defaultValue) defaults[variable.name.value] = valueFromASTUntyped(defaultValue);
  }

  /** Goes down for as long as one field makes up half of the price above it. */
  const dearest = (among: readonly PricedField[], variables: Variables): readonly string[] => {
    const total = estimate(among, variables);
    const priced = among.map((field) => ({ field, price: estimate([field], variables) }));
    const top = priced.toSorted((left, right) => right.price - left.price)[0];
    if (!top || top.price * 2 < total) return [];
    const objects = top.field.objects ?? [];
    const below = objects.toSorted((left, right) => estimate(right.fields, variables) - estimate(left.fields, variables))[0];
    return [top.field.responseName, ...dearest(below?.fields ?? [], variables)];
  };

  const fixed = operation.variableDefinitions?.length ? null : base + estimate(fields, {});

  return {
    estimate: (variables) => fixed ?? base + estimate(fields, { ...defaults, ...variables }),
    dearest: (variables) => dearest(fields, { ...defaults, ...variables }).join('.'),
    actual: (data) => (data === null || typeof data !== 'object' ? 0 : base + ofObject(fields, data)),
  };
};

/** Null where the price is within the limit. */
export const refuseCost = (estimate: number, limit: number, dearest: () => string): GraphQLError | null => {
  if (estimate <= limit) return null;
  const dearestField = dearest();
  const where = dearestField === '' ? '' : ` ${dearestField} costs most.`;
  const message = `The operation's estimated cost is ${estimate}; the limit is ${limit}.${where} Request smaller pages or fewer levels.`;
  return policyError('COST_LIMIT', message, { limit, estimate, ...(dearestField === '' ? {} : { dearest: dearestField }) });
};
