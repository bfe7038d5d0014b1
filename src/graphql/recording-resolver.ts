import { Arg, type ClassType, Ctx, Directive, Extensions, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import { blackoutIntervals } from '../domain/model/blackout-intervals.ts';
import type * as entityTypes from '../domain/model/entities.ts';
import type * as enums from '../domain/model/enums.ts';
import { requireKeyId } from '../domain/model/ids.ts';
import type { PageArguments } from '../domain/read/pages.ts';
import { countRecordings, readRecordingPages, requestRecordings } from '../domain/read/recordings.ts';
import { whereWritable } from '../domain/where-writable.ts';
import { linkMedia } from '../media/link.ts';
import { Agent } from './agent.ts';
import { Call } from './call.ts';
import type { Connection } from './connection.ts';
import type { GraphContext } from './context.ts';
import { MediaFormat } from './enums.ts';
import { keyFilter, RecordingFilter } from './inputs.ts';
import { loadAgent, loadBlackoutsOfRecording, loadCall, loadPage, loadRecording } from './loaders.ts';
import { pageArguments } from './page-arguments.ts';
import { orProblem, Problem } from './problem.ts';
import { BlackoutInterval, Recording, RecordingConnection, RecordingMedia, RecordingMediaResult } from './recording.ts';
import { ofItsCaller } from './unshareable.ts';

export const recordingsPage = async (
  context: GraphContext,
  { filter, owner = null, ...page }: PageArguments & { filter: RecordingFilter | null; owner?: entityTypes.SourceKey | null },
): Promise<Connection<Recording>> => {
  const requested = await requestRecordings(context.read, { filter: keyFilter(filter), page, owner });
  const list = { name: 'recordingPages', read: readRecordingPages, count: countRecordings };
  return new RecordingConnection(await loadPage(context, requested, list), context.show.recording, context);
};

@Resolver(() => Recording as ClassType)
export class RecordingResolver {
  @Query(() => Recording, { nullable: true, description: 'One recording; null if it is unknown.' })
  @Directive('@requiresScopes(scopes: [["recordings:read"]])')
  recording(@Arg('id', () => ID, { description: 'Recording.id.' }) id: string, @Ctx() context: GraphContext): Promise<Recording | null> {
    return loadRecording(context, requireKeyId('Recording', id, 'id'));
  }

  @Query(() => RecordingConnection, { nullable: true, description: 'The recordings of all sources that the caller can use, newest first.' })
  @Directive(pageArguments.listSize)
  @Directive('@requiresScopes(scopes: [["recordings:read"]])')
  recordings(
    @Arg('filter', () => RecordingFilter, { nullable: true, description: 'Conditions for the items.' }) filter: RecordingFilter | null,
    @Arg('first', () => Int, pageArguments.first) first: number,
    @Arg('after', () => String, pageArguments.after) after: string | null,
    @Ctx() context: GraphContext,
  ): Promise<Connection<Recording>> {
    return recordingsPage(context, { filter, first, after });
  }

  @FieldResolver(() => Agent, { nullable: true, description: 'The recorded agent.' })
  agent(@Root() { entity }: Recording, @Ctx() context: GraphContext): Promise<Agent | null> | Agent | null {
    return entity.agent === null ? null : loadAgent(context, { source: entity.source, externalId: entity.agent });
  }

  @FieldResolver(() => Call, { nullable: true, description: 'The recorded call; null if only the recording is known.' })
  call(@Root() { entity }: Recording, @Ctx() context: GraphContext): Promise<Call | null> | Call | null {
    return entity.call === null ? null : loadCall(context, { source: entity.source, externalId: entity.call });
  }

  @FieldResolver(() => [BlackoutInterval], { description: 'The parts of this recording that a blackout covers.' })
  async blackouts(@Root() { entity }: Recording, @Ctx() context: GraphContext): Promise<readonly BlackoutInterval[]> {
    const intervals = entity.agent === null ? [] : blackoutIntervals(entity, await loadBlackoutsOfRecording(context, entity));
    return intervals.map(({ blackout, startsAt, endsAt, offsetMs }) => ({
      blackout: context.show.blackout(blackout),
      startsAt,
      endsAt,
      offset: offsetMs,
    }));
  }

  @Extensions(ofItsCaller)
  @FieldResolver(() => RecordingMediaResult, {
    description: 'A short-lived link to the audio. Every request is written to the audit trail.',
  })
  @Directive('@requiresScopes(scopes: [["media:read"]])')
  @Directive('@cost(weight: 20)')
  media(
    @Root() { entity }: Recording,
    @Arg('format', () => MediaFormat, {
      nullable: true,
      defaultValue: 'ORIGINAL',
      description: "The vendor's own file, or a WAV file that every browser plays.",
    })
    format: enums.MediaFormat,
    @Ctx() { services, principal, correlationId }: GraphContext,
  ): Promise<RecordingMedia | Problem> {
    const request = { recording: entity, format: format ?? 'ORIGINAL', principal, correlationId };
    const link = () => whereWritable(services.control, correlationId, () => linkMedia(services.media, request));
    return orProblem(correlationId, async () => new RecordingMedia(await link()));
  }
}
