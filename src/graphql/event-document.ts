import { type DocumentNode, Kind, type OperationDefinitionNode, visit } from 'graphql';

/**
 * The document by which each event of a subscription is executed: without the arguments of the root field, which chose the stream, and
 * without the variables that only they name. A subscriber's filter is thereby read once, not once an event.
 */
export const eventDocument = (document: DocumentNode, operation: OperationDefinitionNode): DocumentNode => {
  const { selections } = operation.selectionSet;
  if (selections.some(({ kind }) => kind !== Kind.FIELD)) return document;
  const chosen: OperationDefinitionNode = {
    ...operation,
    selectionSet: {
      ...operation.selectionSet,
      selections: selections.map((field) => ({ ...field, arguments: [] })),
    },
  };
  const definitions = document.definitions.map((definition) => (definition === operation ? chosen : definition));
  const used = new Set<string>();
  const collect = {
    Variable: ({ name }: { name: { value: string } }) => void used.add(name.value),
    VariableDefinition: () => false as const,
  };
  for (const definition of definitions) visit(definition, collect);
  const variableDefinitions = (operation.variableDefinitions ?? []).filter(({ variable }) => used.has(variable.name.value));
  return {
    ...document,
    definitions: definitions.map((definition) => (definition === chosen ? { ...chosen, variableDefinitions } : definition)),
  };
};
