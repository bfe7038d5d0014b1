import { Arg, type ClassType, Ctx, Directive, Field, FieldResolver, ID, Int, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { capabilitiesOf } from '../domain/model/capabilities.ts';
import type * as entityTypes from '../domain/model/entities.ts';
import type * as words from '../domain/model/enums.ts';
import { nodeId } from '../domain/model/ids.ts';
import type { VendorSource } from '../domain/ports/vendor.ts';
import type { Connection, SourceFailure } from '../domain/read/connections.ts';
import { type Agent, AgentConnection, agentsPage } from './agent.ts';
import type { GraphContext } from './context.ts';
import { CircuitState, RecorderOperation, SourceStatus, Support, Vendor } from './enums.ts';
import { AgentFilter, RecordingFilter } from './inputs.ts';
import { Node } from './node.ts';
import { pageArguments } from './page-arguments.ts';
import { Problem, problemOf } from './problem.ts';
import { type Recording, RecordingConnection, recordingsPage } from './recording.ts';
import { DateTime, Duration } from './scalars.ts';
import { SourceError } from './source-error.ts';

@Directive('@shareable')
@ObjectType({ simpleResolvers: true, description: 'Whether and how a source can do an operation.' })
export class Capability implements entityTypes.Capability {
  @Field(() => RecorderOperation, { description: 'The operation.' })
  operation!: words.Operation;

  @Field(() => Support, { description: 'How the source does it.' })
  support!: words.Support;

  @Field(() => String, { nullable: true, description: 'A remark, such as a licence or switch that it needs.' })
  note!: string | null;
}

@Directive('@shareable')
@ObjectType({ simpleResolvers: true, description: 'How well a source answers.' })
export class SourceHealth implements entityTypes.SourceHealth {
  @Field(() => SourceStatus, { description: 'In one word.' })
  status!: words.SourceStatus;

  @Field(() => DateTime, { nullable: true, description: 'When the vendor last answered.' })
  lastContactAt!: string | null;

  @Field(() => String, { nullable: true, description: 'What went wrong last; null while all is well.' })
  lastError!: string | null;

  @Field(() => CircuitState, { description: 'State of the circuit breaker in front of the vendor: closed, half-open or open.' })
  circuit!: words.CircuitState;

  @Field(() => Duration, {
    nullable: true,
    description: "How far the vendor's clock is from this server's, where that could be measured; positive where the vendor's is behind.",
  })
  clockDifference!: number | null;
}

@Directive('@key(fields: "id")')
@Directive('@key(fields: "name")')
@Directive('@authenticated')
@ObjectType({
  simpleResolvers: true,
  implements: Node,
  description: 'One configured installation of a vendor. Several sources may share a vendor.',
})
export class RecordingSource {
  @Field(() => String, { description: 'Its name in the configuration; part of every id below it. Example: `hq`.' })
  name!: string;

  @Field(() => Vendor, { description: 'The make of the recording system.' })
  vendor!: string;

  @Field(() => String, { description: 'The word for the make in the configuration, such as `acme` for a vendor that a plug-in brings.' })
  vendorType!: string;
}

@Resolver(() => RecordingSource as ClassType)
export class SourceResolver {
  @Query(() => [RecordingSource], { nullable: true, description: 'Every source within reach.' })
  @Directive('@authenticated')
  sources(@Ctx() { sources }: GraphContext): readonly VendorSource[] {
    return [...sources.values()];
  }

  @Query(() => RecordingSource, { nullable: true, description: 'One source by its name; null where there is none within reach.' })
  @Directive('@authenticated')
  source(
    @Arg('name', () => String, { description: 'RecordingSource.name.' }) name: string,
    @Ctx() { sources }: GraphContext,
  ): VendorSource | null {
    return sources.get(name) ?? null;
  }

  @FieldResolver(() => ID, { description: 'Global id, opaque.' })
  id(@Root() source: VendorSource): string {
    return nodeId('RecordingSource', source.name);
  }

  @FieldResolver(() => [Capability], { description: 'What the source can do, operation by operation.' })
  capabilities(@Root() source: VendorSource): readonly entityTypes.Capability[] {
    return capabilitiesOf(source);
  }

  @FieldResolver(() => SourceHealth, { description: 'How well it answers.' })
  health(@Root() source: VendorSource): SourceHealth {
    const health = source.health();
    return { ...health, clockDifference: health.clockDifferenceMs ?? null };
  }

  @FieldResolver(() => AgentConnection, { description: 'Its agents, by external id.' })
  @Directive(pageArguments.listSize)
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  agents(
    @Root() source: VendorSource,
    @Arg('filter', () => AgentFilter, { nullable: true, description: 'Which of them.' }) filter: AgentFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<Agent>> {
    return agentsPage({ ...filter, sources: [source.name] }, { first, after }, context);
  }

  @FieldResolver(() => RecordingConnection, { nullable: true, description: 'Its recordings, newest first.' })
  @Directive(pageArguments.listSize)
  @Directive('@requiresScopes(scopes: [["recordings:read"]])')
  recordings(
    @Root() source: VendorSource,
    @Arg('filter', () => RecordingFilter, { nullable: true, description: 'Which of them.' }) filter: RecordingFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<Recording>> {
    return recordingsPage({ ...filter, sources: [source.name] }, { first, after }, context);
  }
}

@Resolver(() => SourceError as ClassType)
export class SourceErrorResolver {
  @FieldResolver(() => RecordingSource, { description: 'The source.' })
  source(@Root() failure: SourceFailure, @Ctx() { sources }: GraphContext): VendorSource {
    return sources.get(failure.source)!;
  }

  @FieldResolver(() => Problem, { description: 'What kept it from answering.' })
  problem(@Root() failure: SourceFailure, @Ctx() { correlationId }: GraphContext): Problem {
    return problemOf(failure.error, correlationId);
  }
}
