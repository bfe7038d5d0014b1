/** Filters, as clients give them and as the domain takes them. */
import { Directive, Field, ID, InputType } from 'type-graphql';
import type { SourceKey } from '../domain/model/entities.ts';
import type * as words from '../domain/model/enums.ts';
import { parseNodeId, requireKeyId } from '../domain/model/ids.ts';
import {
  AgentIdentifier,
  AgentStatus,
  BlackoutState,
  CallState,
  CommandStatus,
  Party,
  RecorderOperation,
  RecordingKind,
  RecordingState,
  Vendor,
} from './enums.ts';
import { DateTime } from './scalars.ts';

const sourcesText = 'Names of sources; all within reach when absent.';

@InputType('AgentKey', { description: 'An identifier that the vendor knows, within a source.' })
export class AgentKey {
  @Field(() => String, { description: 'Name of the source.' })
  source!: string;

  @Field(() => AgentIdentifier, { description: 'Which identifier `value` is; a source takes those its vendor knows.' })
  identifier!: words.AgentIdentifier;

  @Field(() => String, { description: 'The identifier itself. Example: `5003`.' })
  value!: string;
}

@Directive('@oneOf')
@InputType('AgentRef', {
  description: 'Names one agent: by global id, or by an identifier the vendor knows, within a source. Exactly one of the two.',
})
export class AgentRef {
  @Field(() => ID, { nullable: true, description: 'Agent.id.' })
  id?: string | null;

  @Field(() => AgentKey, { nullable: true, description: 'An identifier that the vendor knows.' })
  key?: AgentKey | null;
}

@InputType('AgentFilter', { description: 'Which agents; every condition given must hold.' })
export class AgentFilter {
  @Field(() => [String], { nullable: true, description: sourcesText })
  sources?: string[] | null;

  @Field(() => [Vendor], { nullable: true, description: 'Makes of recording system.' })
  vendors?: string[] | null;

  @Field(() => [AgentStatus], { nullable: true, description: 'One of these statuses.' })
  statuses?: words.AgentStatus[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether the agent has an active call.' })
  onCall?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether a blackout of the agent is in force.' })
  blackedOut?: boolean | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Part of a name, user name, number or external id, in any case. Names, user names and numbers are searched with `pii:read` only.',
  })
  search?: string | null;
}

@InputType('CallFilter', { description: 'Which calls; every condition given must hold.' })
export class CallFilter {
  @Field(() => [String], { nullable: true, description: sourcesText })
  sources?: string[] | null;

  @Field(() => [CallState], { nullable: true, description: 'One of these states.' })
  states?: words.CallState[] | null;

  @Field(() => ID, { nullable: true, description: 'Agent.id of an agent in the call.' })
  agent?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Started at this time or later.' })
  startedAfter?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Started before this time.' })
  startedBefore?: string | null;

  @Field(() => String, { nullable: true, description: 'A number of either side; `+45…` and `0045…` find each other. Needs `pii:read`.' })
  number?: string | null;

  @Field(() => String, { nullable: true, description: 'Name of the queue, exactly as Call.queue has it.' })
  queue?: string | null;
}

@InputType('RecordingFilter', { description: 'Which recordings; every condition given must hold.' })
export class RecordingFilter {
  @Field(() => [String], { nullable: true, description: sourcesText })
  sources?: string[] | null;

  @Field(() => [RecordingKind], { nullable: true, description: 'One of these kinds.' })
  kinds?: words.RecordingKind[] | null;

  @Field(() => [RecordingState], { nullable: true, description: 'One of these states.' })
  states?: words.RecordingState[] | null;

  @Field(() => ID, { nullable: true, description: 'Agent.id of the recorded agent.' })
  agent?: string | null;

  @Field(() => ID, { nullable: true, description: 'Call.id of the recorded call.' })
  call?: string | null;

  @Field(() => Party, { nullable: true, description: 'Whose voice the track carries.' })
  party?: words.Party | null;

  @Field(() => DateTime, { nullable: true, description: 'Started at this time or later.' })
  startedAfter?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Started before this time.' })
  startedBefore?: string | null;

  @Field(() => String, { nullable: true, description: 'A number of the recorded call or endpoint. Needs `pii:read`.' })
  number?: string | null;

  @Field(() => String, { nullable: true, description: "Name of the recorded call's queue, exactly as Call.queue has it." })
  queue?: string | null;
}

@InputType('BlackoutFilter', { description: 'Which blackouts; every condition given must hold.' })
export class BlackoutFilter {
  @Field(() => [String], { nullable: true, description: sourcesText })
  sources?: string[] | null;

  @Field(() => [BlackoutState], { nullable: true, description: 'One of these states.' })
  states?: words.BlackoutState[] | null;

  @Field(() => ID, { nullable: true, description: 'Agent.id.' })
  agent?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Started at this time or later.' })
  startedAfter?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Started before this time.' })
  startedBefore?: string | null;
}

@InputType('CommandFilter', { description: 'Which rows of the ledger; every condition given must hold.' })
export class CommandFilter {
  @Field(() => [String], { nullable: true, description: sourcesText })
  sources?: string[] | null;

  @Field(() => [RecorderOperation], { nullable: true, description: 'One of these operations.' })
  operations?: words.Operation[] | null;

  @Field(() => [CommandStatus], { nullable: true, description: 'One of these statuses.' })
  statuses?: words.CommandStatus[] | null;

  @Field(() => ID, { nullable: true, description: 'Agent.id.' })
  agent?: string | null;

  @Field(() => String, { nullable: true, description: 'Name of the caller who asked.' })
  requestedBy?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Asked at this time or later.' })
  requestedAfter?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Asked before this time.' })
  requestedBefore?: string | null;
}

/** Rows that concern no agent answer with one whose external id is empty: nothing of theirs is found. */
const agentOf = (id: string): SourceKey => {
  const parsed = parseNodeId(id);
  const isNobody = parsed?.type === 'Agent' && parsed.rest.endsWith(':') && parsed.rest.indexOf(':') === parsed.rest.length - 1;
  return isNobody ? { source: parsed.rest.slice(0, -1), externalId: '' } : requireKeyId('Agent', id, 'filter.agent');
};

/** Turns the global ids of a filter into keys. Throws INVALID_INPUT for what is no id of its type. */
export const keyFilter = <F extends { agent?: string | null; call?: string | null }>(filter: F | null | undefined) => {
  const { agent, call, ...rest } = filter ?? ({} as F);
  return {
    ...rest,
    agent: agent == null ? undefined : agentOf(agent),
    call: call == null ? undefined : requireKeyId('Call', call, 'filter.call'),
  };
};
