import { Field, InputType } from 'type-graphql';
import type * as entityTypes from '../domain/model/entities.ts';
import type * as enums from '../domain/model/enums.ts';
import { BlackoutReason, RecordingKind, RecordMode } from './enums.ts';
import { AgentRef } from './inputs.ts';
import { DateTime, Duration } from './scalars.ts';

const keyText =
  "The caller's own key. If the same request is sent again with the same key, the first answer is returned and nothing is done a second time.";
const kindText = 'AUDIO or SCREEN.';
const kindOptions = { nullable: true, defaultValue: 'AUDIO', description: kindText } as const;

@InputType('MetadataEntryInput', { description: 'A key and a value to write.' })
class MetadataEntryInput implements entityTypes.MetadataEntry {
  @Field(() => String, { description: 'A metadata key of the vendor. Example: `user1`.' })
  key!: string;

  @Field(() => String, { description: 'The value, as text; at most 1,000 characters.' })
  value!: string;
}

@InputType('StartRecordingInput', { description: 'Starts a recording of an agent.' })
export class StartRecordingInput {
  @Field(() => AgentRef, { description: 'The agent to record.' })
  agent!: AgentRef;

  @Field(() => RecordingKind, kindOptions)
  kind?: enums.RecordingKind | null;

  @Field(() => [MetadataEntryInput], { nullable: true, description: 'Metadata to write to the recording.' })
  metadata?: MetadataEntryInput[] | null;

  @Field(() => String, {
    nullable: true,
    description:
      "The file name, if the vendor accepts one. It becomes the recording's identifier, which is not masked: write no person's number into it.",
  })
  fileName?: string | null;

  @Field(() => RecordMode, { nullable: true, defaultValue: 'OVERWRITE', description: 'How to treat a file that exists.' })
  mode?: enums.RecordMode | null;

  @Field(() => String, { nullable: true, description: keyText })
  idempotencyKey?: string | null;
}

@InputType('StopRecordingInput', { description: 'Stops the recording of an agent.' })
export class StopRecordingInput {
  @Field(() => AgentRef, { description: 'The recorded agent.' })
  agent!: AgentRef;

  @Field(() => RecordingKind, kindOptions)
  kind?: enums.RecordingKind | null;

  @Field(() => [MetadataEntryInput], {
    nullable: true,
    description: 'Metadata to write to the recording when it stops, if the vendor accepts it.',
  })
  metadata?: MetadataEntryInput[] | null;

  @Field(() => String, { nullable: true, description: keyText })
  idempotencyKey?: string | null;
}

@InputType('UpdateRecordingInput', { description: 'Writes metadata to the recording in progress. Other keys remain unchanged.' })
export class UpdateRecordingInput {
  @Field(() => AgentRef, { description: 'The recorded agent.' })
  agent!: AgentRef;

  @Field(() => RecordingKind, kindOptions)
  kind?: enums.RecordingKind | null;

  @Field(() => [MetadataEntryInput], { description: 'The metadata to write.' })
  metadata!: MetadataEntryInput[];

  @Field(() => String, { nullable: true, description: keyText })
  idempotencyKey?: string | null;
}

@InputType('DuplicateRecordingInput', { description: 'Starts or stops a second recording of a call.' })
export class DuplicateRecordingInput {
  @Field(() => AgentRef, { description: 'The agent on the call.' })
  agent!: AgentRef;

  @Field(() => String, { nullable: true, description: "The vendor's id of a held or parked call. Default: the active call." })
  call?: string | null;

  @Field(() => String, { nullable: true, description: keyText })
  idempotencyKey?: string | null;
}

@InputType('StartBlackoutInput', {
  description:
    'Starts a blackout. If startAt is given, offset is ignored. offset counts from the receipt of the request. Without both, the blackout starts now.',
})
export class StartBlackoutInput {
  @Field(() => AgentRef, { description: 'The recorded agent.' })
  agent!: AgentRef;

  @Field(() => DateTime, { nullable: true, description: 'The start time.' })
  startAt?: string | null;

  @Field(() => Duration, { nullable: true, description: 'The time from now to the start; negative for a start in the past.' })
  offset?: number | null;

  @Field(() => Duration, { nullable: true, description: "The longest duration; limited by the source's own maximum." })
  maxDuration?: number | null;

  @Field(() => BlackoutReason, { nullable: true, defaultValue: 'OTHER', description: 'The reason for the blackout.' })
  reason?: enums.BlackoutReason | null;

  @Field(() => String, {
    nullable: true,
    description: 'A note for the audit trail, at most 500 characters. A note that may contain a card number is refused.',
  })
  note?: string | null;

  @Field(() => String, { nullable: true, description: keyText })
  idempotencyKey?: string | null;
}

@InputType('RenewBlackoutInput', {
  description:
    "Sends the start again, in case the recorder lost it, and moves the deadline to maxDuration from now (default: the source's maximum).",
})
export class RenewBlackoutInput {
  @Field(() => AgentRef, { description: 'The agent of the blackout.' })
  agent!: AgentRef;

  @Field(() => Duration, { nullable: true, description: "The longest duration from now; limited by the source's own maximum." })
  maxDuration?: number | null;

  @Field(() => String, { nullable: true, description: keyText })
  idempotencyKey?: string | null;
}

@InputType('StopBlackoutInput', {
  description: 'Stops a blackout. If stopAt is given, offset is ignored. Without both, the blackout stops now.',
})
export class StopBlackoutInput {
  @Field(() => AgentRef, { description: 'The agent of the blackout.' })
  agent!: AgentRef;

  @Field(() => DateTime, { nullable: true, description: 'The stop time.' })
  stopAt?: string | null;

  @Field(() => Duration, { nullable: true, description: 'The time from now to the stop.' })
  offset?: number | null;

  @Field(() => String, { nullable: true, description: keyText })
  idempotencyKey?: string | null;
}

@InputType('SignInAgentInput', { description: 'Signs an agent in to the recording system.' })
export class SignInAgentInput {
  @Field(() => AgentRef, { description: 'The agent to sign in.' })
  agent!: AgentRef;

  @Field(() => String, { nullable: true, description: 'The phone to use. Default: the configured phone.' })
  phone?: string | null;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: "True: end the agent's session at another client." })
  force?: boolean | null;

  @Field(() => String, { nullable: true, description: keyText })
  idempotencyKey?: string | null;
}

@InputType('SignOutAgentInput', { description: 'Signs an agent out.' })
export class SignOutAgentInput {
  @Field(() => AgentRef, { description: 'The agent to sign out.' })
  agent!: AgentRef;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: 'True: also sign out an agent that another client signed in.' })
  force?: boolean | null;

  @Field(() => String, { nullable: true, description: keyText })
  idempotencyKey?: string | null;
}
