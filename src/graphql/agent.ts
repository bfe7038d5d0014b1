import { Arg, type ClassType, Ctx, Directive, Field, FieldResolver, ID, Int, ObjectType, Query, Resolver, Root } from 'type-graphql';
import type * as entityTypes from '../domain/model/entities.ts';
import type * as words from '../domain/model/enums.ts';
import { ExpectedError } from '../domain/model/errors.ts';
import { keyId, requireKeyId } from '../domain/model/ids.ts';
import { hasScope } from '../domain/model/principal.ts';
import type * as ports from '../domain/ports/store.ts';
import type { VendorSource } from '../domain/ports/vendor.ts';
import { devicesOf } from '../domain/read/bearers.ts';
import {
  agentConnection,
  askedPage,
  type Connection,
  type ConnectionArguments,
  chooseSources,
  gather,
  matchesAgent,
  requireSource,
} from '../domain/read/connections.ts';
import { Blackout, BlackoutConnection, blackoutsPage } from './blackout.ts';
import { Call, CallConnection, callsPage } from './call.ts';
import { connectionClasses } from './connection.ts';
import type { GraphContext } from './context.ts';
import { AgentStatus } from './enums.ts';
import { AgentFilter, AgentRef, BlackoutFilter, CallFilter, RecordingFilter } from './inputs.ts';
import { Node } from './node.ts';
import { pageArguments } from './page-arguments.ts';
import { Recording, RecordingConnection, recordingsPage } from './recording.ts';
import { DateTime } from './scalars.ts';
import { RecordingSource } from './source.ts';

@ObjectType({ simpleResolvers: true, description: 'One device at which the recorder lists an agent.' })
export class AgentDevice implements entityTypes.AgentDevice {
  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: 'Extension or phone number; masked without `pii:read`.' })
  phone!: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: 'The recorded device; masked without `pii:read`.' })
  deviceId!: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: "The device's name; masked without `pii:read`." })
  deviceAlias!: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: "The operating system's user name there; masked without `pii:read`." })
  systemUsername!: string | null;
}

@Directive('@key(fields: "id")')
@Directive('@key(fields: "sourceName externalId")')
@Directive('@requiresScopes(scopes: [["agents:read"]])')
@ObjectType({ simpleResolvers: true, implements: Node, description: 'Someone whose calls are recorded, as one source knows them.' })
export class Agent implements Omit<entityTypes.Agent, 'source' | 'activeCall' | 'inactiveCalls' | 'desktopRecordings' | 'devices'> {
  @Field(() => String, { description: "The vendor's own identifier, verbatim." })
  readonly externalId: string;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: 'Full name; masked without `pii:read`.' })
  readonly name: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: 'E-mail address; masked without `pii:read`.' })
  readonly email: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: 'Extension or phone number; masked without `pii:read`.' })
  readonly phone: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: 'SIP address; masked without `pii:read`.' })
  readonly sipUri: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: "The recorder's user name; masked without `pii:read`." })
  readonly username: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: "The operating system's user name; masked without `pii:read`." })
  readonly systemUsername: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: "The CRM's user name; masked without `pii:read`." })
  readonly crmUsername: string | null;

  @Field(() => String, { nullable: true, description: "The directory's id." })
  readonly syncId: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: 'The recorded device; masked without `pii:read`, since it often is the extension.' })
  readonly deviceId: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: "The device's name; masked without `pii:read`." })
  readonly deviceAlias: string | null;

  @Field(() => String, { nullable: true, description: "The business unit or department, in the vendor's words." })
  readonly businessUnit: string | null;

  @Field(() => AgentStatus, { description: 'What the agent is doing.' })
  readonly status: words.AgentStatus;

  @Field(() => String, { nullable: true, description: "The vendor's word for the status, verbatim." })
  readonly vendorStatus: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Since when; null where the status was already so when the agent was first seen.' })
  readonly statusSince: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When the vendor last told us about this agent.' })
  readonly observedAt: string | null;

  @Field(() => RecordingSource, { description: 'Where the agent is known.' })
  readonly source: VendorSource;

  @Field(() => String, { description: 'RecordingSource.name, for neighbours that join on `sourceName externalId`.' })
  readonly sourceName: string;

  /** `entity` is what the caller may see of the agent; `source` is where it is known. */
  constructor(
    readonly entity: entityTypes.Agent,
    source: VendorSource,
  ) {
    this.externalId = entity.externalId;
    this.name = entity.name;
    this.email = entity.email;
    this.phone = entity.phone;
    this.sipUri = entity.sipUri;
    this.username = entity.username;
    this.systemUsername = entity.systemUsername;
    this.crmUsername = entity.crmUsername;
    this.syncId = entity.syncId;
    this.deviceId = entity.deviceId;
    this.deviceAlias = entity.deviceAlias;
    this.businessUnit = entity.businessUnit;
    this.status = entity.status;
    this.vendorStatus = entity.vendorStatus;
    this.statusSince = entity.statusSince;
    this.observedAt = entity.observedAt;
    this.source = source;
    this.sourceName = entity.source;
  }

  get __typename(): 'Agent' {
    return 'Agent';
  }

  @Field(() => ID, { description: 'Global id, opaque.' })
  get id(): string {
    return keyId('Agent', this.entity);
  }

  @Field(() => [AgentDevice], {
    description: 'Every device that the recorder lists the agent at; phone, deviceId and activeCall tell of the one that is on a call.',
  })
  get devices(): readonly entityTypes.AgentDevice[] {
    return devicesOf(this.entity);
  }
}

