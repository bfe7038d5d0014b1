import { Directive, Field, ID, ObjectType } from 'type-graphql';
import type * as entityTypes from '../domain/model/entities.ts';
import type * as enums from '../domain/model/enums.ts';
import { keyId } from '../domain/model/ids.ts';
import { connectionClasses } from './connection.ts';
import { CallDirection, CallState, Party } from './enums.ts';
import type { FieldFunction } from './field-function.ts';
import { Node } from './node.ts';
import { Recording } from './recording.ts';
import { DateTime } from './scalars.ts';
import { RecordingSource } from './source.ts';

@Directive('@shareable')
@Directive('@cost(weight: 0)')
@ObjectType('MetadataEntry', {
  simpleResolvers: true,
  description: 'A key and a value that the vendor stores about a call.',
})
class MetadataEntry implements entityTypes.MetadataEntry {
  @Field(() => String, { description: 'The key. Example: `user1`.' })
  key!: string;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { description: 'The value as text. Numbers and addresses are masked without `pii:read`.' })
  value!: string;
}

@ObjectType('CallLeg', { simpleResolvers: true, description: 'A party of a call, from joining to leaving.' })
export class CallLeg implements Omit<entityTypes.CallLeg, 'agent'> {
  @Field(() => Party, { description: 'The kind of party.' })
  readonly party: enums.Party;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: 'Number or address of the party; masked without `pii:read`.' })
  readonly endpoint: string | null;

  @Field(() => DateTime, { nullable: true, description: 'The time at which the party joined.' })
  readonly startedAt: string | null;

  @Field(() => DateTime, { nullable: true, description: 'The time at which the party left.' })
  readonly endedAt: string | null;

  constructor(
    readonly entity: entityTypes.CallLeg,
    readonly sourceName: string,
  ) {
    this.party = entity.party;
    this.endpoint = entity.endpoint;
    this.startedAt = entity.startedAt;
    this.endedAt = entity.endedAt;
  }
}

@Directive('@key(fields: "id")')
@Directive('@key(fields: "sourceName externalId")')
@Directive('@requiresScopes(scopes: [["agents:read"]])')
@ObjectType('Call', { simpleResolvers: true, implements: Node, description: 'A call, as one source knows it.' })
export class Call implements Omit<entityTypes.Call, 'source' | 'legs' | 'agents'> {
  @Field(() => String, { description: "The vendor's own identifier, unchanged." })
  readonly externalId: string;

  @Field(() => CallState, { description: 'The state of the call.' })
  readonly state: enums.CallState;

  @Field(() => String, {
    nullable: true,
    description: "The vendor's own term for the state, unchanged; masked without `pii:read` where it may hold a number.",
  })
  readonly vendorState: string | null;

  @Field(() => CallDirection, { description: 'The direction of the call.' })
  readonly direction: enums.CallDirection;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: "The caller's number; masked without `pii:read`." })
  readonly caller: string | null;

  @Directive('@tag(name: "pii")')
  @Field(() => String, { nullable: true, description: 'The called number; masked without `pii:read`.' })
  readonly called: string | null;

  @Field(() => String, { nullable: true, description: 'The queue, gate or skill group of the call.' })
  readonly queue: string | null;

  @Field(() => DateTime, { nullable: true, description: 'The time at which the call started to ring.' })
  readonly startedAt: string | null;

  @Field(() => DateTime, { nullable: true, description: 'The time at which the call was answered.' })
  readonly answeredAt: string | null;

  @Field(() => DateTime, { nullable: true, description: 'The end time.' })
  readonly endedAt: string | null;

  @Directive('@listSize(assumedSize: 10)')
  @Field(() => [MetadataEntry], { description: 'Further data that the vendor stores about the call.' })
  readonly metadata: readonly entityTypes.MetadataEntry[];

  @Field(() => RecordingSource, { description: 'The source of the call.' })
  readonly source: RecordingSource;

  @Field(() => String, { description: 'RecordingSource.name, for subgraphs that join on `sourceName externalId`.' })
  readonly sourceName: string;

  @Directive('@listSize(assumedSize: 3)')
  @Field(() => [Recording], { nullable: true, description: 'All recordings of the call: tracks, duplicates and screens.' })
  readonly recordings: FieldFunction<Call, LoadsRecordings, readonly Recording[]> = recordings;

  /** `entity` is what the caller may see of the call; `source` is where it is known. */
  constructor(
    readonly entity: entityTypes.Call,
    source: RecordingSource,
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

  @Field(() => ID, { description: 'Global id; opaque.' })
  get id(): string {
    return keyId('Call', this.entity);
  }

  @Directive('@listSize(assumedSize: 3)')
  @Field(() => [CallLeg], { description: 'The parties of the call, in the order in which they joined.' })
  get legs(): readonly CallLeg[] {
    return this.entity.legs.map((leg) => new CallLeg(leg, this.sourceName));
  }
}

interface LoadsRecordings {
  loadRecordingsOfCall(call: entityTypes.SourceKey): Promise<readonly Recording[]> | readonly Recording[];
}

function recordings(
  this: Call,
  _args: object,
  { loadRecordingsOfCall }: LoadsRecordings,
): Promise<readonly Recording[]> | readonly Recording[] {
  return loadRecordingsOfCall(this.entity);
}

export const CallConnection = connectionClasses<Call>('Call', () => Call, { sourceErrors: true });
