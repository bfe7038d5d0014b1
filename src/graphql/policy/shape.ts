import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from './fragments.ts';
import type { Limits } from './limits.ts';
import { policyError } from './policy-error.ts';

/** The size of a document before its meaning is known: each use of a fragment counts. */
export interface Shape {
  depth: number;
  aliases: number;
  /** Characters of the aliases together. */
  aliasLength: number;
  directives: number;
  rootFields: number;
  fields: number;
  introspects: boolean;
}

const empty: Shape = { depth: 0, aliases: 0, aliasLength: 0, directives: 0, rootFields: 0, fields: 0, introspects: false };

const add = (left: Shape, right: Shape): Shape => ({
  depth: Math.max(left.depth, right.depth),
  aliases: left.aliases + right.aliases,
  aliasLength: left.aliasLength + right.aliasLength,
  directives: left.directives + right.directives,
  rootFields: left.rootFields + right.rootFields,
  fields: left.fields + right.fields,
  introspects: left.introspects || right.introspects,
});

const isIntrospection = (name: string): boolean => name === '__schema' || name === '__type';

interface Measuring {
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Of the fragments measured so far, each once; of one that is being measured, empty, which ends a circle. */
  known: Map<string, Shape>;
}

const directivesOf = ({ directives = [] }: { readonly directives?: readonly unknown[] | undefined }): Shape => ({
  ...empty,
  directives: directives.length,
});

const ofFragment = (measuring: Measuring, name: string): Shape => {
  const fragment = measuring.fragments.get(name);
  if (fragment === undefined) return empty;
  const shape = measuring.known.get(name);
  if (shape !== undefined) return shape;
  measuring.known.set(name, empty);
  const measured = add(ofSelections(measuring, fragment.selectionSet), directivesOf(fragment));
  measuring.known.set(name, measured);
  return measured;
};

const ofField = (measuring: Measuring, field: FieldNode): Shape => {
  const below = field.selectionSet === undefined ? empty : ofSelections(measuring, field.selectionSet);
  const introspection = isIntrospection(field.name.value);
  return {
    depth: introspection ? 1 : below.depth + 1,
    aliases: below.aliases + (field.alias === undefined ? 0 : 1),
    aliasLength: below.aliasLength + (field.alias?.value.length ?? 0),
    directives: below.directives + (field.directives?.length ?? 0),
    rootFields: 1,
    fields: below.fields + 1,
    introspects: below.introspects || introspection,
  };
};

const ofSelections = (measuring: Measuring, { selections }: SelectionSetNode): Shape => {
  let total = empty;
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      total = add(total, ofField(measuring, selection));
      continue;
    }
    const inner =
      selection.kind === Kind.FRAGMENT_SPREAD
        ? ofFragment(measuring, selection.name.value)
        : ofSelections(measuring, selection.selectionSet);
    total = add(total, add(directivesOf(selection), inner));
  }
  return total;
};

const ofOperation = (measuring: Measuring, operation: OperationDefinitionNode): Shape =>
  [operation, ...(operation.variableDefinitions ?? [])].map(directivesOf).reduce(add, ofSelections(measuring, operation.selectionSet));

const larger = (left: Shape, right: Shape): Shape => ({
  depth: Math.max(left.depth, right.depth),
  aliases: Math.max(left.aliases, right.aliases),
  aliasLength: Math.max(left.aliasLength, right.aliasLength),
  directives: Math.max(left.directives, right.directives),
  rootFields: Math.max(left.rootFields, right.rootFields),
  fields: Math.max(left.fields, right.fields),
  introspects: left.introspects || right.introspects,
});

/** The largest of the document's operations in each respect. Costs time in proportion to the text, circles of fragments included. */
export const measureShape = (document: DocumentNode): Shape => {
  const measuring = { fragments: fragmentsOf(document), known: new Map<string, Shape>() };
  return document.definitions
    .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    .map((operation) => ofOperation(measuring, operation))
    .reduce(larger, empty);
};

/** Of an alias, on the average of as many as there may be: an answer repeats them in every row of a list, of which there may be thousands. */
const maxAliasLength = 64;

/** The first limit that the shape breaks. */
export const refuseShape = (shape: Shape, limits: Limits, introspection: boolean): GraphQLError | null => {
  if (shape.introspects && !introspection) {
    return policyError('INTROSPECTION_DISABLED', 'Introspection is switched off on this server; use its published SDL.');
  }
  const checks = [
    ['ALIAS_LIMIT', 'aliases', shape.aliases, limits.aliases],
    ['DIRECTIVE_LIMIT', 'directives', shape.directives, limits.directives],
    ['ROOT_FIELD_LIMIT', 'root fields', shape.rootFields, limits.rootFields],
    ['DEPTH_LIMIT', 'levels of fields', shape.depth, limits.depth],
    ['FIELD_LIMIT', 'fields', shape.fields, limits.fields],
  ] as const;
  for (const [code, what, found, limit] of checks) {
    if (found > limit)
      return policyError(code, `The document has ${found} ${what}; the limit is ${limit}. Split the operation.`, { limit });
  }
  const maxLength = maxAliasLength * limits.aliases;
  if (shape.aliasLength <= maxLength) return null;
  const message = `The document has aliases of ${shape.aliasLength} characters together; the limit is ${maxLength}. Shorten them.`;
  return policyError('ALIAS_LIMIT', message, { limit: maxLength });
};
