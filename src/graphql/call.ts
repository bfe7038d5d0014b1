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
export class CallLeg implements Omit<entityTypes.CallLeg, 'agent'> {
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
export class Call implements Omit<entityTypes.Call, 'source' | 'legs' | 'agents'> {
  @Field(() => String, { description: "The vendor's own identifier, verbatim." })
  readonly externalId: string;

  @Field(() => CallState, { description: 'Where the call stands.' })
  readonly state: words.CallState;

  @Field(() => String, { nullable: true, description: "The vendor's word for the state, verbatim." })
  readonly vendorState: string | null;

  @Field(() => CallDirection, { description: 'Which way it was made.' })
  readonly direction: words.CallDirection;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: 'Who calls; masked without `pii:read`.' })
  readonly caller: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: 'Who is called; masked without `pii:read`.' })
  readonly called: string | null;

  @Field(() => String, { nullable: true, description: 'Queue, gate or skill group that it came through.' })
  readonly queue: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it began to ring.' })
  readonly startedAt: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was answered.' })
  readonly answeredAt: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it ended.' })
  readonly endedAt: string | null;

  @Directive('@listSize(assumedSize: 10)')
  @Field(() => [MetadataEntry], { description: 'What else the vendor keeps about it.' })
  readonly metadata: readonly entityTypes.MetadataEntry[];

  @Field(() => RecordingSource, { description: 'Where the call is known.' })
  readonly source: VendorSource;

  @Field(() => String, { description: 'RecordingSource.name, for neighbours that join on `sourceName externalId`.' })
  readonly sourceName: string;

  /** `entity` is what the caller may see of the call; `source` is where it is known. */
  constructor(
    readonly entity: entityTypes.Call,
    source: VendorSource,
  ) {
    this.externalId = entity.externalId;
    this.state = entity.state;
    this.vendorState = entity.vendorState;
    this.direction = entity.direction;
    this.caller = entity.caller;
    this.called = entity.called;
    this.queue = entity.queue;
    this.startedAt = entity.startedAt;
    this.answeredAt = entity.answeredAt;
    this.endedAt = entity.endedAt;
    this.metadata = entity.metadata;
    this.source = source;
    this.sourceName = entity.source;
  }

  get __typename(): 'Call' {
    return 'Call';
  }

  @Field(() => ID, { description: 'Global id, opaque.' })
  get id(): string {
    return keyId('Call', this.entity);
  }

  @Directive('@listSize(assumedSize: 3)')
  @Field(() => [CallLeg], { description: 'The parties, first to last.' })
  get legs(): readonly (entityTypes.CallLeg & { source: string })[] {
    return this.entity.legs.map((leg) => ({ ...leg, source: this.sourceName }));
  }
}

export const CallConnection = connectionClasses<Call>('Call', () => Call, true);

export const callsPage = async (
  filter: CallFilter | null,
  args: ConnectionArguments<unknown>,
  context: GraphContext,
  owner?: entityTypes.SourceKey,
): Promise<Connection<Call>> => {
  const { store, reads, largestPage } = context.services;
  const narrowed = narrow(filter, context, owner);
  const stale = await gather(narrowed.sources, (source) => reads.refresh(source, context.sinceMs));
  return loadedConnection<Call, ports.CallFilter>(
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
  call(@Arg('id', () => ID, { description: 'Call.id.' }) id: string, @Ctx() { loaders }: GraphContext): Promise<Call | null> | Call | null {
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
  ): Promise<Connection<Call>> {
    return callsPage(filter, { first, after }, context);
  }

  @Directive('@listSize(assumedSize: 2)')
  @FieldResolver(() => [Agent], { description: 'Every agent known to have been in the call, first to last.' })
  async agents(@Root() { entity }: Call, @Ctx() context: GraphContext): Promise<readonly Agent[]> {
    // A vendor that is away takes no call with it, nor an event that tells of one.
    const lastSeen = (key: entityTypes.SourceKey) => (error: unknown) => {
      if (error instanceof ExpectedError) return agentOrLastSeen(key, context);
      throw error;
    };
    const keys = entity.agents.map((externalId) => ({ source: entity.source, externalId }));
    const agents = await Promise.all(keys.map((key) => context.loaders.agent(key).catch(lastSeen(key))));
    return agents.filter((agent) => agent !== null);
  }

  @Directive('@listSize(assumedSize: 3)')
  @FieldResolver(() => [Recording], { nullable: true, description: 'Every recording of the call: tracks, duplicates, screens.' })
  recordings(@Root() { entity }: Call, @Ctx() { loaders }: GraphContext): Promise<readonly Recording[]> {
    return loaders.recordingsOfCall.load(entity);
  }
}

@Resolver(() => CallLeg as ClassType)
export class CallLegResolver {
  @FieldResolver(() => Agent, { nullable: true, description: 'The agent, where the party is one.' })
  agent(@Root() leg: entityTypes.CallLeg & { source: string }, @Ctx() { loaders }: GraphContext): Promise<Agent | null> | null {
    return leg.agent === null ? null : loaders.agent({ source: leg.source, externalId: leg.agent });
  }
}
