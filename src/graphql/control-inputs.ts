import { Field, InputType } from 'type-graphql';
import type * as entityTypes from '../domain/model/entities.ts';
import type * as words from '../domain/model/enums.ts';
import { BlackoutReason, RecordingKind, RecordMode } from './enums.ts';
import { AgentRef } from './inputs.ts';
import { DateTime, Duration } from './scalars.ts';

const keyText = "The caller's own key: the same key with the same input answers the first answer again, and does nothing a second time.";
const kindText = 'AUDIO or SCREEN.';
const kindOptions = { nullable: true, defaultValue: 'AUDIO', description: kindText } as const;

@InputType('MetadataEntryInput', { description: 'One entry to write.' })
export class MetadataEntryInput implements entityTypes.MetadataEntry {
  @Field(() => String, { description: 'A key that the vendor knows. Example: `user1`.' })
  key!: string;

  @Field(() => String, { description: 'The value; always text.' })
  value!: string;
}

@InputType('StartRecordingInput', { description: 'Starts a recording of an agent.' })
export class StartRecordingInput {
  @Field(() => AgentRef, { description: 'Whom to record.' })
  agent!: AgentRef;

  @Field(() => RecordingKind, kindOptions)
  kind?: words.RecordingKind | null;

  @Field(() => [MetadataEntryInput], { nullable: true, description: 'Written onto the recording.' })
  metadata?: MetadataEntryInput[] | null;

  @Field(() => String, { nullable: true, description: 'Name of the file, where the vendor lets it be chosen.' })
  fileName?: string | null;

  @Field(() => RecordMode, { nullable: true, defaultValue: 'OVERWRITE', description: 'What to do with a file that is there already.' })
  mode?: words.RecordMode | null;

  @Field(() => String, { nullable: true, description: keyText })
  idempotencyKey?: string | null;
}

@InputType('StopRecordingInput', { description: 'Stops the recording of an agent.' })
export class StopRecordingInput {
  @Field(() => AgentRef, { description: 'Whose recording.' })
  agent!: AgentRef;

  @Field(() => RecordingKind, kindOptions)
  kind?: words.RecordingKind | null;

  @Field(() => [MetadataEntryInput], { nullable: true, description: 'Written onto the recording as it ends, where the vendor takes that.' })
  metadata?: MetadataEntryInput[] | null;

  @Field(() => String, { nullable: true, description: keyText })
  idempotencyKey?: string | null;
}

@InputType('UpdateRecordingInput', { description: 'Writes metadata onto the recording in progress; what is not named stays.' })
export class UpdateRecordingInput {
  @Field(() => AgentRef, { description: 'Whose recording.' })
  agent!: AgentRef;

  @Field(() => RecordingKind, kindOptions)
  kind?: words.RecordingKind | null;

  @Field(() => [MetadataEntryInput], { description: 'What to write.' })
  metadata!: MetadataEntryInput[];

  @Field(() => String, { nullable: true, description: keyText })
  idempotencyKey?: string | null;
}

@InputType('DuplicateRecordingInput', { description: 'Starts or stops a second recording of a call.' })
export class DuplicateRecordingInput {
  @Field(() => AgentRef, { description: 'Whose call.' })
  agent!: AgentRef;

  @Field(() => String, { nullable: true, description: "The vendor's id of a call on hold or parked; the active call when absent." })
  call?: string | null;

  @Field(() => String, { nullable: true, description: keyText })
  idempotencyKey?: string | null;
}

@InputType('StartBlackoutInput', {
  description: 'startAt wins over offset; offset is counted from the moment this server receives the request; neither means now.',
})
export class StartBlackoutInput {
  @Field(() => AgentRef, { description: 'Whose recording.' })
  agent!: AgentRef;

  @Field(() => DateTime, { nullable: true, description: 'When to start.' })
  startAt?: string | null;

  @Field(() => Duration, { nullable: true, description: 'How long from now to start; a negative one lies in the past.' })
  offset?: number | null;

  @Field(() => Duration, { nullable: true, description: "The longest it may last; never more than the source's own limit." })
  maxDuration?: number | null;

  @Field(() => BlackoutReason, { nullable: true, defaultValue: 'OTHER', description: 'Why it is asked for.' })
  reason?: words.BlackoutReason | null;

  @Field(() => String, {
    nullable: true,
    description: 'A note for the audit log, of at most 500 characters. What may be a card number is refused: none belongs there.',
  })
  note?: string | null;

  @Field(() => String, { nullable: true, description: keyText })
  idempotencyKey?: string | null;
}

@InputType('RenewBlackoutInput', {
  description:
    "Sends the start again, for a recorder that may have lost it, and moves the deadline to maxDuration from now (the source's maximum when absent).",
})
export class RenewBlackoutInput {
  @Field(() => AgentRef, { description: 'Whose blackout.' })
  agent!: AgentRef;

  @Field(() => Duration, { nullable: true, description: "The longest it may last from now; never more than the source's own limit." })
  maxDuration?: number | null;

  @Field(() => String, { nullable: true, description: keyText })
  idempotencyKey?: string | null;
}

@InputType('StopBlackoutInput', { description: 'stopAt wins over offset; neither means now.' })
export class StopBlackoutInput {
  @Field(() => AgentRef, { description: 'Whose blackout.' })
  agent!: AgentRef;

  @Field(() => DateTime, { nullable: true, description: 'When to stop.' })
  stopAt?: string | null;

  @Field(() => Duration, { nullable: true, description: 'How long from now to stop.' })
  offset?: number | null;

  @Field(() => String, { nullable: true, description: keyText })
  idempotencyKey?: string | null;
}

@InputType('SignInAgentInput', { description: 'Signs an agent in to the recording system.' })
export class SignInAgentInput {
  @Field(() => AgentRef, { description: 'Whom to sign in.' })
  agent!: AgentRef;

  @Field(() => String, { nullable: true, description: 'The phone to use; the configured one when absent.' })
  phone?: string | null;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: "Whether to end the agent's session elsewhere." })
  force?: boolean | null;

  @Field(() => String, { nullable: true, description: keyText })
  idempotencyKey?: string | null;
}

@InputType('SignOutAgentInput', { description: 'Signs an agent out.' })
export class SignOutAgentInput {
  @Field(() => AgentRef, { description: 'Whom to sign out.' })
  agent!: AgentRef;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: 'Whether to sign out an agent whom another client signed in.' })
  force?: boolean | null;

  @Field(() => String, { nullable: true, description: keyText })
  idempotencyKey?: string | null;
}
