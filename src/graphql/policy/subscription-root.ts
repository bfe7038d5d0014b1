import { type DocumentNode, type GraphQLError, Kind, type SelectionSetNode } from 'graphql';
import { policyError } from './policy-error.ts';

const conditions: ReadonlySet<string> = new Set(['skip', 'include']);

/**
 * Refuses a subscription whose root field may be left out, as the specification of September 2025 does. graphql-js 16 throws while it
 * validates one whose condition is a variable, and while it executes one that is left out.
 */
export const refuseConditionalRoot = (document: DocumentNode): GraphQLError | null => {
  const visited = new Set<string>();
  const isConditional = ({ selections }: SelectionSetNode): boolean =>
    selections.some((selection) => {
      if (selection.directives?.some(({ name }) => conditions.has(name.value))) return true;
      if (selection.kind === Kind.INLINE_FRAGMENT) return isConditional(selection.selectionSet);
      if (selection.kind !== Kind.FRAGMENT_SPREAD || visited.has(selection.name.value)) return false;
      visited.add(selection.name.value);
      return document.definitions.some(
        (definition) =>
          definition.kind === Kind.FRAGMENT_DEFINITION &&
          definition.name.value === selection.name.value &&
          isConditional(definition.selectionSet),
      );
    });
  const found = document.definitions.some(
    (definition) =>
      definition.kind === Kind.OPERATION_DEFINITION && definition.operation === 'subscription' && isConditional(definition.selectionSet),
  );
  return found
    ? policyError(
        'GRAPHQL_VALIDATION_FAILED',
        'The root field of a subscription does not accept @skip or @include; subscribe to another field instead.',
      )
    : null;
};
