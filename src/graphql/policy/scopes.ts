import type { GraphQLError } from 'graphql';
import {
  type DirectiveNode,
  type DocumentNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isUnionType,
  Kind,
  TypeInfo,
  valueFromASTUntyped,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Principal } from '../../domain/principal.ts';
import type { Scope } from '../../domain/words.ts';
import { refusal } from './refusal.ts';

/** One field or type of a document that asks for scopes: any of the lists, all of a list. */
export interface ScopeNeed {
  coordinate: string;
  anyOf: readonly (readonly Scope[])[];
}

const needOf = (coordinate: string, nodes: readonly DirectiveNode[] | undefined): ScopeNeed[] => {
  const scopes = nodes
    ?.find((node) => node.name.value === 'requiresScopes')
    ?.arguments?.find((argument) => argument.name.value === 'scopes');
  return scopes === undefined ? [] : [{ coordinate, anyOf: valueFromASTUntyped(scopes.value) as Scope[][] }];
};

/** Such a field tells a missing scope as data. */
const answersProblem = (type: GraphQLNamedType): boolean =>
  isUnionType(type) && type.getTypes().some((member) => member.name === 'Problem');

/** What `@requiresScopes` of the schema asks for the fields of a validated document. */
export const scopeNeeds = (schema: GraphQLSchema, document: DocumentNode): readonly ScopeNeed[] => {
  const needs = new Map<string, ScopeNeed>();
  const info = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(info, {
      [Kind.FIELD]: () => {
        const parent = info.getParentType();
        const field = info.getFieldDef();
        if (!parent || !field || field.name.startsWith('__')) return;
        if (answersProblem(getNamedType(field.type))) return;
        for (const need of [
          ...needOf(parent.name, parent.astNode?.directives),
          ...needOf(`${parent.name}.${field.name}`, field.astNode?.directives),
        ]) {
          needs.set(need.coordinate, need);
        }
      },
    }),
  );
  return [...needs.values()];
};

/** The first need that the caller does not meet. */
export const refuseScopes = (needs: readonly ScopeNeed[], principal: Principal): GraphQLError | null => {
  const unmet = needs.find((need) => !need.anyOf.some((all) => all.every((scope) => principal.scopes.has(scope))));
  if (unmet === undefined) return null;
  const wanted = unmet.anyOf.map((all) => all.join(' and ')).join(', or ');
  return refusal('FORBIDDEN', `${unmet.coordinate} needs the scope ${wanted}; ask whoever issues your credential for it.`, {
    scopes: unmet.anyOf,
  });
};
