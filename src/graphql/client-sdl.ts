import { type DefinitionNode, parse, print, visit } from 'graphql';

const clientDirectives: ReadonlySet<string> = new Set(['deprecated', 'specifiedBy', 'oneOf']);
const isFederationName = (name: string): boolean => name.startsWith('_') || name.includes('__');

/** Returns the subgraph's SDL without the parts that only a gateway reads: links, federation's directives and its own types and fields. */
export const clientSdl = (subgraphSdl: string): string => {
  const document = visit(parse(subgraphSdl, { noLocation: true }), {
    Directive: ({ name }) => (clientDirectives.has(name.value) ? undefined : null),
    DirectiveDefinition: () => null,
    SchemaExtension: () => null,
    SchemaDefinition: () => null,
    FieldDefinition: ({ name }) => (isFederationName(name.value) ? null : undefined),
  });
  const definitions = document.definitions.filter(
    (definition: DefinitionNode) => !('name' in definition && definition.name !== undefined && isFederationName(definition.name.value)),
  );
  return `${definitions.map((definition) => print(definition)).join('\n\n')}\n`;
};
