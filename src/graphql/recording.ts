import { createUnionType, Directive, Field, ID, Int, ObjectType } from 'type-graphql';
import type * as entityTypes from '../domain/model/entities.ts';
import type * as enums from '../domain/model/enums.ts';
import { keyId } from '../domain/model/ids.ts';
import type { MediaLink } from '../media/link.ts';
import { Blackout } from './blackout.ts';
import { connectionClasses } from './connection.ts';
import { Party, RecordingKind, RecordingState } from './enums.ts';
import { Node } from './node.ts';
import { Problem } from './problem.ts';
import { DateTime, Duration, Url } from './scalars.ts';
import { RecordingSource } from './source.ts';

@ObjectType('BlackoutInterval', { simpleResolvers: true, description: 'A part of a recording that a blackout covers.' })
export class BlackoutInterval {
  @Field(() => Blackout, { description: 'The blackout.' })
  blackout!: Blackout;

  @Field(() => DateTime, { description: 'The start of the part, not before the start of the recording.' })
  startsAt!: string;

  @Field(() => DateTime, { nullable: true, description: 'The end of the part; null while blackout and recording are in progress.' })
  endsAt!: string | null;

  @Field(() => Duration, { description: 'The time from the start of the recording to the start of the part.' })
  offset!: number;
}

@ObjectType('RecordingMedia', {
  simpleResolvers: true,
  description:
    'A short-lived link to audio. Everyone who has the link can play the audio until the link expires. Do not store or share it.',
})
export class RecordingMedia implements MediaLink {
  @Field(() => Url, { description: 'The address of the audio. It supports byte ranges.' })
  readonly url: string;

  @Field(() => DateTime, { description: 'The time at which the link expires.' })
  readonly expiresAt: string;

  @Field(() => String, { description: 'The media type. Example: `audio/mpeg`.' })
  readonly contentType: string;

  @Field(() => String, { description: 'A safe name for the file.' })
  readonly fileName: string;

  @Field(() => Int, { nullable: true, description: 'The length in bytes, if it is known in advance.' })
  readonly byteLength: number | null;

  constructor(link: MediaLink) {
    this.url = link.url;
    this.expiresAt = link.expiresAt;
    this.contentType = link.contentType;
    this.fileName = link.fileName;
    this.byteLength = link.byteLength;
  }
}

export const RecordingMediaResult = createUnionType({
  name: 'RecordingMediaResult',
  description: 'A link, or the reason why there is none.',
  types: () => [RecordingMedia, Problem] as const,
});

@Directive('@key(fields: "id")')
@Directive('@key(fields: "sourceName externalId")')
@Directive('@requiresScopes(scopes: [["recordings:read"]])')
@ObjectType('Recording', {
  simpleResolvers: true,
  implements: Node,
  description: 'A recording: a track of a call, a screen, a video or a voicemail.',
})
export class Recording
  implements Omit<entityTypes.Recording, 'source' | 'agent' | 'call' | 'durationMs' | 'segments' | 'formerId' | 'vendorData'>
{
  @Field(() => String, { description: "The identifier within the source: the vendor's own id, extended where that id is not unique." })
  readonly externalId: string;

  @Field(() => String, {
    nullable: true,
    description: "The vendor's own id, unchanged; null if there is none. It is not always unique; `externalId` is.",
  })
  readonly vendorId: string | null;

  @Field(() => RecordingKind, { description: 'The content.' })
  readonly kind: enums.RecordingKind;

  @Field(() => RecordingState, { description: 'The current state.' })
  readonly state: enums.RecordingState;

  @Field(() => String, {
    nullable: true,
    description: "The vendor's own term for the state, unchanged; masked without `pii:read` where it may hold a number.",
  })
  readonly vendorState: string | null;

  @Field(() => Boolean, { description: 'True for a second recording of a call that was already recorded.' })
  readonly isDuplicate: boolean;

  @Field(() => Party, { description: 'The party whose voice is recorded, if the vendor records each party separately.' })
  readonly party: enums.Party;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: 'The number or address of the recorded party; masked without `pii:read`.' })
  readonly endpoint: string | null;

  @Field(() => String, { nullable: true, description: "The vendor's file name." })
  readonly fileName: string | null;

  @Field(() => DateTime, { nullable: true, description: 'The start time.' })
  readonly startedAt: string | null;

  @Field(() => DateTime, { nullable: true, description: 'The end time.' })
  readonly endedAt: string | null;

  @Field(() => DateTime, { nullable: true, description: 'The time at which the vendor deletes the recording, if it is known.' })
  readonly availableUntil: string | null;

  @Field(() => RecordingSource, { description: 'The source of the recording.' })
  readonly source: RecordingSource;

  @Field(() => String, { description: 'RecordingSource.name, for subgraphs that join on `sourceName externalId`.' })
  readonly sourceName: string;

  /** `entity` is what the caller may see of the recording; `source` is where it is known. */
  constructor(
    readonly entity: entityTypes.Recording,
    source: RecordingSource,
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

  @Field(() => ID, { description: 'Global id; opaque.' })
  get id(): string {
    return keyId('Recording', this.entity);
  }

  @Field(() => Duration, { nullable: true, description: 'The length; null while the recording is in progress or if it is unknown.' })
  get duration(): number | null {
    const { durationMs, startedAt, endedAt } = this.entity;
    const spanMs = startedAt && endedAt ? Date.parse(endedAt) - Date.parse(startedAt) : null;
    return durationMs ?? (spanMs !== null && spanMs >= 0 ? spanMs : null);
  }
}

export const RecordingConnection = connectionClasses<Recording>('Recording', () => Recording, { sourceErrors: true });
