import {
  Arg,
  type ClassType,
  Ctx,
  createUnionType,
  Directive,
  Extensions,
  Field,
  FieldResolver,
  ID,
  Int,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { blackoutIntervals } from '../domain/blackout/intervals.ts';
import type * as entityTypes from '../domain/model/entities.ts';
import type * as words from '../domain/model/enums.ts';
import { keyId, requireKeyId } from '../domain/model/ids.ts';
import type * as ports from '../domain/ports/store.ts';
import type { VendorSource } from '../domain/ports/vendor.ts';
import { type Connection, type ConnectionArguments, gather, maxCounted, type SourceFailure } from '../domain/read/connections.ts';
import { Agent } from './agent.ts';
import { Blackout } from './blackout.ts';
import { Call } from './call.ts';
import { connectionClasses, loadedConnection } from './connection.ts';
import type { GraphContext, MediaLink } from './context.ts';
import { MediaFormat, Party, RecordingKind, RecordingState } from './enums.ts';
import { narrow, RecordingFilter } from './inputs.ts';
import { Node } from './node.ts';
import { pageArguments } from './page-arguments.ts';
import { isProblem, orProblem, Problem } from './problem.ts';
import { DateTime, Duration, Url } from './scalars.ts';
import { RecordingSource } from './source.ts';
import { ofItsCaller } from './unshareable.ts';

@ObjectType({ simpleResolvers: true, description: 'A stretch of a recording that a blackout covers.' })
export class BlackoutInterval {
  @Field(() => Blackout, { description: 'The blackout.' })
  blackout!: entityTypes.Blackout;

  @Field(() => DateTime, { description: 'Where it begins, no earlier than the recording.' })
  startsAt!: string;

  @Field(() => DateTime, { nullable: true, description: 'Where it ends; null while both go on.' })
  endsAt!: string | null;

  @Field(() => Duration, { description: 'From the beginning of the recording to the beginning of the stretch.' })
  offset!: number;
}

@ObjectType({
  simpleResolvers: true,
  description: 'A short-lived link to audio. Anyone who has it can play it until it expires: do not store or share it.',
})
export class RecordingMedia implements MediaLink {
  @Field(() => Url, { description: 'Where to fetch it, once or in ranges.' })
  url!: string;

  @Field(() => DateTime, { description: 'When the link stops working.' })
  expiresAt!: string;

  @Field(() => String, { description: 'Example: `audio/mpeg`.' })
  contentType!: string;

  @Field(() => String, { description: 'A safe name for the file.' })
  fileName!: string;

  @Field(() => Int, { nullable: true, description: 'Its length in bytes, where that is known beforehand.' })
  byteLength!: number | null;
}

export const RecordingMediaResult = createUnionType({
  name: 'RecordingMediaResult',
  description: 'A link, or why there is none.',
  types: () => [RecordingMedia, Problem] as const,
  resolveType: (value) => (isProblem(value) ? 'Problem' : 'RecordingMedia'),
});

@Directive('@key(fields: "id")')
@Directive('@key(fields: "sourceName externalId")')
@Directive('@requiresScopes(scopes: [["recordings:read"]])')
@ObjectType({
  simpleResolvers: true,
  implements: Node,
  description: 'One recording: a track of a call, a screen, a video, or a voicemail.',
})
export class Recording
  implements Omit<entityTypes.Recording, 'source' | 'agent' | 'call' | 'durationMs' | 'segments' | 'formerId' | 'vendorData'>
{
  @Field(() => String, { description: 'What names it within its source: the vendor’s own id, with what it takes to be unique.' })
  readonly externalId: string;

  @Field(() => String, {
    nullable: true,
    description:
      "The vendor's own id of the recording alone, verbatim; null where it has none. externalId adds what it takes to be unique.",
  })
  readonly vendorId: string | null;

  @Field(() => RecordingKind, { description: 'What it holds.' })
  readonly kind: words.RecordingKind;

  @Field(() => RecordingState, { description: 'Where it stands.' })
  readonly state: words.RecordingState;

  @Field(() => String, { nullable: true, description: "The vendor's word for the state, verbatim." })
  readonly vendorState: string | null;

  @Field(() => Boolean, { description: 'Whether it is a second recording of a call that was recorded already.' })
  readonly isDuplicate: boolean;

  @Field(() => Party, { description: 'Whose voice the track carries, where the vendor records each party apart.' })
  readonly party: words.Party;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: 'Number or address of the recorded party; masked without `pii:read`.' })
  readonly endpoint: string | null;

  @Field(() => String, { nullable: true, description: "The vendor's file name." })
  readonly fileName: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it began.' })
  readonly startedAt: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it ended.' })
  readonly endedAt: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When the vendor deletes it, where that is known.' })
  readonly availableUntil: string | null;

  @Field(() => RecordingSource, { description: 'Where the recording is known.' })
  readonly source: VendorSource;

  @Field(() => String, { description: 'RecordingSource.name, for neighbours that join on `sourceName externalId`.' })
  readonly sourceName: string;

  /** `entity` is what the caller may see of the recording; `source` is where it is known. */
  constructor(
    readonly entity: entityTypes.Recording,
    source: VendorSource,
  ) {
    this.externalId = entity.externalId;
    this.vendorId = entity.vendorId ?? null;
    this.kind = entity.kind;
    this.state = entity.state;
    this.vendorState = entity.vendorState;
    this.isDuplicate = entity.isDuplicate;
    this.party = entity.party;
    this.endpoint = entity.endpoint;
    this.fileName = entity.fileName;
    this.startedAt = entity.startedAt;
    this.endedAt = entity.endedAt;
    this.availableUntil = entity.availableUntil;
    this.source = source;
    this.sourceName = entity.source;
  }

  get __typename(): 'Recording' {
    return 'Recording';
  }

  @Field(() => ID, { description: 'Global id, opaque.' })
  get id(): string {
    return keyId('Recording', this.entity);
  }

  @Field(() => Duration, { nullable: true, description: 'How long it is; null while it runs or where it is not known.' })
  get duration(): number | null {
    const { durationMs, startedAt, endedAt } = this.entity;
    return durationMs ?? (startedAt && endedAt ? Date.parse(endedAt) - Date.parse(startedAt) : null);
  }
}

