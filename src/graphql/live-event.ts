import { Field, ID, InterfaceType, ObjectType } from 'type-graphql';
import type * as entityTypes from '../domain/model/entities.ts';
import type * as words from '../domain/model/enums.ts';
import type { StreamEvent } from '../domain/stream/snapshot-then-events.ts';
import { Agent } from './agent.ts';
import { Blackout } from './blackout.ts';
import { Call } from './call.ts';
import { AgentStatus, BlackoutState, BlackoutWarning, CallState, RecordingState } from './enums.ts';
import { Recording } from './recording.ts';
import { DateTime } from './scalars.ts';
import type { View } from './view.ts';

@InterfaceType('LiveEvent', {
  description:
    'What every live event carries. id is unique to the event and what it tells of; position, or the id, given back as after, resumes the stream without loss.',
})
export abstract class LiveEvent {
  @Field(() => ID, { description: 'Unique to the event and what it tells of; it may be given back as `after`, as position may.' })
  readonly id: string;

  @Field(() => ID, { description: 'Position in the event log; give the last one back as `after`. Those of a snapshot share one.' })
  readonly position: string;

  @Field(() => DateTime, { description: 'When it was recorded here; on a snapshot when that was taken.' })
  readonly at: string;

  @Field(() => Boolean, { description: 'True where it tells what is, not what has changed.' })
  readonly snapshot: boolean;

  @Field(() => Boolean, { description: 'True where `after` could not be resumed, so that events may have been missed.' })
  readonly gap: boolean;

  constructor(event: StreamEvent<unknown>) {
    this.id = event.id;
    this.position = event.position;
    this.at = event.at;
    this.snapshot = event.snapshot;
    this.gap = event.gap;
  }
}

@ObjectType('AgentEvent', { simpleResolvers: true, implements: LiveEvent, description: 'An agent, as it is or has become.' })
export class AgentEvent extends LiveEvent {
  @Field(() => Agent, { description: 'The agent.' })
  readonly agent: Agent;

  @Field(() => AgentStatus, { nullable: true, description: 'The status before; null where it was not known.' })
  readonly previousStatus: words.AgentStatus | null;

  constructor(event: StreamEvent<entityTypes.Agent>, show: View) {
    super(event);
    this.agent = show.agent(event.row);
    this.previousStatus = event.previous as words.AgentStatus | null;
  }
}

@ObjectType('CallEvent', { simpleResolvers: true, implements: LiveEvent, description: 'A call, as it is or has become.' })
export class CallEvent extends LiveEvent {
  @Field(() => Call, { description: 'The call.' })
  readonly call: Call;

  @Field(() => CallState, { nullable: true, description: 'The state before; null where it was not known.' })
  readonly previousState: words.CallState | null;

  constructor(event: StreamEvent<entityTypes.Call>, show: View) {
    super(event);
    this.call = show.call(event.row);
    this.previousState = event.previous as words.CallState | null;
  }
}

@ObjectType('RecordingEvent', { simpleResolvers: true, implements: LiveEvent, description: 'A recording, as it is or has become.' })
export class RecordingEvent extends LiveEvent {
  @Field(() => Recording, { description: 'The recording.' })
  readonly recording: Recording;

  @Field(() => RecordingState, { nullable: true, description: 'The state before; null where it was not known.' })
  readonly previousState: words.RecordingState | null;

  constructor(event: StreamEvent<entityTypes.Recording>, show: View) {
    super(event);
    this.recording = show.recording(event.row);
    this.previousState = event.previous as words.RecordingState | null;
  }
}

@ObjectType('BlackoutEvent', { simpleResolvers: true, implements: LiveEvent, description: 'A blackout, as it is or has become.' })
export class BlackoutEvent extends LiveEvent {
  @Field(() => Blackout, { description: 'The blackout.' })
  readonly blackout: Blackout;

  @Field(() => BlackoutState, { nullable: true, description: 'The state before; null where it is new.' })
  readonly previousState: words.BlackoutState | null;

  @Field(() => BlackoutWarning, { nullable: true, description: 'What needs a look; null where the event is a change.' })
  readonly warning: words.BlackoutWarning | null;

  constructor(event: StreamEvent<entityTypes.Blackout>, show: View) {
    super(event);
    this.blackout = show.blackout(event.row);
    this.previousState = event.previous as words.BlackoutState | null;
    this.warning = event.warning;
  }
}
