import 'reflect-metadata';
import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNullableType,
  isInputObjectType,
  isListType,
  isObjectType,
  specifiedDirectives,
} from 'graphql';
import { Arg, buildSchema, Ctx, Directive, ID, Info, Query, Resolver } from 'type-graphql';
import { parseNodeId } from '../domain/model/ids.ts';
import { AgentResolver } from './agent-resolver.ts';
import { BlackoutExposureResolver, BlackoutResolver } from './blackout-resolver.ts';
import { CallLegResolver, CallResolver } from './call-resolver.ts';
import { CallerAccessResolver } from './caller-access.ts';
import { ControlCommandResolver } from './command-resolver.ts';
import type { GraphContext } from './context.ts';
import { ControlResolver } from './control.ts';
import { entityTypes, resolveReference } from './entities.ts';
import { nameVendors } from './enums.ts';
import { boundErrors } from './error-allowance.ts';
import { LiveResolver } from './live.ts';
import { Node } from './node.ts';
import { defaultLimits } from './policy/limits.ts';
import { RecordingResolver } from './recording-resolver.ts';
import { sliceResolvers } from './resolver-slices.ts';
import { enforceScopes, typeScopeCheck } from './scopes.ts';
import { SourceResolver } from './source-resolver.ts';
import { type ReferenceResolver, subgraphOf } from './subgraph.ts';

/** Has the caller hold the scopes of the type before anything is looked for: who may not read an entity is not told that it is there. */
const referenceResolver = (type: string): ReferenceResolver<GraphContext> => {
  let check: ((context: GraphContext) => void) | undefined;
  return (given, context, info) => {
    check ??= typeScopeCheck(info.schema, type);
    check(context);
    return resolveReference(type, given, context);
  };
};

const references: Readonly<Record<string, ReferenceResolver<GraphContext>>> = Object.fromEntries(
  entityTypes.map((type) => [type, referenceResolver(type)]),
);

@Resolver()
class NodeResolver {
  @Query(() => Node, {
    nullable: true,
    description: 'An object by its global id; null if it is unknown or the caller may not use its source.',
  })
  @Directive('@authenticated')
  async node(
    @Arg('id', () => ID, { description: 'A global id.' }) id: string,
    @Ctx() context: GraphContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<object | null> {
    const type = parseNodeId(id)?.type ?? '';
    return Object.hasOwn(references, type) ? references[type]!({ id }, context, info) : null;
  }
}

const head = `
extend schema
  @link(
    url: "https://specs.apollo.dev/federation/v2.9"
    import: ["@key", "@shareable", "@tag", "@inaccessible", "@authenticated", "@requiresScopes", "@cost", "@listSize"]
  )

"Exactly one of the input's fields must be given, and not null."
directive @oneOf on INPUT_OBJECT
`;

/** type-graphql has no place for what the root types are for. */
const describeRoots = (schema: GraphQLSchema): void => {
  schema.getQueryType()!.description = 'Reads from one or all recorders.';
  schema.getMutationType()!.description = 'Controls recorders. Each field returns the outcome, or a Problem with the reason of a failure.';
  schema.getSubscriptionType()!.description =
    'Streams of changes. Each stream first sends a snapshot, then every change. With `after`, it resumes after that event instead.';
};

/** Says at every list that a client gives how long it may be. */
const describeLists = (schema: GraphQLSchema): void => {
  const describe = (given: GraphQLArgument | GraphQLInputField) => {
    if (!isListType(getNullableType(given.type))) return;
    given.description = `${given.description} At most ${defaultLimits.listLength}, unless the server sets limits.listLength otherwise.`;
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isInputObjectType(type)) Object.values(type.getFields()).forEach(describe);
    if (isObjectType(type)) for (const { args } of Object.values(type.getFields())) args.forEach(describe);
  }
};

/** Streams come from the context, not from a second bus; type-graphql will not build subscriptions without one. */
const noPubSub = {
  publish: () => {
    throw new Error('events are published by the domain');
  },
  subscribe: () => {
    throw new Error('streams are made from the context');
  },
};

interface VendorWord {
  vendor: string;
  title: string;
}

const resolverClasses = [
  NodeResolver,
  CallerAccessResolver,
  SourceResolver,
  AgentResolver,
  CallResolver,
  CallLegResolver,
  RecordingResolver,
  BlackoutResolver,
  BlackoutExposureResolver,
  ControlCommandResolver,
  ControlResolver,
  LiveResolver,
] as const;

/** The subgraph: the code-first types, federated, guarded by the scopes that their SDL names. */
export const createSchema = async (vendors: readonly VendorWord[]): Promise<GraphQLSchema> => {
  nameVendors(vendors);
  const codeFirst = await buildSchema({
    resolvers: resolverClasses,
    validate: false,
    pubSub: noPubSub,
    // Said in the head, since not every gateway knows it.
    directives: specifiedDirectives.filter(({ name }) => name !== 'oneOf'),
    skipCheck: true,
  });
  describeRoots(codeFirst);
  describeLists(codeFirst);
  return enforceScopes(boundErrors(sliceResolvers(subgraphOf(codeFirst, { head, references }))));
};
