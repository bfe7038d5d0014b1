import { Field, ID, InterfaceType, ObjectType } from 'type-graphql';
import type * as enums from '../domain/model/enums.ts';
import type { EntityType } from '../domain/model/events.ts';
import type { StreamEvent } from '../domain/stream/snapshot-then-events.ts';
import { Agent } from './agent.ts';
import { Blackout } from './blackout.ts';
import { Call } from './call.ts';
import { AgentStatus, BlackoutState, BlackoutWarning, CallState, RecordingState } from './enums.ts';
import { Recording } from './recording.ts';
import { DateTime } from './scalars.ts';
import type { View } from './view.ts';

@InterfaceType('LiveEvent', {
  description: 'The fields of every event of a stream. To resume without loss, use `position` or `id` as `after`.',
})
abstract class LiveEvent {
  @Field(() => ID, { description: 'The id of the event. Use it or `position` as `after` to resume.' })
  readonly id: string;

  @Field(() => ID, {
    description: 'The position in the event log. Use the last one as `after` to resume. All events of a snapshot have the same position.',
  })
  readonly position: string;

  @Field(() => DateTime, { description: 'The time at which the event was stored; for a snapshot, the time of the snapshot.' })
  readonly at: string;

  @Field(() => Boolean, { description: 'True for an event of the snapshot, false for a change.' })
  readonly snapshot: boolean;

  @Field(() => Boolean, { description: 'True if the stream could not resume at `after`. Events may be missing.' })
  readonly gap: boolean;

  constructor(event: StreamEvent<EntityType>) {
    this.id = event.id;
    this.position = event.position;
    this.at = event.at;
    this.snapshot = event.snapshot;
    this.gap = event.gap;
  }
}

@ObjectType('AgentEvent', {
  simpleResolvers: true,
  implements: LiveEvent,
  description: 'The current state of an agent, or a change of it.',
})
export class AgentEvent extends LiveEvent {
  @Field(() => Agent, { description: 'The agent.' })
  readonly agent: Agent;

  @Field(() => AgentStatus, { nullable: true, description: 'The status before; null if it is unknown.' })
  readonly previousStatus: enums.AgentStatus | null;

  constructor(event: StreamEvent<'agent'>, show: View) {
    super(event);
    this.agent = show.agent(event.row);
    this.previousStatus = event.previous;
  }
}

@ObjectType('CallEvent', { simpleResolvers: true, implements: LiveEvent, description: 'The current state of a call, or a change of it.' })
export class CallEvent extends LiveEvent {
  @Field(() => Call, { description: 'The call.' })
  readonly call: Call;

  @Field(() => CallState, { nullable: true, description: 'The state before; null if it is unknown.' })
  readonly previousState: enums.CallState | null;

  constructor(event: StreamEvent<'call'>, show: View) {
    super(event);
    this.call = show.call(event.row);
    this.previousState = event.previous;
  }
}

@ObjectType('RecordingEvent', {
  simpleResolvers: true,
  implements: LiveEvent,
  description: 'The current state of a recording, or a change of it.',
})
export class RecordingEvent extends LiveEvent {
  @Field(() => Recording, { description: 'The recording.' })
  readonly recording: Recording;

  @Field(() => RecordingState, { nullable: true, description: 'The state before; null if it is unknown.' })
  readonly previousState: enums.RecordingState | null;

  constructor(event: StreamEvent<'recording'>, show: View) {
    super(event);
    this.recording = show.recording(event.row);
    this.previousState = event.previous;
  }
}

@ObjectType('BlackoutEvent', {
  simpleResolvers: true,
  implements: LiveEvent,
  description: 'The current state of a blackout, a change of it, or a warning.',
})
export class BlackoutEvent extends LiveEvent {
  @Field(() => Blackout, { description: 'The blackout.' })
  readonly blackout: Blackout;

  @Field(() => BlackoutState, { nullable: true, description: 'The state before; null for a new blackout.' })
  readonly previousState: enums.BlackoutState | null;

  @Field(() => BlackoutWarning, { nullable: true, description: 'The warning; null for a change.' })
  readonly warning: enums.BlackoutWarning | null;

  constructor(event: StreamEvent<'blackout'>, show: View) {
    super(event);
    this.blackout = show.blackout(event.row);
    this.previousState = event.previous;
    this.warning = event.warning;
  }
}