export const AgentConnection = connectionClasses<Agent>('Agent', () => Agent, true);

/** Agents are held in memory: brought up to date where they are too old, then filtered, sorted and cut. */
export const agentsPage = async (
  filter: (Omit<AgentFilter, 'sources'> & { sources?: string[] | null }) | null,
  args: ConnectionArguments<unknown>,
  context: GraphContext,
): Promise<Connection<Agent>> => {
  const { liveState, reads, largestPage } = context.services;
  const sources = chooseSources(context.sources, filter);
  const wanted = { ...filter, sources };
  const asked = askedPage<ports.AgentFilter>('agents', wanted, args, largestPage);
  const failures = await gather(sources, (source) => reads.refresh(source, context.sinceMs));
  const seesAll = hasScope(context.principal, 'pii:read');
  const vendorOf = (source: string) => context.sources.get(source)!.vendor;
  const agents = sources
    .flatMap((source) => liveState.agentsOf(source))
    .filter((agent) => matchesAgent(agent, wanted, vendorOf, liveState, seesAll));
  return agentConnection(agents, asked, failures, context.show.agent);
};

/** The agent that a reference names; null where the vendor knows none. Throws for a reference that can name nobody. */
export const findAgent = async (ref: AgentRef, context: GraphContext): Promise<Agent | null> => {
  if (ref.id != null) return context.loaders.agent(requireKeyId('Agent', ref.id, 'ref.id'));
  const { source, identifier, value } = ref.key!;
  requireSource(context.sources, source);
  if (identifier !== 'ID' && identifier !== 'SYNC_ID' && !hasScope(context.principal, 'pii:read')) {
    const message = `ref.key by ${identifier} needs the scope pii:read, as seeing it does; ask by ID, or with a key that has it.`;
    throw new ExpectedError('FORBIDDEN', message);
  }
  if (value.trim() === '') throw new ExpectedError('INVALID_INPUT', `key.value is empty; give the ${identifier} of an agent of ${source}.`);
  if (identifier === 'ID') {
    const agent = await context.loaders.agent({ source, externalId: value });
    // Whom the vendor does not list any more, no identifier names; the history stays readable by the global id.
    return agent && (agent.entity.absentSince ?? null) === null ? agent : null;
  }
  const [answer] = await context.services.reads.agents(source, [{ identifier, value }], context.sinceMs);
  if (answer instanceof Error) throw answer;
  return answer ? context.show.agent(answer) : null;
};

