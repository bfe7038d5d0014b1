import { type DocumentNode, type GraphQLSchema, getNamedType, TypeInfo, visit, visitWithTypeInfo } from 'graphql';

/** The `extensions` of a type or field whose answer names or authorises the caller. */
export const ofItsCaller = { ofItsCaller: true } as const;

const says = (of: { extensions: Readonly<Record<string, unknown>> } | null | undefined): boolean => of?.extensions.ofItsCaller === true;

/** Returns true if the answer to a document names or authorises its caller, and so is nobody else's. */
export const namesItsCaller = (schema: GraphQLSchema, document: DocumentNode): boolean => {
  const info = new TypeInfo(schema);
  let found = false;
  const visitor = visitWithTypeInfo(info, {
    Field: () => {
      const type = info.getType();
      found ||= says(info.getFieldDef()) || (type != null && says(getNamedType(type)));
    },
    InlineFragment: () => {
      const type = info.getType();
      found ||= type != null && says(getNamedType(type));
    },
  });
  visit(document, visitor);
  return found;
};
