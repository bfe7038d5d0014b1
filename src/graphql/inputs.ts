/** Filters, as clients give them and as the domain takes them. */
import { Directive, Field, ID, InputType } from 'type-graphql';
import type { SourceKey } from '../domain/model/entities.ts';
import type * as enums from '../domain/model/enums.ts';
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

const sourcesText = 'Names of sources. Default: all sources that the caller can use.';

@InputType('AgentKey', { description: 'An identifier of the vendor within a source.' })
export class AgentKey {
  @Field(() => String, { description: 'The name of the source.' })
  source!: string;

  @Field(() => AgentIdentifier, { description: 'The kind of identifier. A source accepts the kinds that its vendor knows.' })
  identifier!: enums.AgentIdentifier;

  @Field(() => String, { description: 'The value of the identifier. Example: `5003`.' })
  value!: string;
}

@Directive('@oneOf')
@InputType('AgentRef', {
  description: 'Names an agent by global id or by an identifier of the vendor. Give exactly one of the two.',
})
export class AgentRef {
  @Field(() => ID, { nullable: true, description: 'Agent.id.' })
  id?: string | null;

  @Field(() => AgentKey, { nullable: true, description: 'An identifier of the vendor.' })
  key?: AgentKey | null;
}

@InputType('AgentFilter', { description: 'Selects agents that meet every given condition.' })
export class AgentFilter {
  @Field(() => [String], { nullable: true, description: sourcesText })
  sources?: string[] | null;

  @Field(() => [Vendor], { nullable: true, description: 'Vendors of recorders.' })
  vendors?: string[] | null;

  @Field(() => [AgentStatus], { nullable: true, description: 'One of these statuses.' })
  statuses?: enums.AgentStatus[] | null;

  @Field(() => Boolean, { nullable: true, description: 'True: agents with an active call. False: agents without one.' })
  onCall?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'True: agents with a blackout in force. False: agents without one.' })
  blackedOut?: boolean | null;

  @Field(() => String, {
    nullable: true,
    description:
      'A part of a name, user name, number or external id; case-insensitive. Without `pii:read`, only external ids and business units are searched.',
  })
  search?: string | null;
}

@InputType('CallFilter', { description: 'Selects calls that meet every given condition.' })
export class CallFilter {
  @Field(() => [String], { nullable: true, description: sourcesText })
  sources?: string[] | null;

  @Field(() => [CallState], { nullable: true, description: 'One of these states.' })
  states?: enums.CallState[] | null;

  @Field(() => ID, { nullable: true, description: 'Agent.id of an agent on the call.' })
  agent?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Only items that started at this time or later.' })
  startedAfter?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Only items that started before this time.' })
  startedBefore?: string | null;

  @Field(() => String, { nullable: true, description: 'A phone number of either party; `+45…` and `0045…` are equal. Needs `pii:read`.' })
  number?: string | null;

  @Field(() => String, { nullable: true, description: 'The queue, exactly as in Call.queue. One that holds a number needs `pii:read`.' })
  queue?: string | null;
}

@InputType('RecordingFilter', { description: 'Selects recordings that meet every given condition.' })
export class RecordingFilter {
  @Field(() => [String], { nullable: true, description: sourcesText })
  sources?: string[] | null;

  @Field(() => [RecordingKind], { nullable: true, description: 'One of these kinds.' })
  kinds?: enums.RecordingKind[] | null;

  @Field(() => [RecordingState], { nullable: true, description: 'One of these states.' })
  states?: enums.RecordingState[] | null;

  @Field(() => ID, { nullable: true, description: 'Agent.id of the recorded agent.' })
  agent?: string | null;

  @Field(() => ID, { nullable: true, description: 'Call.id of the recorded call.' })
  call?: string | null;

  @Field(() => Party, { nullable: true, description: 'The party whose voice is recorded.' })
  party?: enums.Party | null;

  @Field(() => DateTime, { nullable: true, description: 'Only items that started at this time or later.' })
  startedAfter?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Only items that started before this time.' })
  startedBefore?: string | null;

  @Field(() => String, { nullable: true, description: 'A phone number of the recorded call or endpoint. Needs `pii:read`.' })
  number?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The queue of the recorded call, exactly as in Call.queue. One that holds a number needs `pii:read`.',
  })
  queue?: string | null;
}

@InputType('BlackoutFilter', { description: 'Selects blackouts that meet every given condition.' })
export class BlackoutFilter {
  @Field(() => [String], { nullable: true, description: sourcesText })
  sources?: string[] | null;

  @Field(() => [BlackoutState], { nullable: true, description: 'One of these states.' })
  states?: enums.BlackoutState[] | null;

  @Field(() => ID, { nullable: true, description: 'Agent.id.' })
  agent?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Only items that started at this time or later.' })
  startedAfter?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Only items that started before this time.' })
  startedBefore?: string | null;
}

@InputType('CommandFilter', { description: 'Selects rows of the ledger that meet every given condition.' })
export class CommandFilter {
  @Field(() => [String], { nullable: true, description: sourcesText })
  sources?: string[] | null;

  @Field(() => [RecorderOperation], { nullable: true, description: 'One of these operations.' })
  operations?: enums.Operation[] | null;

  @Field(() => [CommandStatus], { nullable: true, description: 'One of these statuses.' })
  statuses?: enums.CommandStatus[] | null;

  @Field(() => ID, { nullable: true, description: 'Agent.id.' })
  agent?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The name of the caller. One that is an address or a phone number needs `pii:read`, unless it is your own.',
  })
  requestedBy?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Only commands that were requested at this time or later.' })
  requestedAfter?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Only commands that were requested before this time.' })
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
