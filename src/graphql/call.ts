import { Arg, type ClassType, Ctx, Directive, Field, FieldResolver, ID, Int, ObjectType, Query, Resolver, Root } from 'type-graphql';
import type * as entityTypes from '../domain/model/entities.ts';
import type * as words from '../domain/model/enums.ts';
import { ExpectedError } from '../domain/model/errors.ts';
import { keyId, requireKeyId } from '../domain/model/ids.ts';
import type * as ports from '../domain/ports/store.ts';
import type { VendorSource } from '../domain/ports/vendor.ts';
import { type Connection, type ConnectionArguments, gather, maxCounted } from '../domain/read/connections.ts';
import { Agent } from './agent.ts';
import { agentOrLastSeen } from './blackout.ts';
import { connectionClasses, loadedConnection } from './connection.ts';
import type { GraphContext } from './context.ts';
import { CallDirection, CallState, Party } from './enums.ts';
import { CallFilter, narrow } from './inputs.ts';
import { Node } from './node.ts';
import { pageArguments } from './page-arguments.ts';
import { Recording } from './recording.ts';
import { DateTime } from './scalars.ts';
import { RecordingSource } from './source.ts';

@Directive('@shareable')
@Directive('@cost(weight: 0)')
@ObjectType({ simpleResolvers: true, description: "One entry of what the vendor keeps about a call, in the vendor's own words." })
export class MetadataEntry implements entityTypes.MetadataEntry {
  @Field(() => String, { description: 'Example: `user1`.' })
  key!: string;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { description: 'Always text, numbers too; numbers and addresses are masked without `pii:read`.' })
  value!: string;
}

@ObjectType({ simpleResolvers: true, description: 'One party of a call, while it took part.' })
export class CallLeg {
  @Field(() => Party, { description: 'Which side.' })
  party!: words.Party;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: 'Number or address of the party; masked without `pii:read`.' })
  endpoint!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When the party joined.' })
  startedAt!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it left.' })
  endedAt!: string | null;
}

@Directive('@key(fields: "id")')
@Directive('@key(fields: "sourceName externalId")')
@Directive('@requiresScopes(scopes: [["agents:read"]])')
@ObjectType({ simpleResolvers: true, implements: Node, description: 'One call, as one source knows it.' })
export class Call {
  @Field(() => String, { description: "The vendor's own identifier, verbatim." })
  externalId!: string;

  @Field(() => CallState, { description: 'Where the call stands.' })
  state!: words.CallState;

  @Field(() => String, { nullable: true, description: "The vendor's word for the state, verbatim." })
  vendorState!: string | null;

  @Field(() => CallDirection, { description: 'Which way it was made.' })
  direction!: words.CallDirection;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: 'Who calls; masked without `pii:read`.' })
  caller!: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: 'Who is called; masked without `pii:read`.' })
  called!: string | null;

  @Field(() => String, { nullable: true, description: 'Queue, gate or skill group that it came through.' })
  queue!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it began to ring.' })
  startedAt!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was answered.' })
  answeredAt!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it ended.' })
  endedAt!: string | null;

  @Directive('@listSize(assumedSize: 10)')
  @Field(() => [MetadataEntry], { description: 'What else the vendor keeps about it.' })
  metadata!: readonly entityTypes.MetadataEntry[];
}

export const CallConnection = connectionClasses<entityTypes.Call>('Call', () => Call as never, true);

export const callsPage = async (
  filter: CallFilter | null,
  args: ConnectionArguments<unknown>,
  context: GraphContext,
  owner?: entityTypes.SourceKey,
): Promise<Connection<entityTypes.Call>> => {
  const { store, reads, largestPage } = context.services;
  const narrowed = narrow(filter, context, owner);
  const stale = await gather(narrowed.sources, (source) => reads.refresh(source, context.sinceMs));
  return loadedConnection<entityTypes.Call, ports.CallFilter>(
    'calls',
    args,
    narrowed as ports.CallFilter,
    largestPage,
    (request) => context.loaders.callPages.load(request),
    (wanted) => store.calls.count(wanted, maxCounted),
    stale,
  );
};

@Resolver(() => Call as ClassType)
export class CallResolver {
  @Query(() => Call, { nullable: true, description: 'One call; null where it is unknown.' })
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  call(
    @Arg('id', () => ID, { description: 'Call.id.' }) id: string,
    @Ctx() { loaders }: GraphContext,
  ): Promise<entityTypes.Call | null> | entityTypes.Call | null {
    return loaders.call.load(requireKeyId('Call', id, 'id'));
  }

  @Query(() => CallConnection, { nullable: true, description: 'Calls of all sources within reach, newest first.' })
  @Directive(pageArguments.listSize)
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  calls(
    @Arg('filter', () => CallFilter, { nullable: true, description: 'Which of them.' }) filter: CallFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<entityTypes.Call>> {
    return callsPage(filter, { first, after }, context);
  }

  @FieldResolver(() => ID, { description: 'Global id, opaque.' })
  id(@Root() call: entityTypes.Call): string {
    return keyId('Call', call);
  }

  @FieldResolver(() => RecordingSource, { description: 'Where the call is known.' })
  source(@Root() call: entityTypes.Call, @Ctx() { sources }: GraphContext): VendorSource {
    return sources.get(call.source)!;
  }

  @FieldResolver(() => String, { description: 'RecordingSource.name, for neighbours that join on `sourceName externalId`.' })
  sourceName(@Root() call: entityTypes.Call): string {
    return call.source;
  }

  @Directive('@listSize(assumedSize: 3)')
  @FieldResolver(() => [CallLeg], { description: 'The parties, first to last.' })
  legs(@Root() call: entityTypes.Call): readonly object[] {
    return call.legs.map((leg) => ({ ...leg, source: call.source }));
  }

  @Directive('@listSize(assumedSize: 2)')
  @FieldResolver(() => [Agent], { description: 'Every agent known to have been in the call, first to last.' })
  async agents(@Root() call: entityTypes.Call, @Ctx() context: GraphContext): Promise<readonly entityTypes.Agent[]> {
    // A vendor that is away takes no call with it, nor an event that tells of one.
    const lastSeen = (key: entityTypes.SourceKey) => (error: unknown) => {
      if (error instanceof ExpectedError) return agentOrLastSeen(key, context);
      throw error;
    };
    const keys = call.agents.map((externalId) => ({ source: call.source, externalId }));
    const agents = await Promise.all(keys.map((key) => context.loaders.agent(key).catch(lastSeen(key))));
    return agents.filter((agent) => agent !== null);
  }

  @Directive('@listSize(assumedSize: 3)')
  @FieldResolver(() => [Recording], { nullable: true, description: 'Every recording of the call: tracks, duplicates, screens.' })
  recordings(
    @Root() call: entityTypes.Call,
    @Ctx() { loaders }: GraphContext,
  ): Promise<readonly entityTypes.Recording[]> | readonly entityTypes.Recording[] {
    return loaders.recordingsOfCall.load({ source: call.source, externalId: call.externalId });
  }
}

@Resolver(() => CallLeg as ClassType)
export class CallLegResolver {
  @FieldResolver(() => Agent, { nullable: true, description: 'The agent, where the party is one.' })
  agent(@Root() leg: entityTypes.CallLeg & { source: string }, @Ctx() { loaders }: GraphContext): Promise<entityTypes.Agent | null> | null {
    return leg.agent === null ? null : loaders.agent({ source: leg.source, externalId: leg.agent });
  }
}