export const RecordingConnection = connectionClasses<Recording>('Recording', () => Recording, true);

export const recordingsPage = (
  filter: RecordingFilter | null,
  args: ConnectionArguments<unknown>,
  context: GraphContext,
  owner?: entityTypes.SourceKey,
): Promise<Connection<Recording>> => {
  const { store, reads, largestPage } = context.services;
  const narrowed = narrow(filter, context, owner) as ports.RecordingFilter & { sources: readonly string[] };
  const read = (stale?: readonly SourceFailure[]) =>
    loadedConnection<Recording, typeof narrowed>(
      'recordings',
      args,
      narrowed,
      largestPage,
      (request) => context.loaders.recordingPages.load(request),
      (wanted) => store.recordings.count(wanted, maxCounted),
      stale,
    );
  return narrowed.agent ? read() : gather(narrowed.sources, (source) => reads.refresh(source, context.sinceMs)).then(read);
};

@Resolver(() => Recording as ClassType)
export class RecordingResolver {
  @Query(() => Recording, { nullable: true, description: 'One recording; null where it is unknown.' })
  @Directive('@requiresScopes(scopes: [["recordings:read"]])')
  recording(
    @Arg('id', () => ID, { description: 'Recording.id.' }) id: string,
    @Ctx() { loaders }: GraphContext,
  ): Promise<Recording | null> {
    return loaders.recording.load(requireKeyId('Recording', id, 'id'));
  }

  @Query(() => RecordingConnection, { nullable: true, description: 'Recordings of all sources within reach, newest first.' })
  @Directive(pageArguments.listSize)
  @Directive('@requiresScopes(scopes: [["recordings:read"]])')
  recordings(
    @Arg('filter', () => RecordingFilter, { nullable: true, description: 'Which of them.' }) filter: RecordingFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<Recording>> {
    return recordingsPage(filter, { first, after }, context);
  }

  @FieldResolver(() => Agent, { nullable: true, description: 'The recorded agent.' })
  agent(@Root() { entity }: Recording, @Ctx() { loaders }: GraphContext): Promise<Agent | null> | null {
    return entity.agent === null ? null : loaders.agent({ source: entity.source, externalId: entity.agent });
  }

  @FieldResolver(() => Call, { nullable: true, description: 'The recorded call; null while only its recording is known.' })
  call(@Root() { entity }: Recording, @Ctx() { loaders }: GraphContext): Promise<Call | null> | Call | null {
    return entity.call === null ? null : loaders.call.load({ source: entity.source, externalId: entity.call });
  }

  @FieldResolver(() => [BlackoutInterval], { description: 'The stretches of this recording that a blackout covers.' })
  async blackouts(@Root() { entity }: Recording, @Ctx() { loaders }: GraphContext): Promise<readonly object[]> {
    const intervals = entity.agent === null ? [] : blackoutIntervals(entity, await loaders.blackoutsOfRecording.load(entity));
    return intervals.map((interval) => ({ ...interval, offset: interval.offsetMs }));
  }

  @Extensions(ofItsCaller)
  @FieldResolver(() => RecordingMediaResult, { description: 'A short-lived link to the audio. Asking for it is written to the audit log.' })
  @Directive('@requiresScopes(scopes: [["media:read"]])')
  @Directive('@cost(weight: 20)')
  media(
    @Root() { entity }: Recording,
    @Arg('format', () => MediaFormat, {
      nullable: true,
      defaultValue: 'ORIGINAL',
      description: "The vendor's own bytes, or a WAV file that a browser plays.",
    })
    format: words.MediaFormat,
    @Ctx() { services, principal, correlationId }: GraphContext,
  ): Promise<MediaLink | Problem> {
    return orProblem(correlationId, () => services.linkMedia(entity, format ?? 'ORIGINAL', principal, correlationId));
  }
}
