/** Reads weights and list sizes off the schema's `@cost` and `@listSize`, as the cost directives' specification has them. */
import {
  type ArgumentNode,
  type DirectiveNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  isCompositeType,
  Kind,
  valueFromASTUntyped,
} from 'graphql';

/** List length where neither `@listSize` nor an argument says. */
export const assumedListSize = 10;
/** Arguments that size a list without `@listSize` saying so. */
const usualSlicingArguments = ['first', 'last', 'representations'];
/** Fields of a connection that its slicing argument sizes. */
const usualSizedFields = ['nodes', 'edges'];
export type Variables = Readonly<Record<string, unknown>>;
/** Items of a list, by the variables of a request. */
export type Size = (variables: Variables) => number;

const directive = (nodes: readonly DirectiveNode[] | undefined, name: string): Record<string, unknown> | null => {
  const found = nodes?.find((node) => node.name.value === name);
  if (found === undefined) return null;
  return Object.fromEntries((found.arguments ?? []).map((argument) => [argument.name.value, valueFromASTUntyped(argument.value)]));
};

export const weightOf = (nodes: readonly DirectiveNode[] | undefined, extensions: Readonly<Record<string, unknown>>): number | null => {
  const weight = Number(directive(nodes, 'cost')?.weight ?? extensions.cost ?? Number.NaN);
  return Number.isFinite(weight) ? weight : null;
};

export const typeWeight = (type: GraphQLNamedType): number =>
  weightOf(type.astNode?.directives, type.extensions) ?? (isCompositeType(type) ? 1 : 0);

const argumentValue = (name: string, field: GraphQLField<unknown, unknown>, node: FieldNode, variables: Variables): unknown => {
  const given: ArgumentNode | undefined = node.arguments?.find((argument) => argument.name.value === name);
  const fallback = field.args.find((argument) => argument.name === name)?.defaultValue;
  if (given === undefined) return fallback;
  if (given.value.kind === Kind.VARIABLE) return variables[given.value.name.value] ?? fallback;
  return valueFromASTUntyped(given.value, variables);
};

/** The field's `@listSize`, written in the SDL or as an extension. */
const listSizeOf = (field: GraphQLField<unknown, unknown>): Readonly<Record<string, unknown>> | undefined =>
  directive(field.astNode?.directives, 'listSize') ?? (field.extensions.listSize as Record<string, unknown> | undefined);

/** How long the lists are that this field's arguments size; null where they size none. */
export const sliceOf = (field: GraphQLField<unknown, unknown>, node: FieldNode, pageSize: number): Size | null => {
  const listSize = listSizeOf(field);
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

export const sizedFieldsOf = (field: GraphQLField<unknown, unknown>): readonly string[] => {
  const listSize = listSizeOf(field);
  return (listSize?.sizedFields as string[] | undefined) ?? usualSizedFields;
};
