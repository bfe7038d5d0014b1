import {
  type DocumentNode,
  type FieldNode,
  type GraphQLError,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';
import { assumedListSize, type Size, sizedFieldsOf, sliceOf, typeWeight, type Variables, weightOf } from './cost-directives.ts';
import { fragmentsOf } from './fragments.ts';
import { policyError } from './policy-error.ts';

/** Selections looked at before an operation counts as too costly to price. */
const pricingBudget = 20_000;

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
  /** Priced fields, each for every type of its object: they take memory. */
  fields: number;
  /** Before execution, from the arguments; variables that are absent have their defaults. */
  estimate(variables: Variables): number;
  /** The path of the fields that cost most, such as `agents.nodes.calls`. */
  dearest(variables: Variables): string;
  /** After execution, from the lists as they came. */
  actual(data: unknown): number;
}

const estimateOf = (among: readonly PricedField[], variables: Variables): number =>
  among.reduce((sum, { objects, size, weight }) => {
    const dearest = Math.max(0, ...(objects ?? []).map((object) => object.weight + estimateOf(object.fields, variables)));
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

/** Goes down for as long as one field makes up half of the price above it. */
const dearestOf = (among: readonly PricedField[], variables: Variables): readonly string[] => {
  const total = estimateOf(among, variables);
  const priced = among.map((field) => ({ field, price: estimateOf([field], variables) }));
  const top = priced.toSorted((left, right) => right.price - left.price)[0];
  if (!top || top.price * 2 < total) return [];
  const objects = top.field.objects ?? [];
  const below = objects.toSorted((left, right) => estimateOf(right.fields, variables) - estimateOf(left.fields, variables))[0];
  return [top.field.responseName, ...dearestOf(below?.fields ?? [], variables)];
};

/** Prices an operation of a validated document, once; requests then pay only for the arithmetic. */
export const priceOperation = (
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  pageSize: number,
): Price => {
  const fragments = fragmentsOf(document);
  let budget = pricingBudget;
  let count = 0;

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
      count += 1;
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

  const defaults: Record<string, unknown> = {};
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    if (defaultValue) defaults[variable.name.value] = valueFromASTUntyped(defaultValue);
  }

  const fixed = operation.variableDefinitions?.length ? null : base + estimateOf(fields, {});

  return {
    fields: count,
    estimate: (variables) => fixed ?? base + estimateOf(fields, { ...defaults, ...variables }),
    dearest: (variables) => dearestOf(fields, { ...defaults, ...variables }).join('.'),
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
