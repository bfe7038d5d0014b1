import { createUnionType, Directive, Field, ID, Int, ObjectType } from 'type-graphql';
import type * as entityTypes from '../domain/model/entities.ts';
import type * as words from '../domain/model/enums.ts';
import { keyId } from '../domain/model/ids.ts';
import { Blackout } from './blackout.ts';
import { connectionClasses } from './connection.ts';
import { Party, RecordingKind, RecordingState } from './enums.ts';
import { Node } from './node.ts';
import { Problem } from './problem.ts';
import { DateTime, Duration, Url } from './scalars.ts';
import { RecordingSource } from './source.ts';

@ObjectType('BlackoutInterval', { simpleResolvers: true, description: 'A stretch of a recording that a blackout covers.' })
export class BlackoutInterval {
  @Field(() => Blackout, { description: 'The blackout.' })
  blackout!: Blackout;

  @Field(() => DateTime, { description: 'Where it begins, no earlier than the recording.' })
  startsAt!: string;

  @Field(() => DateTime, { nullable: true, description: 'Where it ends; null while both go on.' })
  endsAt!: string | null;

  @Field(() => Duration, { description: 'From the beginning of the recording to the beginning of the stretch.' })
  offset!: number;
}

/** A signed, short-lived link to the audio of a recording. */
export interface MediaLink {
  url: string;
  expiresAt: string;
  contentType: string;
  fileName: string;
  byteLength: number | null;
}

@ObjectType('RecordingMedia', {
  simpleResolvers: true,
  description: 'A short-lived link to audio. Anyone who has it can play it until it expires: do not store or share it.',
})
export class RecordingMedia implements MediaLink {
  @Field(() => Url, { description: 'Where to fetch it, once or in ranges.' })
  readonly url: string;

  @Field(() => DateTime, { description: 'When the link stops working.' })
  readonly expiresAt: string;

  @Field(() => String, { description: 'Example: `audio/mpeg`.' })
  readonly contentType: string;

  @Field(() => String, { description: 'A safe name for the file.' })
  readonly fileName: string;

  @Field(() => Int, { nullable: true, description: 'Its length in bytes, where that is known beforehand.' })
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
  description: 'A link, or why there is none.',
  types: () => [RecordingMedia, Problem] as const,
});

@Directive('@key(fields: "id")')
@Directive('@key(fields: "sourceName externalId")')
@Directive('@requiresScopes(scopes: [["recordings:read"]])')
@ObjectType('Recording', {
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
  readonly source: RecordingSource;

  @Field(() => String, { description: 'RecordingSource.name, for neighbours that join on `sourceName externalId`.' })
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

export const RecordingConnection = connectionClasses<Recording>('Recording', () => Recording, { sourceErrors: true });
