import { Arg, type ClassType, Ctx, Directive, Field, FieldResolver, ID, Int, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { emptyAgent } from '../domain/model/empty-agent.ts';
import type * as entityTypes from '../domain/model/entities.ts';
import type * as words from '../domain/model/enums.ts';
import { ExpectedError } from '../domain/model/errors.ts';
import { nodeId, parseNodeId } from '../domain/model/ids.ts';
import { hasScope } from '../domain/model/principal.ts';
import type * as ports from '../domain/ports/store.ts';
import type { VendorSource } from '../domain/ports/vendor.ts';
import type { Connection, ConnectionArguments } from '../domain/read/connections.ts';
import { maxCounted } from '../domain/read/connections.ts';
import { Agent } from './agent.ts';
import { ControlCommand } from './command.ts';
import { connectionClasses, loadedConnection } from './connection.ts';
import type { GraphContext } from './context.ts';
import { BlackoutEnd, BlackoutReason, BlackoutState, BlackoutWarning, Confirmation, Support } from './enums.ts';
import { BlackoutFilter, narrow } from './inputs.ts';
import { maskLogin, maskValue } from './masking.ts';
import { Node } from './node.ts';
import { pageArguments } from './page-arguments.ts';
import { Recording } from './recording.ts';
import { DateTime, Duration } from './scalars.ts';
import { RecordingSource } from './source.ts';

@ObjectType({
  simpleResolvers: true,
  description:
    "A stretch in which something ran that could hold what was said or shown, by the vendor's own times where they are known: a recording that the platform started, one that stopped late, video, or another agent's recording of the same call.",
})
export class BlackoutExposure {
  @Field(() => DateTime, { description: 'When it began.' })
  startsAt!: string;

  @Field(() => DateTime, { nullable: true, description: 'When it ended; null while it runs.' })
  endsAt!: string | null;
}

@ObjectType({ simpleResolvers: true, description: 'One thing that was warned of.' })
export class BlackoutWarningEntry implements entityTypes.BlackoutWarningEntry {
  @Field(() => BlackoutWarning, { description: 'What needs a look.' })
  warning!: words.BlackoutWarning;

  @Field(() => DateTime, { description: 'When it was raised.' })
  at!: string;
}

@Directive('@key(fields: "id")')
@Directive('@requiresScopes(scopes: [["agents:read"]])')
@ObjectType({
  simpleResolvers: true,
  implements: Node,
  description:
    'A stretch of time in which nothing an agent says or shows is recorded. It belongs to the agent, not to a call: it outlives transfers and call changes until it is stopped or its deadline passes.',
})
export class Blackout {
  @Field(() => BlackoutState, { description: 'Where it stands.' })
  state!: words.BlackoutState;

  @Field(() => Confirmation, { description: 'How sure it is that it is in force.' })
  confirmation!: words.Confirmation;

  @Field(() => Support, { description: 'How the source does it.' })
  support!: words.Support;

  @Field(() => BlackoutReason, { description: 'Why it was asked for.' })
  reason!: words.BlackoutReason;

  @Field(() => String, { nullable: true, description: 'What the caller noted.' })
  note!: string | null;

  @Field(() => String, { description: 'Name of the caller who asked.' })
  requestedBy!: string;

  @Field(() => DateTime, { description: 'When it was asked for.' })
  requestedAt!: string;

  @Field(() => DateTime, { description: 'When it starts or started.' })
  startsAt!: string;

  @Field(() => DateTime, { nullable: true, description: 'When it is to stop, where a stop time was given.' })
  stopsAt!: string | null;

  @Field(() => DateTime, {
    description: 'When it is stopped without anyone asking, so that a forgotten stop cannot lose a day of recordings.',
  })
  deadline!: string;

  @Field(() => DateTime, { nullable: true, description: 'When it ended.' })
  endedAt!: string | null;

  @Field(() => BlackoutEnd, { nullable: true, description: 'Who or what ended it.' })
  endedBy!: words.BlackoutEnd | null;

  @Field(() => [BlackoutWarningEntry], { description: 'Everything that was warned of, oldest first; also in snapshots.' })
  warnings!: readonly entityTypes.BlackoutWarningEntry[];
}

export const BlackoutConnection = connectionClasses<entityTypes.Blackout>('Blackout', () => Blackout as never, false);

export const blackoutsPage = (
  filter: BlackoutFilter | null,
  args: ConnectionArguments<unknown>,
  context: GraphContext,
  owner?: entityTypes.SourceKey,
): Promise<Connection<entityTypes.Blackout>> => {
  const { store, largestPage } = context.services;
  return loadedConnection<entityTypes.Blackout, ports.BlackoutFilter>(
    'blackouts',
    args,
    narrow(filter, context, owner) as ports.BlackoutFilter,
    largestPage,
    (request) => context.loaders.blackoutPages.load(request),
    (wanted) => store.blackouts.count(wanted, maxCounted),
  );
};

@Resolver(() => BlackoutExposure as ClassType)
export class BlackoutExposureResolver {
  @FieldResolver(() => Recording, { nullable: true, description: 'The recording that ran; null where it is not known which.' })
  recording(
    @Root() exposure: entityTypes.Exposure & { source: string },
    @Ctx() { loaders }: GraphContext,
  ): Promise<Recording | null> | null {
    return exposure.recording === null ? null : loaders.recording.load({ source: exposure.source, externalId: exposure.recording });
  }

  @FieldResolver(() => Duration, { nullable: true, description: 'How long it ran, to the millisecond; null while it runs.' })
  duration(@Root() exposure: entityTypes.Exposure): number | null {
    return exposure.endsAt === null ? null : Date.parse(exposure.endsAt) - Date.parse(exposure.startsAt);
  }
}

@Resolver(() => Blackout as ClassType)
export class BlackoutResolver {
  @Query(() => Blackout, { nullable: true, description: 'One blackout; null where it is unknown.' })
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  blackout(
    @Arg('id', () => ID, { description: 'Blackout.id.' }) id: string,
    @Ctx() { loaders }: GraphContext,
  ): Promise<entityTypes.Blackout | null> {
    const parsed = parseNodeId(id);
    if (parsed?.type !== 'Blackout')
      throw new ExpectedError('INVALID_INPUT', 'id is not the id of a Blackout; give an id that this API returned as Blackout.id.');
    return loaders.blackout.load(parsed.rest);
  }

  @Query(() => BlackoutConnection, { nullable: true, description: 'Blackouts of all sources within reach, newest first.' })
  @Directive(pageArguments.listSize)
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  blackouts(
    @Arg('filter', () => BlackoutFilter, { nullable: true, description: 'Which of them.' }) filter: BlackoutFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<entityTypes.Blackout>> {
    return blackoutsPage(filter, { first, after }, context);
  }

  @FieldResolver(() => ID, { description: 'Global id, opaque.' })
  id(@Root() blackout: entityTypes.Blackout): string {
    return nodeId('Blackout', blackout.id);
  }

  @FieldResolver(() => String, { nullable: true, description: 'What the caller noted.' })
  note(@Root() { note }: entityTypes.Blackout, @Ctx() { principal }: GraphContext): string | null {
    return note === null || hasScope(principal, 'pii:read') ? note : maskValue(note);
  }

  @FieldResolver(() => String, { description: 'Name of the caller who asked.' })
  requestedBy(@Root() { requestedBy }: entityTypes.Blackout, @Ctx() { principal }: GraphContext): string | null {
    return hasScope(principal, 'pii:read') ? requestedBy : maskLogin(requestedBy);
  }

  @FieldResolver(() => Agent, { description: 'Whose recording is blacked out.' })
  agent(@Root() blackout: entityTypes.Blackout, @Ctx() context: GraphContext): Promise<Agent> {
    return agentOrLastSeen({ source: blackout.source, externalId: blackout.agent }, context);
  }

  @FieldResolver(() => RecordingSource, { description: 'Where the agent is known.' })
  source(@Root() blackout: entityTypes.Blackout, @Ctx() { sources }: GraphContext): VendorSource {
    return sources.get(blackout.source)!;
  }

  @FieldResolver(() => [BlackoutExposure], { description: 'Stretches in which something ran that could hold what was said or shown.' })
  exposures(@Root() blackout: entityTypes.Blackout): readonly object[] {
    return blackout.exposures.map((exposure) => ({ ...exposure, source: blackout.source }));
  }

  @FieldResolver(() => [ControlCommand], { nullable: true, description: 'The commands that started and stopped it, first to last.' })
  @Directive('@requiresScopes(scopes: [["audit:read"]])')
  async commands(
    @Root() blackout: entityTypes.Blackout,
    @Ctx() { loaders, services, principal, correlationId }: GraphContext,
  ): Promise<readonly entityTypes.ControlCommand[]> {
    const commands = await loaders.commandsOfBlackout.load(blackout.id);
    await services.control.noteLedgerRead(principal, { ids: commands.map(({ id }) => id) }, correlationId);
    return commands;
  }
}

/** The agent as last seen, without asking the vendor; one that was never seen is known by its id alone. */
export const agentOrLastSeen = async (key: entityTypes.SourceKey, { services, show }: GraphContext): Promise<Agent> => {
  const held = services.liveState.agent(key) ?? (await services.store.agents.byKeys([key]))[0];
  return show.agent(held ?? emptyAgent(key));
};
