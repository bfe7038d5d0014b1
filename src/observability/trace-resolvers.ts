import { type GraphQLSchema, isObjectType } from 'graphql';
import type { Tracing } from './tracing.ts';

/**
 * Has every resolver of the schema run as a span named `Type.field`; plain properties stay as they are. The correlation id stands on the
 * root above it alone: an answer that names its request is shared with no other.
 */
export const traceResolvers = (schema: GraphQLSchema, tracing: Pick<Tracing, 'span'>): void => {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const { resolve } = field;
      if (resolve === undefined) continue;
      const name = `${type.name}.${field.name}`;
      field.resolve = (...resolved) => tracing.span({ name }, async () => resolve(...resolved));
    }
  }
};
