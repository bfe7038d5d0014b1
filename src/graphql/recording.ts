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
export class Recording {
  @Field(() => String, { description: 'What names it within its source: the vendor’s own id, with what it takes to be unique.' })
  externalId!: string;

  @Field(() => String, {
    nullable: true,
    description:
      "The vendor's own id of the recording alone, verbatim; null where it has none. externalId adds what it takes to be unique.",
  })
  vendorId!: string | null;

  @Field(() => RecordingKind, { description: 'What it holds.' })
  kind!: words.RecordingKind;

  @Field(() => RecordingState, { description: 'Where it stands.' })
  state!: words.RecordingState;

  @Field(() => String, { nullable: true, description: "The vendor's word for the state, verbatim." })
  vendorState!: string | null;

  @Field(() => Boolean, { description: 'Whether it is a second recording of a call that was recorded already.' })
  isDuplicate!: boolean;

  @Field(() => Party, { description: 'Whose voice the track carries, where the vendor records each party apart.' })
  party!: words.Party;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: 'Number or address of the recorded party; masked without `pii:read`.' })
  endpoint!: string | null;

  @Field(() => String, { nullable: true, description: "The vendor's file name." })
  fileName!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it began.' })
  startedAt!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it ended.' })
  endedAt!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When the vendor deletes it, where that is known.' })
  availableUntil!: string | null;
}

export const RecordingConnection = connectionClasses<entityTypes.Recording>('Recording', () => Recording as never, true);

export const recordingsPage = (
  filter: RecordingFilter | null,
  args: ConnectionArguments<unknown>,
  context: GraphContext,
  owner?: entityTypes.SourceKey,
): Promise<Connection<entityTypes.Recording>> => {
  const { store, reads, largestPage } = context.services;
  const narrowed = narrow(filter, context, owner) as ports.RecordingFilter & { sources: readonly string[] };
  const read = (stale?: readonly SourceFailure[]) =>
    loadedConnection<entityTypes.Recording, typeof narrowed>(
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
  ): Promise<entityTypes.Recording | null> {
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
  ): Promise<Connection<entityTypes.Recording>> {
    return recordingsPage(filter, { first, after }, context);
  }

  @FieldResolver(() => ID, { description: 'Global id, opaque.' })
  id(@Root() recording: entityTypes.Recording): string {
    return keyId('Recording', recording);
  }

  @FieldResolver(() => RecordingSource, { description: 'Where the recording is known.' })
  source(@Root() recording: entityTypes.Recording, @Ctx() { sources }: GraphContext): VendorSource {
    return sources.get(recording.source)!;
  }

  @FieldResolver(() => String, { description: 'RecordingSource.name, for neighbours that join on `sourceName externalId`.' })
  sourceName(@Root() recording: entityTypes.Recording): string {
    return recording.source;
  }

  @FieldResolver(() => Agent, { nullable: true, description: 'The recorded agent.' })
  agent(@Root() recording: entityTypes.Recording, @Ctx() { loaders }: GraphContext): Promise<entityTypes.Agent | null> | null {
    return recording.agent === null ? null : loaders.agent({ source: recording.source, externalId: recording.agent });
  }

  @FieldResolver(() => Call, { nullable: true, description: 'The recorded call; null while only its recording is known.' })
  call(
    @Root() recording: entityTypes.Recording,
    @Ctx() { loaders }: GraphContext,
  ): Promise<entityTypes.Call | null> | entityTypes.Call | null {
    return recording.call === null ? null : loaders.call.load({ source: recording.source, externalId: recording.call });
  }

  @FieldResolver(() => Duration, { nullable: true, description: 'How long it is; null while it runs or where it is not known.' })
  duration(@Root() recording: entityTypes.Recording): number | null {
    return (
      recording.durationMs ??
      (recording.startedAt && recording.endedAt ? Date.parse(recording.endedAt) - Date.parse(recording.startedAt) : null)
    );
  }

  @FieldResolver(() => [BlackoutInterval], { description: 'The stretches of this recording that a blackout covers.' })
  async blackouts(@Root() recording: entityTypes.Recording, @Ctx() { loaders }: GraphContext): Promise<readonly object[]> {
    const intervals = recording.agent === null ? [] : blackoutIntervals(recording, await loaders.blackoutsOfRecording.load(recording));
    return intervals.map((interval) => ({ ...interval, offset: interval.offsetMs }));
  }

  @Extensions(ofItsCaller)
  @FieldResolver(() => RecordingMediaResult, { description: 'A short-lived link to the audio. Asking for it is written to the audit log.' })
  @Directive('@requiresScopes(scopes: [["media:read"]])')
  @Directive('@cost(weight: 20)')
  media(
    @Root() recording: entityTypes.Recording,
    @Arg('format', () => MediaFormat, {
      nullable: true,
      defaultValue: 'ORIGINAL',
      description: "The vendor's own bytes, or a WAV file that a browser plays.",
    })
    format: words.MediaFormat,
    @Ctx() { services, principal, correlationId }: GraphContext,
  ): Promise<MediaLink | Problem> {
    return orProblem(correlationId, () => services.linkMedia(recording, format ?? 'ORIGINAL', principal, correlationId));
  }
}
