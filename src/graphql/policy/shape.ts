import type { GraphQLError } from 'graphql';
import { type DocumentNode, Kind, type SelectionSetNode } from 'graphql';
import { fragmentsOf } from './fragments.ts';
import type { Limits } from './limits.ts';
import { policyError } from './policy-error.ts';

/** The size of a document before its meaning is known: each use of a fragment counts. */
export interface Shape {
  depth: number;
  aliases: number;
  directives: number;
  rootFields: number;
  fields: number;
  introspects: boolean;
}

const empty: Shape = { depth: 0, aliases: 0, directives: 0, rootFields: 0, fields: 0, introspects: false };

const add = (left: Shape, right: Shape): Shape => ({
  depth: Math.max(left.depth, right.depth),
  aliases: left.aliases + right.aliases,
  directives: left.directives + right.directives,
  rootFields: left.rootFields + right.rootFields,
  fields: left.fields + right.fields,
  introspects: left.introspects || right.introspects,
});

const isIntrospection = (name: string): boolean => name === '__schema' || name === '__type';

/** The largest of the document's operations in each respect. Costs time in proportion to the text, cycles of fragments included. */
export const measureShape = (document: DocumentNode): Shape => {
  const fragments = fragmentsOf(document);
  const known = new Map<string, Shape>();

  const ofFragment = (name: string): Shape => {
    const fragment = fragments.get(name);
    if (fragment === undefined) return empty;
    const shape = known.get(name);
    if (shape !== undefined) return shape;
    known.set(name, empty);
    const measured = add(ofSelections(fragment.selectionSet), { ...empty, directives: fragment.directives?.length ?? 0 });
    known.set(name, measured);
    return measured;
  };

  const ofSelections = (selectionSet: SelectionSetNode): Shape => {
    let total = empty;
    for (const selection of selectionSet.selections) {
      const own = { ...empty, directives: selection.directives?.length ?? 0 };
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        total = add(total, add(own, ofFragment(selection.name.value)));
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        total = add(total, add(own, ofSelections(selection.selectionSet)));
      } else {
        const below = selection.selectionSet === undefined ? empty : ofSelections(selection.selectionSet);
        const introspection = isIntrospection(selection.name.value);
        total = add(total, {
          depth: introspection ? 1 : below.depth + 1,
          aliases: below.aliases + (selection.alias === undefined ? 0 : 1),
          directives: below.directives + own.directives,
          rootFields: 1,
          fields: below.fields + 1,
          introspects: below.introspects || introspection,
        });
      }
    }
    return total;
  };

  let largest = empty;
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const variableDirectives = (definition.variableDefinitions ?? []).reduce(
      (sum, variable) => sum + (variable.directives?.length ?? 0),
      0,
    );
    const own = { ...empty, directives: (definition.directives?.length ?? 0) + variableDirectives };
    const shape = add(ofSelections(definition.selectionSet), own);
    largest = {
      depth: Math.max(largest.depth, shape.depth),
      aliases: Math.max(largest.aliases, shape.aliases),
      directives: Math.max(largest.directives, shape.directives),
      rootFields: Math.max(largest.rootFields, shape.rootFields),
      fields: Math.max(largest.fields, shape.fields),
      introspects: largest.introspects || shape.introspects,
    };
  }
  return largest;
};

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
  return null;
};
