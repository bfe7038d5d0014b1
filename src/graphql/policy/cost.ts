import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLField,
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
import { dearestOf, estimateOf, ofObject, type PricedField, valuesOf } from './priced-fields.ts';

/** Selections looked at before an operation counts as too costly to price. */
const pricingBudget = 20_000;

export interface Price {
  /** Priced fields, each for every type of its object: they take memory. */
  fields: number;
  /** Before execution, from the arguments; variables that are absent have their defaults. */
  estimate(variables: Variables): number;
  /** About how many values the answer holds, before execution. */
  values(variables: Variables): number;
  /** The path of the fields that cost most, such as `agents.nodes.calls`. */
  dearest(variables: Variables): string;
  /** After execution, from the lists as they came. */
  actual(data: unknown): number;
}

interface Pricing {
  schema: GraphQLSchema;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** The largest page. */
  pageSize: number;
  /** Selections that may still be looked at. */
  budget: number;
  /** Fields priced so far. */
  count: number;
}

const applies = ({ schema }: Pricing, condition: string | undefined, type: GraphQLObjectType): boolean => {
  if (condition === undefined || condition === type.name) return true;
  const named = schema.getType(condition);
  return isAbstractType(named) && schema.isSubType(named, type);
};

/** Fields by response name, and the fragments that they came through. */
interface Collected {
  nodes: Map<string, FieldNode[]>;
  spread: Set<string>;
}

/** Merges the fields of an object as execution merges them. */
const collect = (pricing: Pricing, sets: readonly SelectionSetNode[], type: GraphQLObjectType, into: Collected): Collected => {
  for (const selection of sets.flatMap((set) => set.selections)) {
    pricing.budget -= 1;
    if (pricing.budget < 0)
      throw policyError('COST_LIMIT', 'The operation is too large for a cost estimate; select fewer fields of abstract types.');
    if (selection.kind === Kind.FIELD) {
      const name = selection.alias?.value ?? selection.name.value;
      const same = into.nodes.get(name);
      if (same === undefined) into.nodes.set(name, [selection]);
      else same.push(selection);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      if (applies(pricing, selection.typeCondition?.name.value, type)) collect(pricing, [selection.selectionSet], type, into);
    } else if (!into.spread.has(selection.name.value)) {
      into.spread.add(selection.name.value);
      const fragment = pricing.fragments.get(selection.name.value);
      if (fragment !== undefined && applies(pricing, fragment.typeCondition.name.value, type))
        collect(pricing, [fragment.selectionSet], type, into);
    }
  }
  return into;
};

/** The size that a field gives to lists below it, such as a connection's `first` to its `nodes`. */
interface SizeBelow {
  size: Size;
  fields: readonly string[];
}

const assumed: Size = () => assumedListSize;

const priceField = (
  pricing: Pricing,
  [responseName, nodes]: [string, readonly FieldNode[]],
  field: GraphQLField<unknown, unknown>,
  above: SizeBelow | null,
): PricedField => {
  const { schema, pageSize } = pricing;
  const named = getNamedType(field.type);
  const isList = isListType(getNullableType(field.type));
  const own = sliceOf(field, nodes[0]!, pageSize);
  const size = isList ? (above?.fields.includes(field.name) ? above.size : (own ?? assumed)) : null;
  const below = !isList && own !== null ? { size: own, fields: sizedFieldsOf(field) } : null;
  const sets = nodes.flatMap((each) => (each.selectionSet === undefined ? [] : [each.selectionSet]));
  const weight = weightOf(field.astNode?.directives, field.extensions);
  pricing.count += 1;
  const possible = isObjectType(named) ? [named] : isAbstractType(named) ? schema.getPossibleTypes(named) : null;
  return {
    responseName,
    weight: weight ?? (possible === null ? typeWeight(named) : 0),
    size,
    objects:
      possible?.map((each) => ({ weight: weight === null ? typeWeight(each) : 0, fields: priceFields(pricing, sets, each, below) })) ??
      null,
  };
};

const priceFields = (
  pricing: Pricing,
  sets: readonly SelectionSetNode[],
  type: GraphQLObjectType,
  above: SizeBelow | null,
): readonly PricedField[] =>
  [...collect(pricing, sets, type, { nodes: new Map(), spread: new Set() }).nodes].flatMap((selected) => {
    const { value } = selected[1][0]!.name;
    if (value === '__typename') return [{ responseName: selected[0], weight: 0, size: null, objects: null }];
    const field = type.getFields()[value];
    return field === undefined || value.startsWith('__') ? [] : [priceField(pricing, selected, field, above)];
  });

/** Prices an operation of a validated document, once; requests then pay only for the arithmetic. */
export const priceOperation = (
  { schema, pageSize }: Pick<Pricing, 'schema' | 'pageSize'>,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Price => {
  const pricing: Pricing = { schema, fragments: fragmentsOf(document), pageSize, budget: pricingBudget, count: 0 };
  const root = schema.getRootType(operation.operation);
  const fields = root ? priceFields(pricing, [operation.selectionSet], root, null) : [];
  // As Apollo's and IBM's cost models do, a mutation weighs more than the objects that it answers with.
  const base = operation.operation === 'mutation' ? 10 * fields.length : 0;

  const defaults: Record<string, unknown> = {};
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    if (defaultValue) defaults[variable.name.value] = valueFromASTUntyped(defaultValue);
  }
  const isFixed = !operation.variableDefinitions?.length;
  const fixed = isFixed ? base + estimateOf(fields, {}) : null;
  const fixedValues = isFixed ? valuesOf(fields, {}) : null;
  return {
    fields: pricing.count,
    estimate: (variables) => fixed ?? base + estimateOf(fields, { ...defaults, ...variables }),
    values: (variables) => fixedValues ?? valuesOf(fields, { ...defaults, ...variables }),
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
