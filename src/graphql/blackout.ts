import { Directive, Field, ID, ObjectType } from 'type-graphql';
import type * as entityTypes from '../domain/model/entities.ts';
import type * as words from '../domain/model/enums.ts';
import { nodeId } from '../domain/model/ids.ts';
import { connectionClasses } from './connection.ts';
import { BlackoutEnd, BlackoutReason, BlackoutState, BlackoutWarning, Confirmation, Support } from './enums.ts';
import { Node } from './node.ts';
import { DateTime, Duration } from './scalars.ts';
import { RecordingSource } from './source.ts';

@ObjectType('BlackoutExposure', {
  simpleResolvers: true,
  description:
    "A stretch in which something ran that could hold what was said or shown, by the vendor's own times where they are known: a recording that the platform started, one that stopped late, video, or another agent's recording of the same call.",
})
export class BlackoutExposure implements Omit<entityTypes.Exposure, 'recording'> {
  @Field(() => DateTime, { description: 'When it began.' })
  readonly startsAt: string;

  @Field(() => DateTime, { nullable: true, description: 'When it ended; null while it runs.' })
  readonly endsAt: string | null;

  constructor(
    readonly entity: entityTypes.Exposure,
    readonly sourceName: string,
  ) {
    this.startsAt = entity.startsAt;
    this.endsAt = entity.endsAt;
  }

  @Field(() => Duration, { nullable: true, description: 'How long it ran, to the millisecond; null while it runs.' })
  get duration(): number | null {
    return this.endsAt === null ? null : Date.parse(this.endsAt) - Date.parse(this.startsAt);
  }
}

@ObjectType('BlackoutWarningEntry', { simpleResolvers: true, description: 'One thing that was warned of.' })
export class BlackoutWarningEntry implements entityTypes.BlackoutWarningEntry {
  @Field(() => BlackoutWarning, { description: 'What needs a look.' })
  warning!: words.BlackoutWarning;

  @Field(() => DateTime, { description: 'When it was raised.' })
  at!: string;
}

@Directive('@key(fields: "id")')
@Directive('@requiresScopes(scopes: [["agents:read"]])')
@ObjectType('Blackout', {
  simpleResolvers: true,
  implements: Node,
  description:
    'A stretch of time in which nothing an agent says or shows is recorded. It belongs to the agent, not to a call: it outlives transfers and call changes until it is stopped or its deadline passes.',
})
export class Blackout
  implements Pick<entityTypes.Blackout, 'state' | 'confirmation' | 'support' | 'reason' | 'note' | 'requestedBy' | 'warnings'>
{
  @Field(() => BlackoutState, { description: 'Where it stands.' })
  readonly state: words.BlackoutState;

  @Field(() => Confirmation, { description: 'How sure it is that it is in force.' })
  readonly confirmation: words.Confirmation;

  @Field(() => Support, { description: 'How the source does it.' })
  readonly support: words.Support;

  @Field(() => BlackoutReason, { description: 'Why it was asked for.' })
  readonly reason: words.BlackoutReason;

  @Field(() => String, { nullable: true, description: 'What the caller noted.' })
  readonly note: string | null;

  @Field(() => String, { description: 'Name of the caller who asked.' })
  readonly requestedBy: string;

  @Field(() => DateTime, { description: 'When it was asked for.' })
  readonly requestedAt: string;

  @Field(() => DateTime, { description: 'When it starts or started.' })
  readonly startsAt: string;

  @Field(() => DateTime, { nullable: true, description: 'When it is to stop, where a stop time was given.' })
  readonly stopsAt: string | null;

  @Field(() => DateTime, {
    description: 'When it is stopped without anyone asking, so that a forgotten stop cannot lose a day of recordings.',
  })
  readonly deadline: string;

  @Field(() => DateTime, { nullable: true, description: 'When it ended.' })
  readonly endedAt: string | null;

  @Field(() => BlackoutEnd, { nullable: true, description: 'Who or what ended it.' })
  readonly endedBy: words.BlackoutEnd | null;

  @Field(() => [BlackoutWarningEntry], { description: 'Everything that was warned of, oldest first; also in snapshots.' })
  readonly warnings: readonly entityTypes.BlackoutWarningEntry[];

  @Field(() => RecordingSource, { description: 'Where the agent is known.' })
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

  @Field(() => ID, { description: 'Global id, opaque.' })
  get id(): string {
    return nodeId('Blackout', this.entity.id);
  }

  @Field(() => [BlackoutExposure], { description: 'Stretches in which something ran that could hold what was said or shown.' })
  get exposures(): readonly BlackoutExposure[] {
    return this.entity.exposures.map((exposure) => new BlackoutExposure(exposure, this.entity.source));
  }
}

export const BlackoutConnection = connectionClasses<Blackout>('Blackout', () => Blackout, { sourceErrors: false });
