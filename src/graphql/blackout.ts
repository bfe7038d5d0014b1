import { Directive, Field, ID, ObjectType } from 'type-graphql';
import type * as entityTypes from '../domain/model/entities.ts';
import type * as enums from '../domain/model/enums.ts';
import { nodeId } from '../domain/model/ids.ts';
import { connectionClasses } from './connection.ts';
import { BlackoutEnd, BlackoutReason, BlackoutState, BlackoutWarning, Confirmation, Support } from './enums.ts';
import { Node } from './node.ts';
import { DateTime, Duration } from './scalars.ts';
import { RecordingSource } from './source.ts';

@ObjectType('BlackoutExposure', {
  simpleResolvers: true,
  description:
    "A period in which a recording ran that could contain what was said or shown: one that the platform started, one that stopped late, a video, or a recording of another agent on the call. Its times are the vendor's, if they are known.",
})
export class BlackoutExposure implements Omit<entityTypes.Exposure, 'recording'> {
  @Field(() => DateTime, { description: 'The start time.' })
  readonly startsAt: string;

  @Field(() => DateTime, { nullable: true, description: 'The end time; null while the recording is in progress.' })
  readonly endsAt: string | null;

  constructor(
    readonly entity: entityTypes.Exposure,
    readonly sourceName: string,
  ) {
    this.startsAt = entity.startsAt;
    this.endsAt = entity.endsAt;
  }

  @Field(() => Duration, { nullable: true, description: 'The length, to the millisecond; null while the recording is in progress.' })
  get duration(): number | null {
    return this.endsAt === null ? null : Date.parse(this.endsAt) - Date.parse(this.startsAt);
  }
}

@ObjectType('BlackoutWarningEntry', { simpleResolvers: true, description: 'One warning about a blackout.' })
class BlackoutWarningEntry implements entityTypes.BlackoutWarningEntry {
  @Field(() => BlackoutWarning, { description: 'The kind of warning.' })
  warning!: enums.BlackoutWarning;

  @Field(() => DateTime, { description: 'The time of the warning.' })
  at!: string;
}

@Directive('@key(fields: "id")')
@Directive('@requiresScopes(scopes: [["agents:read"]])')
@ObjectType('Blackout', {
  simpleResolvers: true,
  implements: Node,
  description:
    'A period in which nothing that an agent says or shows is recorded. It belongs to the agent, not to a call: transfers and new calls do not end it. It ends when it is stopped or at its deadline.',
})
export class Blackout
  implements Pick<entityTypes.Blackout, 'state' | 'confirmation' | 'support' | 'reason' | 'note' | 'requestedBy' | 'warnings'>
{
  @Field(() => BlackoutState, { description: 'The current state.' })
  readonly state: enums.BlackoutState;

  @Field(() => Confirmation, { description: 'How well it is known that the blackout is in force.' })
  readonly confirmation: enums.Confirmation;

  @Field(() => Support, { description: 'How the source supports it.' })
  readonly support: enums.Support;

  @Field(() => BlackoutReason, { description: 'The reason for the blackout.' })
  readonly reason: enums.BlackoutReason;

  @Field(() => String, { nullable: true, description: "The caller's note." })
  readonly note: string | null;

  @Field(() => String, { description: 'The name of the caller.' })
  readonly requestedBy: string;

  @Field(() => DateTime, { description: 'The time of the request.' })
  readonly requestedAt: string;

  @Field(() => DateTime, { description: 'The start time.' })
  readonly startsAt: string;

  @Field(() => DateTime, { nullable: true, description: 'The requested stop time; null if there is none.' })
  readonly stopsAt: string | null;

  @Field(() => DateTime, {
    description: 'The time at which the server stops the blackout by itself, so that a forgotten stop does not lose a day of recordings.',
  })
  readonly deadline: string;

  @Field(() => DateTime, { nullable: true, description: 'The end time.' })
  readonly endedAt: string | null;

  @Field(() => BlackoutEnd, { nullable: true, description: 'The actor that ended it.' })
  readonly endedBy: enums.BlackoutEnd | null;

  @Field(() => [BlackoutWarningEntry], { description: 'All warnings about the blackout, oldest first.' })
  readonly warnings: readonly entityTypes.BlackoutWarningEntry[];

  @Field(() => RecordingSource, { description: 'The source of the agent.' })
  readonly source: RecordingSource;

  /** `entity` is what the caller may see of the blackout; `source` is where its agent is known. */
  constructor(
    readonly entity: entityTypes.Blackout,
    source: RecordingSource,
  ) {
    this.state = entity.state;
    this.confirmation = entity.confirmation;
    this.support = entity.support;
    this.reason = entity.reason;
    this.note = entity.note;
    this.requestedBy = entity.requestedBy;
    this.requestedAt = entity.requestedAt;
    this.startsAt = entity.startsAt;
    this.stopsAt = entity.stopsAt;
    this.deadline = entity.deadline;
    this.endedAt = entity.endedAt;
    this.endedBy = entity.endedBy;
    this.warnings = entity.warnings;
    this.source = source;
  }

  get __typename(): 'Blackout' {
    return 'Blackout';
  }

  @Field(() => ID, { description: 'Global id; opaque.' })
  get id(): string {
    return nodeId('Blackout', this.entity.id);
  }

  @Field(() => [BlackoutExposure], { description: 'The periods in which a recording could contain what was said or shown.' })
  get exposures(): readonly BlackoutExposure[] {
    return this.entity.exposures.map((exposure) => new BlackoutExposure(exposure, this.entity.source));
  }
}

export const BlackoutConnection = connectionClasses<Blackout>('Blackout', () => Blackout, { sourceErrors: false });
