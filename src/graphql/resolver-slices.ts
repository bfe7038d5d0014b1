import { type GraphQLSchema, isObjectType } from 'graphql';
import type { GraphContext } from './context.ts';
import { shareSlice } from './loader.ts';

/**
 * Guards a schema in place, which `buildSubgraphSchema` has made: where the slice of this turn is over, the resolver of an object's field waits for
 * one of its caller's. A page of a hundred agents may have thousands of them, which graphql-js begins in one turn. Those of one execution wait
 * together, so that what they load is loaded together; the root fields of a mutation wait for nothing.
 */
export const sliceResolvers = (schema: GraphQLSchema): GraphQLSchema => {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__') || roots.includes(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const { resolve } = field;
      if (!resolve) continue;
      field.resolve = (root, args, context: GraphContext, info) =>
        context.read.slices.isOver()
          ? shareSlice(context, 1).then(() => resolve(root, args, context, info))
          : resolve(root, args, context, info);
    }
  }
  return schema;
};
