import {
  type ASTVisitor,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { fragmentsOf } from './fragments.ts';
import type { Limits } from './limits.ts';
import { policyError } from './policy-error.ts';

const maxLengthIn = (value: unknown): number => {
  let longest = 0;
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (next === null || typeof next !== 'object') continue;
    const inner: readonly unknown[] = Array.isArray(next) ? next : Object.values(next);
    if (inner === next) longest = Math.max(longest, inner.length);
    for (const one of inner) if (typeof one === 'object') open.push(one);
  }
  return longest;
};

const maxLiteralLength = (nodes: Iterable<OperationDefinitionNode | FragmentDefinitionNode>): number => {
  let longest = 0;
  const visitor: ASTVisitor = {
    ListValue: ({ values }) => {
      longest = Math.max(longest, values.length);
    },
  };
  for (const node of nodes) visit(node, visitor);
  return longest;
};

const rootFields = (operation: OperationDefinitionNode): readonly FieldNode[] =>
  operation.selectionSet.selections.filter((selection) => selection.kind === Kind.FIELD);

/** Returns true if an operation asks for nothing but entities, as a gateway's does. */
const asksForEntities = (operation: OperationDefinitionNode): boolean =>
  operation.selectionSet.selections.every((selection) => selection.kind === Kind.FIELD && selection.name.value === '_entities');

/** The variables whose values are representations of entities, one for each field that they are given to. */
const representationVariables = (operation: OperationDefinitionNode): readonly string[] =>
  rootFields(operation)
    .filter(({ name }) => name.value === '_entities')
    .flatMap(({ arguments: given = [] }) => given.map(({ value }) => (value.kind === Kind.VARIABLE ? value.name.value : '')));

/** The lists in the text of an operation and of the document's fragments, measured once. */
export interface OperationLists {
  maxLiteralLength: number;
  asksForEntities: boolean;
  /** Names of the variables that the operation declares; it uses no others. */
  variables: readonly string[];
  /** Names of the variables whose values are representations of entities, one for each field that they are given to. */
  representations: readonly string[];
}

export const listsOf = (document: DocumentNode, operation: OperationDefinitionNode): OperationLists => ({
  maxLiteralLength: maxLiteralLength([operation, ...fragmentsOf(document).values()]),
  asksForEntities: asksForEntities(operation),
  variables: (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value),
  representations: representationVariables(operation),
});

/** Some gateways put several fetches into one operation; together they have as many representations as so many of the largest. */
const maxFetches = 2;

const lengthOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0);

/** The first list of the variables or of the operation's text that is too long. */
export const refuseLists = (
  lists: OperationLists,
  variables: Readonly<Record<string, unknown>>,
  { entities, listLength }: Pick<Limits, 'entities' | 'listLength'>,
): GraphQLError | null => {
  const refuse = (name: string, length: number, limit: number) =>
    policyError('LIST_LIMIT', `${name} holds a list of ${length}; the limit is ${limit}. Use several requests.`, { limit });
  const literalLimit = lists.asksForEntities ? entities : listLength;
  if (lists.maxLiteralLength > literalLimit) return refuse('The operation', lists.maxLiteralLength, literalLimit);
  for (const name of lists.variables) {
    const limit = lists.representations.includes(name) ? entities : listLength;
    const length = maxLengthIn(variables[name]);
    if (length > limit) return refuse(`$${name}`, length, limit);
  }
  const representations = lists.representations.reduce((sum, name) => sum + lengthOf(variables[name]), 0);
  if (representations > maxFetches * entities)
    return refuse('The operation, in all its _entities,', representations, maxFetches * entities);
  return null;
};
