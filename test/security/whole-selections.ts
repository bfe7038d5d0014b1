import {
  buildASTSchema,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
  Kind,
  parse,
} from 'graphql';

/** The schema that an emitted SDL describes, its federation directives left out. */
export const schemaOf = (sdl: string): GraphQLSchema => {
  const { definitions, ...rest } = parse(sdl);
  const kept = definitions.filter(({ kind }) => kind !== Kind.SCHEMA_EXTENSION && kind !== Kind.DIRECTIVE_DEFINITION);
  return buildASTSchema({ ...rest, definitions: kept }, { assumeValid: true, assumeValidSDL: true });
};

/** Every field of a type that needs no argument, `levels` deep, but for those named in `without`. */
export const wholeSelection = (schema: GraphQLSchema, type: GraphQLOutputType, levels: number, without: readonly string[]): string => {
  const named = getNamedType(type);
  const ofFields = (owner: typeof named): string =>
    !isObjectType(owner) && !isInterfaceType(owner)
      ? ''
      : Object.values(owner.getFields())
          .filter(({ name, args }) => !without.includes(name) && !args.some(isRequiredArgument))
          .flatMap((field) => {
            const leaf =
              !isObjectType(getNamedType(field.type)) &&
              !isInterfaceType(getNamedType(field.type)) &&
              !isUnionType(getNamedType(field.type));
            if (leaf) return [field.name];
            if (levels === 0) return [];
            const inner = wholeSelection(schema, field.type, levels - 1, without);
            return inner === '' ? [] : [`${field.name} ${inner}`];
          })
          .join(' ');
  if (isUnionType(named)) {
    return `{ __typename ${named
      .getTypes()
      .map((member) => `... on ${member.name} { ${ofFields(member) || '__typename'} }`)
      .join(' ')} }`;
  }
  const fields = ofFields(named);
  return fields === '' ? '' : `{ ${fields} }`;
};