@Resolver(() => Agent as ClassType)
export class AgentResolver {
  @Query(() => Agent, { nullable: true, description: 'One agent; null where the vendor knows none by that identifier.' })
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  agent(
    @Arg('ref', () => AgentRef, { description: 'Names the agent.' }) ref: AgentRef,
    @Ctx() context: GraphContext,
  ): Promise<Agent | null> {
    return findAgent(ref, context);
  }

  @Query(() => AgentConnection, { nullable: true, description: 'Agents of all sources within reach, by source and external id.' })
  @Directive(pageArguments.listSize)
  @Directive('@requiresScopes(scopes: [["agents:read"]])')
  agents(
    @Arg('filter', () => AgentFilter, { nullable: true, description: 'Which of them.' }) filter: AgentFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<Agent>> {
    return agentsPage(filter, { first, after }, context);
  }

  @FieldResolver(() => Call, { nullable: true, description: 'The call that the agent is in.' })
  activeCall(@Root() { entity }: Agent, @Ctx() { loaders }: GraphContext): Promise<Call | null> | Call | null {
    return entity.activeCall === null ? null : loaders.call.load({ source: entity.source, externalId: entity.activeCall });
  }

  @Directive('@listSize(assumedSize: 2)')
  @FieldResolver(() => [Call], { description: 'Calls on hold, parked, or waiting for a transfer to be picked up.' })
  async inactiveCalls(@Root() { entity }: Agent, @Ctx() { loaders }: GraphContext): Promise<readonly Call[]> {
    const calls = await Promise.all(entity.inactiveCalls.map((externalId) => loaders.call.load({ source: entity.source, externalId })));
    return calls.filter((call) => call !== null);
  }

  @FieldResolver(() => [Recording], { description: 'Screen recordings that belong to no call.' })
  async desktopRecordings(@Root() { entity }: Agent, @Ctx() { loaders }: GraphContext): Promise<readonly Recording[]> {
    const recordings = await Promise.all(
      entity.desktopRecordings.map((externalId) => loaders.recording.load({ source: entity.source, externalId })),
    );
    return recordings.filter((recording) => recording !== null);
  }

  @FieldResolver(() => CallConnection, { description: 'Calls that the agent was in, newest first.' })
  @Directive(pageArguments.listSize)
  calls(
    @Root() { entity }: Agent,
    @Arg('filter', () => CallFilter, { nullable: true, description: 'Which of them.' }) filter: CallFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<Call>> {
    return callsPage(filter, { first, after }, context, entity);
  }

  @FieldResolver(() => RecordingConnection, { nullable: true, description: "The agent's recordings, newest first." })
  @Directive(pageArguments.listSize)
  @Directive('@requiresScopes(scopes: [["recordings:read"]])')
  recordings(
    @Root() { entity }: Agent,
    @Arg('filter', () => RecordingFilter, { nullable: true, description: 'Which of them.' }) filter: RecordingFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<Recording>> {
    return recordingsPage(filter, { first, after }, context, entity);
  }

  @FieldResolver(() => Blackout, { nullable: true, description: 'The blackout that is scheduled or in force now.' })
  blackout(@Root() { entity }: Agent, @Ctx() { services }: GraphContext): entityTypes.Blackout | null {
    return services.liveState.blackout(entity);
  }

  @FieldResolver(() => BlackoutConnection, { description: 'Blackouts of the agent, newest first.' })
  @Directive(pageArguments.listSize)
  blackouts(
    @Root() { entity }: Agent,
    @Arg('filter', () => BlackoutFilter, { nullable: true, description: 'Which of them.' }) filter: BlackoutFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<entityTypes.Blackout>> {
    return blackoutsPage(filter, { first, after }, context, entity);
  }
}
