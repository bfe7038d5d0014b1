/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** Selects agents that meet every given condition. */
export type AgentFilter = {
  /** True: agents with a blackout in force. False: agents without one. */
  blackedOut?: boolean | null | undefined;
  /** True: agents with an active call. False: agents without one. */
  onCall?: boolean | null | undefined;
  /** A part of a name, user name, number or external id; case-insensitive. Without `pii:read`, only external ids and business units are searched. */
  search?: string | null | undefined;
  /** Names of sources. Default: all sources that the caller can use. At most 100, unless the server sets limits.listLength otherwise. */
  sources?: Array<string> | null | undefined;
  /** One of these statuses. At most 100, unless the server sets limits.listLength otherwise. */
  statuses?: Array<AgentStatus> | null | undefined;
  /** Vendors of recorders. At most 100, unless the server sets limits.listLength otherwise. */
  vendors?: Array<Vendor> | null | undefined;
};

/** The kinds of identifiers of agents. A source accepts the kinds that its vendor knows. */
export type AgentIdentifier =
  /** The CRM's user name. */
  | 'CRM_USERNAME'
  /** The e-mail address. */
  | 'EMAIL'
  /** The vendor's own id: Agent.externalId. */
  | 'ID'
  /** The extension or phone number. */
  | 'PHONE'
  /** The SIP address, such as `sip:lp1@company.local`. */
  | 'SIP_URI'
  /** The directory's id, a GUID. */
  | 'SYNC_ID'
  /** The operating system's user name. */
  | 'SYSTEM_USERNAME'
  /** The recorder's user name. */
  | 'USERNAME';

/** An identifier of the vendor within a source. */
export type AgentKey = {
  /** The kind of identifier. A source accepts the kinds that its vendor knows. */
  identifier: AgentIdentifier;
  /** The name of the source. */
  source: string;
  /** The value of the identifier. Example: `5003`. */
  value: string;
};

/** Names an agent by global id or by an identifier of the vendor. Give exactly one of the two. */
export type AgentRef =
  {   /** Agent.id. */
  id: string | number; key?: never; }
  |  { id?: never;   /** An identifier of the vendor. */
  key: AgentKey; };

/** The status of an agent, in terms that all vendors share. `vendorStatus` is the vendor's own term. */
export type AgentStatus =
  /** On a break. */
  | 'BREAK'
  /** Not available for calls. */
  | 'BUSY'
  /** Waiting for a call. */
  | 'IDLE'
  /** Signed out. */
  | 'OFFLINE'
  /** On a call. */
  | 'ON_CALL'
  /** On a call that is on hold. */
  | 'ON_HOLD'
  /** A call is being offered. */
  | 'RINGING'
  /** The vendor has not reported a status, or an unknown one. */
  | 'UNKNOWN'
  /** Finishing work after a call. */
  | 'WRAP_UP';

/** The actor that ended a blackout. */
export type BlackoutEnd =
  /** The deadline passed. */
  | 'DEADLINE'
  /** A call of stopBlackout. */
  | 'OPERATOR'
  /** A stop time that was given in advance. */
  | 'SCHEDULE'
  /** Another actor, observed in the vendor's events. */
  | 'VENDOR';

/** Selects blackouts that meet every given condition. */
export type BlackoutFilter = {
  /** Agent.id. */
  agent?: string | number | null | undefined;
  /** Names of sources. Default: all sources that the caller can use. At most 100, unless the server sets limits.listLength otherwise. */
  sources?: Array<string> | null | undefined;
  /** Only items that started at this time or later. */
  startedAfter?: string | null | undefined;
  /** Only items that started before this time. */
  startedBefore?: string | null | undefined;
  /** One of these states. At most 100, unless the server sets limits.listLength otherwise. */
  states?: Array<BlackoutState> | null | undefined;
};

/** The reason for a blackout. */
export type BlackoutReason =
  /** A card number is spoken. */
  | 'CARD_PAYMENT'
  /** Health information is spoken. */
  | 'HEALTH'
  /** Identity papers or passwords are spoken. */
  | 'IDENTITY'
  /** The law forbids recording. */
  | 'LEGAL'
  /** Another reason. Describe it in the note. */
  | 'OTHER';

/** The state of a blackout. */
export type BlackoutState =
  /** In force. `confirmation` says how well that is known. */
  | 'ACTIVE'
  /** Ended. */
  | 'ENDED'
  /** It was never in force. */
  | 'FAILED'
  /** It starts later. */
  | 'SCHEDULED'
  /** The stop was requested and is repeated until the vendor accepts it. */
  | 'STOPPING';

/** A warning about a blackout. */
export type BlackoutWarning =
  /** The deadline is near: a fifth of the time is left, but at least 15 seconds and at most half of it. */
  | 'DEADLINE_NEAR'
  /** A recording ran that could contain what was said, of this agent or of another agent on the call. */
  | 'EXPOSED'
  /** The recorder was away and may have forgotten the blackout. */
  | 'MASK_LOST'
  /** The vendor does not accept the stop. Evidence may be lost. */
  | 'STOP_FAILING'
  /** It was not confirmed within the configured time. The blackout may not be in force. */
  | 'UNCONFIRMED';

/** The direction of a call. */
export type CallDirection =
  /** From a customer. */
  | 'INBOUND'
  /** Between agents. */
  | 'INTERNAL'
  /** To a customer. */
  | 'OUTBOUND'
  /** The vendor has not reported it. */
  | 'UNKNOWN';

/** Selects calls that meet every given condition. */
export type CallFilter = {
  /** Agent.id of an agent on the call. */
  agent?: string | number | null | undefined;
  /** A phone number of either party; `+45…` and `0045…` are equal. Needs `pii:read`. */
  number?: string | null | undefined;
  /** The queue, exactly as in Call.queue. One that holds a number needs `pii:read`. */
  queue?: string | null | undefined;
  /** Names of sources. Default: all sources that the caller can use. At most 100, unless the server sets limits.listLength otherwise. */
  sources?: Array<string> | null | undefined;
  /** Only items that started at this time or later. */
  startedAfter?: string | null | undefined;
  /** Only items that started before this time. */
  startedBefore?: string | null | undefined;
  /** One of these states. At most 100, unless the server sets limits.listLength otherwise. */
  states?: Array<CallState> | null | undefined;
};

/** The state of a call. `vendorState` is the vendor's own term. */
export type CallState =
  /** Answered and in progress. */
  | 'ACTIVE'
  /** Ended. */
  | 'ENDED'
  /** Held or parked, or waiting for the end of a transfer. */
  | 'HELD'
  /** Ringing. */
  | 'RINGING'
  /** The vendor has not reported it. */
  | 'UNKNOWN';

/** The state of a circuit breaker. */
export type CircuitState =
  /** Calls are sent. */
  | 'CLOSED'
  /** One call is sent to test the vendor. */
  | 'HALF_OPEN'
  /** Calls fail at once, because the vendor failed several times in a row. */
  | 'OPEN';

/** Selects rows of the ledger that meet every given condition. */
export type CommandFilter = {
  /** Agent.id. */
  agent?: string | number | null | undefined;
  /** One of these operations. At most 100, unless the server sets limits.listLength otherwise. */
  operations?: Array<RecorderOperation> | null | undefined;
  /** Only commands that were requested at this time or later. */
  requestedAfter?: string | null | undefined;
  /** Only commands that were requested before this time. */
  requestedBefore?: string | null | undefined;
  /** The name of the caller. One that is an address or a phone number needs `pii:read`, unless it is your own. */
  requestedBy?: string | null | undefined;
  /** Names of sources. Default: all sources that the caller can use. At most 100, unless the server sets limits.listLength otherwise. */
  sources?: Array<string> | null | undefined;
  /** One of these statuses. At most 100, unless the server sets limits.listLength otherwise. */
  statuses?: Array<CommandStatus> | null | undefined;
};

/** The outcome of a control request. */
export type CommandStatus =
  /** The vendor acknowledged the request. The effect has not been observed. */
  | 'ACCEPTED'
  /** The effect was observed in the vendor's events or state. */
  | 'CONFIRMED'
  /** The command failed. `problem` gives the reason. */
  | 'FAILED'
  /** The vendor has not answered yet. */
  | 'PENDING';

/** PENDING: the vendor has not answered yet. ACCEPTED: the vendor acknowledged the request. CONFIRMED: the effect was observed in the vendor's events or state. */
export type Confirmation =
  /** The vendor acknowledged the request. The effect has not been observed. */
  | 'ACCEPTED'
  /** The effect was observed in the vendor's events or state. */
  | 'CONFIRMED'
  /** The vendor has not answered yet. */
  | 'PENDING';

/** The format of audio. */
export type MediaFormat =
  /** The vendor's own file, unchanged. */
  | 'ORIGINAL'
  /** Converted to a WAV file that every browser plays. */
  | 'WAV';

/** A key and a value to write. */
export type MetadataEntryInput = {
  /** A metadata key of the vendor. Example: `user1`. */
  key: string;
  /** The value, as text; at most 1,000 characters. */
  value: string;
};

/** A party of a call. */
export type Party =
  /** The agent. */
  | 'AGENT'
  /** The customer. */
  | 'CUSTOMER'
  /** All parties on one track. */
  | 'MIXED'
  /** The vendor has not reported it. */
  | 'UNKNOWN';

/** The kind of a failure. */
export type ProblemCode =
  /** The agent already has an open blackout. */
  | 'ALREADY_BLACKED_OUT'
  /** The agent is already being recorded. */
  | 'ALREADY_RECORDING'
  /** The current state does not permit the request. */
  | 'CONFLICT'
  /** The caller lacks a scope or may not use the source. */
  | 'FORBIDDEN'
  /** The idempotency key was used before with another input. */
  | 'IDEMPOTENCY_MISMATCH'
  /** An argument breaks a rule. The message names both. */
  | 'INVALID_INPUT'
  /** The media cannot be fetched. */
  | 'MEDIA_UNAVAILABLE'
  /** The agent has no open blackout. */
  | 'NOT_BLACKED_OUT'
  /** The object does not exist, or the caller may not use its source. */
  | 'NOT_FOUND'
  /** The agent is not on a call. */
  | 'NOT_IN_CALL'
  /** There is no recording in progress that the command could act on. */
  | 'NOT_RECORDING'
  /** The agent is not signed in. */
  | 'NOT_SIGNED_IN'
  /** The source does not support this. See RecordingSource.capabilities. */
  | 'UNSUPPORTED'
  /** The vendor refused the request. */
  | 'VENDOR_REJECTED'
  /** The vendor did not answer in time. */
  | 'VENDOR_TIMEOUT'
  /** The vendor could not be reached, or it failed. */
  | 'VENDOR_UNAVAILABLE';

/** How to treat a file that exists. */
export type RecordMode =
  /** Continue at its end. */
  | 'APPEND'
  /** Replace it. */
  | 'OVERWRITE';

/** An operation of a source. */
export type RecorderOperation =
  /** Fetch the audio of a recording. */
  | 'DOWNLOAD_MEDIA'
  /** List every agent of the source. */
  | 'LIST_AGENTS'
  /** List past recordings from the vendor's own catalogue. */
  | 'LIST_RECORDINGS'
  /** Observe the status of agents. */
  | 'OBSERVE_AGENT'
  /** Observe calls. */
  | 'OBSERVE_CALL'
  /** Send the start of a blackout again and move its deadline. */
  | 'RENEW_BLACKOUT'
  /** Sign an agent in to the recording system. */
  | 'SIGN_IN_AGENT'
  /** Sign an agent out. */
  | 'SIGN_OUT_AGENT'
  /** Start a blackout: a period in which nothing of an agent is recorded. */
  | 'START_BLACKOUT'
  /** Start a second recording of a call that is already recorded. */
  | 'START_DUPLICATE_RECORDING'
  /** Start an audio recording of an agent's call. */
  | 'START_RECORDING'
  /** Start a recording of an agent's screen. */
  | 'START_SCREEN_RECORDING'
  /** Stop a blackout. */
  | 'STOP_BLACKOUT'
  /** Stop the second recording of a call. */
  | 'STOP_DUPLICATE_RECORDING'
  /** Stop the audio recording of an agent. */
  | 'STOP_RECORDING'
  /** Stop the recording of an agent's screen. */
  | 'STOP_SCREEN_RECORDING'
  /** Write metadata to the audio recording in progress. */
  | 'UPDATE_RECORDING'
  /** Write metadata to the screen recording in progress. */
  | 'UPDATE_SCREEN_RECORDING';

/** Selects recordings that meet every given condition. */
export type RecordingFilter = {
  /** Agent.id of the recorded agent. */
  agent?: string | number | null | undefined;
  /** Call.id of the recorded call. */
  call?: string | number | null | undefined;
  /** One of these kinds. At most 100, unless the server sets limits.listLength otherwise. */
  kinds?: Array<RecordingKind> | null | undefined;
  /** A phone number of the recorded call or endpoint. Needs `pii:read`. */
  number?: string | null | undefined;
  /** The party whose voice is recorded. */
  party?: Party | null | undefined;
  /** The queue of the recorded call, exactly as in Call.queue. One that holds a number needs `pii:read`. */
  queue?: string | null | undefined;
  /** Names of sources. Default: all sources that the caller can use. At most 100, unless the server sets limits.listLength otherwise. */
  sources?: Array<string> | null | undefined;
  /** Only items that started at this time or later. */
  startedAfter?: string | null | undefined;
  /** Only items that started before this time. */
  startedBefore?: string | null | undefined;
  /** One of these states. At most 100, unless the server sets limits.listLength otherwise. */
  states?: Array<RecordingState> | null | undefined;
};

/** The content of a recording. */
export type RecordingKind =
  /** Voice. */
  | 'AUDIO'
  /** The agent's screen. */
  | 'SCREEN'
  /** The video of a call. */
  | 'VIDEO'
  /** A message from a caller. */
  | 'VOICEMAIL';

/** The state of a recording. `vendorState` is the vendor's own term. */
export type RecordingState =
  /** The vendor has no media. */
  | 'ABSENT'
  /** Its media can be fetched. */
  | 'AVAILABLE'
  /** The vendor deleted the media at the end of its storage time. */
  | 'EXPIRED'
  /** The recording failed at the vendor. */
  | 'FAILED'
  /** Paused. */
  | 'PAUSED'
  /** In progress. */
  | 'RECORDING'
  /** Requested and accepted, but not observed yet. */
  | 'STARTING'
  /** Ended. It is not known yet if its media can be fetched. */
  | 'STOPPED'
  /** The stop was requested, but not observed yet. */
  | 'STOPPING'
  /** The vendor has not reported it. */
  | 'UNKNOWN';

/** The health of a source. */
export type SourceStatus =
  /** The last answers were failures, or the source needs an operator. */
  | 'DEGRADED'
  /** The vendor does not answer. */
  | 'DOWN'
  /** The vendor answers. */
  | 'UP';

/** Starts a blackout. If startAt is given, offset is ignored. offset counts from the receipt of the request. Without both, the blackout starts now. */
export type StartBlackoutInput = {
  /** The recorded agent. */
  agent: AgentRef;
  /** The caller's own key. If the same request is sent again with the same key, the first answer is returned and nothing is done a second time. */
  idempotencyKey?: string | null | undefined;
  /** The longest duration; limited by the source's own maximum. */
  maxDuration?: string | null | undefined;
  /** A note for the audit trail, at most 500 characters. A note that may contain a card number is refused. */
  note?: string | null | undefined;
  /** The time from now to the start; negative for a start in the past. */
  offset?: string | null | undefined;
  /** The reason for the blackout. */
  reason?: BlackoutReason | null | undefined;
  /** The start time. */
  startAt?: string | null | undefined;
};

/** Starts a recording of an agent. */
export type StartRecordingInput = {
  /** The agent to record. */
  agent: AgentRef;
  /** The file name, if the vendor accepts one. It becomes the recording's identifier, which is not masked: write no person's number into it. */
  fileName?: string | null | undefined;
  /** The caller's own key. If the same request is sent again with the same key, the first answer is returned and nothing is done a second time. */
  idempotencyKey?: string | null | undefined;
  /** AUDIO or SCREEN. */
  kind?: RecordingKind | null | undefined;
  /** Metadata to write to the recording. At most 100, unless the server sets limits.listLength otherwise. */
  metadata?: Array<MetadataEntryInput> | null | undefined;
  /** How to treat a file that exists. */
  mode?: RecordMode | null | undefined;
};

/** Stops a blackout. If stopAt is given, offset is ignored. Without both, the blackout stops now. */
export type StopBlackoutInput = {
  /** The agent of the blackout. */
  agent: AgentRef;
  /** The caller's own key. If the same request is sent again with the same key, the first answer is returned and nothing is done a second time. */
  idempotencyKey?: string | null | undefined;
  /** The time from now to the stop. */
  offset?: string | null | undefined;
  /** The stop time. */
  stopAt?: string | null | undefined;
};

/** Stops the recording of an agent. */
export type StopRecordingInput = {
  /** The recorded agent. */
  agent: AgentRef;
  /** The caller's own key. If the same request is sent again with the same key, the first answer is returned and nothing is done a second time. */
  idempotencyKey?: string | null | undefined;
  /** AUDIO or SCREEN. */
  kind?: RecordingKind | null | undefined;
  /** Metadata to write to the recording when it stops, if the vendor accepts it. At most 100, unless the server sets limits.listLength otherwise. */
  metadata?: Array<MetadataEntryInput> | null | undefined;
};

/** How a source supports an operation. */
export type Support =
  /** A safe combination of other commands of the vendor. */
  | 'EMULATED'
  /** The vendor's own command or read. */
  | 'NATIVE'
  /** Not supported. A request is answered with a Problem of this code. */
  | 'UNSUPPORTED';

/** The vendor of a recorder. */
export type Vendor =
  /** Huawei AICC CC-Gateway. */
  | 'HUAWEI_CC_GATEWAY'
  /** Miralix OfficeTeam, by its REST API 6.1 to 8.0; polled and read-only. */
  | 'MIRALIX_OFFICETEAM'
  /** NICE Uptivity (inContact WFO), by its Recording API. */
  | 'NICE_UPTIVITY'
  /** A vendor from a plug-in. `RecordingSource.vendorType` names it. */
  | 'OTHER'
  /** Tencent Cloud Contact Center, by data pushes, and by its API if a key is configured. */
  | 'TENCENT_CCC';

export type AgentBlackoutsQueryVariables = Exact<{
  ref: AgentRef;
  first?: number | null | undefined;
  after?: string | null | undefined;
  withCommands?: boolean | null | undefined;
}>;


export type AgentBlackoutsQuery = { agent: { id: string, blackouts: { nodes: Array<{ id: string, state: BlackoutState, confirmation: Confirmation, support: Support, reason: BlackoutReason, note: string | null, requestedBy: string, requestedAt: string, startsAt: string, stopsAt: string | null, deadline: string, endedAt: string | null, endedBy: BlackoutEnd | null, warnings: Array<{ warning: BlackoutWarning, at: string }>, exposures: Array<{ startsAt: string, endsAt: string | null }>, commands?: Array<{ id: string, operation: RecorderOperation, status: CommandStatus, requestedAt: string, completedAt: string | null, problem: { code: ProblemCode, message: string } | null }> | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type AgentByReferenceQueryVariables = Exact<{
  ref: AgentRef;
}>;


export type AgentByReferenceQuery = { agent: { id: string, sourceName: string, externalId: string, name: string | null, status: AgentStatus, statusSince: string | null, observedAt: string | null, activeCall: { id: string, state: CallState, caller: string | null, called: string | null, recordings: Array<{ id: string, state: RecordingState, startedAt: string | null }> | null } | null, recordings: { nodes: Array<{ id: string, kind: RecordingKind, state: RecordingState, startedAt: string | null, duration: string | null }> } | null } | null };

export type AgentCallsQueryVariables = Exact<{
  ref: AgentRef;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type AgentCallsQuery = { agent: { id: string, calls: { nodes: Array<{ id: string, state: CallState, direction: CallDirection, caller: string | null, called: string | null, queue: string | null, startedAt: string | null, answeredAt: string | null, endedAt: string | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type AgentChangedSubscriptionVariables = Exact<{
  filter?: AgentFilter | null | undefined;
  after?: string | number | null | undefined;
}>;


export type AgentChangedSubscription = { agentChanged: { id: string, position: string, at: string, snapshot: boolean, gap: boolean, previousStatus: AgentStatus | null, agent: { id: string, sourceName: string, externalId: string, name: string | null, username: string | null, systemUsername: string | null, businessUnit: string | null, status: AgentStatus, vendorStatus: string | null, statusSince: string | null, observedAt: string | null, activeCall: { id: string, sourceName: string, state: CallState, direction: CallDirection, caller: string | null, called: string | null, queue: string | null, startedAt: string | null, answeredAt: string | null, endedAt: string | null } | null, inactiveCalls: Array<{ id: string, sourceName: string, state: CallState, direction: CallDirection, caller: string | null, called: string | null, queue: string | null, startedAt: string | null, answeredAt: string | null, endedAt: string | null }> } } };

export type AgentRecordingsQueryVariables = Exact<{
  ref: AgentRef;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type AgentRecordingsQuery = { agent: { id: string, recordings: { nodes: Array<{ id: string, kind: RecordingKind, state: RecordingState, isDuplicate: boolean, party: Party, fileName: string | null, startedAt: string | null, endedAt: string | null, duration: string | null, availableUntil: string | null, call: { id: string, direction: CallDirection, caller: string | null, called: string | null, queue: string | null } | null, blackouts: Array<{ startsAt: string, endsAt: string | null, offset: string, blackout: { id: string, reason: BlackoutReason, state: BlackoutState, support: Support } }> }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null } | null };

export type AgentsBoardQueryVariables = Exact<{
  filter?: AgentFilter | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type AgentsBoardQuery = { agents: { totalCount: number | null, nodes: Array<{ id: string, sourceName: string, externalId: string, name: string | null, status: AgentStatus, vendorStatus: string | null, statusSince: string | null, activeCall: { id: string, state: CallState, direction: CallDirection, caller: string | null, queue: string | null, startedAt: string | null } | null, blackout: { id: string, state: BlackoutState, deadline: string } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null }, sourceErrors: Array<{ source: { name: string }, problem: { code: ProblemCode, message: string } }> } | null };

export type BlackoutChangedSubscriptionVariables = Exact<{
  filter?: BlackoutFilter | null | undefined;
  after?: string | number | null | undefined;
}>;


export type BlackoutChangedSubscription = { blackoutChanged: { id: string, position: string, at: string, snapshot: boolean, gap: boolean, previousState: BlackoutState | null, warning: BlackoutWarning | null, blackout: { id: string, state: BlackoutState, confirmation: Confirmation, support: Support, reason: BlackoutReason, requestedBy: string, startsAt: string, stopsAt: string | null, deadline: string, endedAt: string | null, endedBy: BlackoutEnd | null, warnings: Array<{ warning: BlackoutWarning, at: string }>, exposures: Array<{ startsAt: string, endsAt: string | null }>, agent: { id: string, sourceName: string } } } };

export type CallChangedSubscriptionVariables = Exact<{
  filter?: CallFilter | null | undefined;
  after?: string | number | null | undefined;
}>;


export type CallChangedSubscription = { callChanged: { id: string, position: string, at: string, snapshot: boolean, gap: boolean, previousState: CallState | null, call: { id: string, sourceName: string, state: CallState, direction: CallDirection, caller: string | null, called: string | null, queue: string | null, startedAt: string | null, answeredAt: string | null, endedAt: string | null, agents: Array<{ id: string }> } } };

export type CallHistoryQueryVariables = Exact<{
  startedAfter: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type CallHistoryQuery = { calls: { nodes: Array<{ id: string, sourceName: string, state: CallState, startedAt: string | null, answeredAt: string | null, endedAt: string | null, agents: Array<{ id: string }> }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type CommandOutcomeQueryVariables = Exact<{
  id: string | number;
}>;


export type CommandOutcomeQuery = { node:
    | { __typename: 'Agent' }
    | { __typename: 'Blackout' }
    | { __typename: 'Call' }
    | { __typename: 'ControlCommand', id: string, status: CommandStatus, completedAt: string | null, problem: { code: ProblemCode, message: string, retryable: boolean, correlationId: string } | null }
    | { __typename: 'Recording' }
    | { __typename: 'RecordingSource' }
   | null };

export type EntitiesQueryVariables = Exact<{
  representations: Array<Record<string, unknown>> | Record<string, unknown>;
}>;


export type EntitiesQuery = { _entities: Array<
    | { id: string, name: string | null, status: AgentStatus, statusSince: string | null }
    | Record<PropertyKey, never>
   | null> };

export type LatestRecordingsQueryVariables = Exact<{
  first?: number | null | undefined;
  format?: MediaFormat | null | undefined;
}>;


export type LatestRecordingsQuery = { recordings: { nodes: Array<{ id: string, sourceName: string, startedAt: string | null, duration: string | null, media:
        | { __typename: 'Problem', code: ProblemCode, message: string, retryable: boolean }
        | { __typename: 'RecordingMedia', url: string, expiresAt: string, contentType: string }
       }> } | null };

export type LedgerQueryVariables = Exact<{
  filter?: CommandFilter | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type LedgerQuery = { commands: { nodes: Array<{ id: string, operation: RecorderOperation, status: CommandStatus, requestedBy: string, requestedAt: string, completedAt: string | null, agent: { id: string, sourceName: string }, blackout: { id: string, reason: BlackoutReason } | null, problem: { code: ProblemCode, message: string } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type MediaLinkQueryVariables = Exact<{
  id: string | number;
  format?: MediaFormat | null | undefined;
}>;


export type MediaLinkQuery = { recording: { id: string, media:
      | { __typename: 'Problem', code: ProblemCode, message: string, retryable: boolean, correlationId: string }
      | { __typename: 'RecordingMedia', url: string, expiresAt: string, contentType: string, fileName: string, byteLength: number | null }
     } | null };

export type RecordingChangedSubscriptionVariables = Exact<{
  filter?: RecordingFilter | null | undefined;
  after?: string | number | null | undefined;
}>;


export type RecordingChangedSubscription = { recordingChanged: { id: string, position: string, at: string, snapshot: boolean, gap: boolean, previousState: RecordingState | null, recording: { id: string, kind: RecordingKind, state: RecordingState, isDuplicate: boolean, startedAt: string | null, endedAt: string | null, agent: { id: string } | null } } };

export type SourcesQueryVariables = Exact<{ [key: string]: never; }>;


export type SourcesQuery = { callerAccess: { name: string, scopes: Array<string> } | null, sources: Array<{ id: string, name: string, vendor: Vendor, vendorType: string, capabilities: Array<{ operation: RecorderOperation, support: Support, note: string | null }>, health: { status: SourceStatus, lastContactAt: string | null, lastError: string | null, circuit: CircuitState } }> | null };

export type StartBlackoutMutationVariables = Exact<{
  input: StartBlackoutInput;
}>;


export type StartBlackoutMutation = { startBlackout:
    | { __typename: 'BlackoutSuccess', replayed: boolean, command: { id: string, status: CommandStatus, requestedAt: string, completedAt: string | null, problem: { code: ProblemCode, message: string, retryable: boolean, correlationId: string } | null }, blackout: { id: string, state: BlackoutState, confirmation: Confirmation, support: Support, startsAt: string, deadline: string, endedAt: string | null } }
    | { __typename: 'Problem', code: ProblemCode, message: string, retryable: boolean, vendorCode: string | null, correlationId: string }
   };

export type StartRecordingMutationVariables = Exact<{
  input: StartRecordingInput;
}>;


export type StartRecordingMutation = { startRecording:
    | { __typename: 'ControlSuccess', replayed: boolean, command: { id: string, status: CommandStatus, requestedAt: string, completedAt: string | null, problem: { code: ProblemCode, message: string, retryable: boolean, correlationId: string } | null }, recording: { id: string, state: RecordingState, startedAt: string | null } | null }
    | { __typename: 'Problem', code: ProblemCode, message: string, retryable: boolean, vendorCode: string | null, correlationId: string }
   };

export type StopBlackoutMutationVariables = Exact<{
  input: StopBlackoutInput;
}>;


export type StopBlackoutMutation = { stopBlackout:
    | { __typename: 'BlackoutSuccess', replayed: boolean, command: { id: string, status: CommandStatus, requestedAt: string, completedAt: string | null, problem: { code: ProblemCode, message: string, retryable: boolean, correlationId: string } | null }, blackout: { id: string, state: BlackoutState, confirmation: Confirmation, support: Support, startsAt: string, deadline: string, endedAt: string | null } }
    | { __typename: 'Problem', code: ProblemCode, message: string, retryable: boolean, vendorCode: string | null, correlationId: string }
   };

export type StopRecordingMutationVariables = Exact<{
  input: StopRecordingInput;
}>;


export type StopRecordingMutation = { stopRecording:
    | { __typename: 'ControlSuccess', replayed: boolean, command: { id: string, status: CommandStatus, requestedAt: string, completedAt: string | null, problem: { code: ProblemCode, message: string, retryable: boolean, correlationId: string } | null }, recording: { id: string, state: RecordingState, startedAt: string | null } | null }
    | { __typename: 'Problem', code: ProblemCode, message: string, retryable: boolean, vendorCode: string | null, correlationId: string }
   };


export const AgentBlackoutsDocument = {"__meta__":{"hash":"sha256:f3c315e2e04c860bad543b2fd6d67282decee2ed24997f28f45da16b005dbce3"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"AgentBlackouts"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ref"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"AgentRef"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}},"defaultValue":{"kind":"IntValue","value":"15"}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"withCommands"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Boolean"}},"defaultValue":{"kind":"BooleanValue","value":false}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"agent"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"ref"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ref"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"blackouts"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"confirmation"}},{"kind":"Field","name":{"kind":"Name","value":"support"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"note"}},{"kind":"Field","name":{"kind":"Name","value":"requestedBy"}},{"kind":"Field","name":{"kind":"Name","value":"requestedAt"}},{"kind":"Field","name":{"kind":"Name","value":"startsAt"}},{"kind":"Field","name":{"kind":"Name","value":"stopsAt"}},{"kind":"Field","name":{"kind":"Name","value":"deadline"}},{"kind":"Field","name":{"kind":"Name","value":"endedAt"}},{"kind":"Field","name":{"kind":"Name","value":"endedBy"}},{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"warning"}},{"kind":"Field","name":{"kind":"Name","value":"at"}}]}},{"kind":"Field","name":{"kind":"Name","value":"exposures"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"startsAt"}},{"kind":"Field","name":{"kind":"Name","value":"endsAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"commands"},"directives":[{"kind":"Directive","name":{"kind":"Name","value":"include"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"if"},"value":{"kind":"Variable","name":{"kind":"Name","value":"withCommands"}}}]}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"operation"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"requestedAt"}},{"kind":"Field","name":{"kind":"Name","value":"completedAt"}},{"kind":"Field","name":{"kind":"Name","value":"problem"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]}}]} as unknown as DocumentNode<AgentBlackoutsQuery, AgentBlackoutsQueryVariables>;
export const AgentByReferenceDocument = {"__meta__":{"hash":"sha256:6de2ab25161bc52096b3f9b6f865e0709928c2901698811fa2f305a0729552cd"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"AgentByReference"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ref"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"AgentRef"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"agent"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"ref"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ref"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"sourceName"}},{"kind":"Field","name":{"kind":"Name","value":"externalId"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusSince"}},{"kind":"Field","name":{"kind":"Name","value":"observedAt"}},{"kind":"Field","name":{"kind":"Name","value":"activeCall"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"caller"}},{"kind":"Field","name":{"kind":"Name","value":"called"}},{"kind":"Field","name":{"kind":"Name","value":"recordings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"recordings"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"5"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"duration"}}]}}]}}]}}]}}]} as unknown as DocumentNode<AgentByReferenceQuery, AgentByReferenceQueryVariables>;
export const AgentCallsDocument = {"__meta__":{"hash":"sha256:6ee5eaabbe5c567bb0688c0745200b33059e9de191c212390c7fb634b571e9e8"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"AgentCalls"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ref"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"AgentRef"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}},"defaultValue":{"kind":"IntValue","value":"15"}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"agent"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"ref"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ref"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"calls"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"direction"}},{"kind":"Field","name":{"kind":"Name","value":"caller"}},{"kind":"Field","name":{"kind":"Name","value":"called"}},{"kind":"Field","name":{"kind":"Name","value":"queue"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"answeredAt"}},{"kind":"Field","name":{"kind":"Name","value":"endedAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]}}]} as unknown as DocumentNode<AgentCallsQuery, AgentCallsQueryVariables>;
export const AgentChangedDocument = {"__meta__":{"hash":"sha256:d160b2de795d2ac61a1a09c49b53b27b2031ff9c9b54f85fcf4831466eb9e53d"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"AgentChanged"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"AgentFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"agentChanged"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"position"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"snapshot"}},{"kind":"Field","name":{"kind":"Name","value":"gap"}},{"kind":"Field","name":{"kind":"Name","value":"previousStatus"}},{"kind":"Field","name":{"kind":"Name","value":"agent"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"sourceName"}},{"kind":"Field","name":{"kind":"Name","value":"externalId"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"username"}},{"kind":"Field","name":{"kind":"Name","value":"systemUsername"}},{"kind":"Field","name":{"kind":"Name","value":"businessUnit"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"vendorStatus"}},{"kind":"Field","name":{"kind":"Name","value":"statusSince"}},{"kind":"Field","name":{"kind":"Name","value":"observedAt"}},{"kind":"Field","name":{"kind":"Name","value":"activeCall"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"sourceName"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"direction"}},{"kind":"Field","name":{"kind":"Name","value":"caller"}},{"kind":"Field","name":{"kind":"Name","value":"called"}},{"kind":"Field","name":{"kind":"Name","value":"queue"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"answeredAt"}},{"kind":"Field","name":{"kind":"Name","value":"endedAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"inactiveCalls"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"sourceName"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"direction"}},{"kind":"Field","name":{"kind":"Name","value":"caller"}},{"kind":"Field","name":{"kind":"Name","value":"called"}},{"kind":"Field","name":{"kind":"Name","value":"queue"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"answeredAt"}},{"kind":"Field","name":{"kind":"Name","value":"endedAt"}}]}}]}}]}}]}}]} as unknown as DocumentNode<AgentChangedSubscription, AgentChangedSubscriptionVariables>;
export const AgentRecordingsDocument = {"__meta__":{"hash":"sha256:2b73ee664064d9ac046b240fb7e35d49f0b6048c5b78f5baa3513320fb717dd2"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"AgentRecordings"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ref"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"AgentRef"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}},"defaultValue":{"kind":"IntValue","value":"15"}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"agent"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"ref"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ref"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"recordings"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"isDuplicate"}},{"kind":"Field","name":{"kind":"Name","value":"party"}},{"kind":"Field","name":{"kind":"Name","value":"fileName"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"endedAt"}},{"kind":"Field","name":{"kind":"Name","value":"duration"}},{"kind":"Field","name":{"kind":"Name","value":"availableUntil"}},{"kind":"Field","name":{"kind":"Name","value":"call"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"direction"}},{"kind":"Field","name":{"kind":"Name","value":"caller"}},{"kind":"Field","name":{"kind":"Name","value":"called"}},{"kind":"Field","name":{"kind":"Name","value":"queue"}}]}},{"kind":"Field","name":{"kind":"Name","value":"blackouts"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"startsAt"}},{"kind":"Field","name":{"kind":"Name","value":"endsAt"}},{"kind":"Field","name":{"kind":"Name","value":"offset"}},{"kind":"Field","name":{"kind":"Name","value":"blackout"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"support"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]}}]} as unknown as DocumentNode<AgentRecordingsQuery, AgentRecordingsQueryVariables>;
export const AgentsBoardDocument = {"__meta__":{"hash":"sha256:c95b9b020f9d4d4955fa94ee33a2c6aec9cfbc5f6da75206cc6dd106c659587e"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"AgentsBoard"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"AgentFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}},"defaultValue":{"kind":"IntValue","value":"25"}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"agents"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"sourceName"}},{"kind":"Field","name":{"kind":"Name","value":"externalId"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"vendorStatus"}},{"kind":"Field","name":{"kind":"Name","value":"statusSince"}},{"kind":"Field","name":{"kind":"Name","value":"activeCall"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"direction"}},{"kind":"Field","name":{"kind":"Name","value":"caller"}},{"kind":"Field","name":{"kind":"Name","value":"queue"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"blackout"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"deadline"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"sourceErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"source"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"problem"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]}}]} as unknown as DocumentNode<AgentsBoardQuery, AgentsBoardQueryVariables>;
export const BlackoutChangedDocument = {"__meta__":{"hash":"sha256:22c0f0c5912e24de967faa87df7cba16102c6881513f4acb7e4c78b96079c56d"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"BlackoutChanged"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"BlackoutFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"blackoutChanged"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"position"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"snapshot"}},{"kind":"Field","name":{"kind":"Name","value":"gap"}},{"kind":"Field","name":{"kind":"Name","value":"previousState"}},{"kind":"Field","name":{"kind":"Name","value":"warning"}},{"kind":"Field","name":{"kind":"Name","value":"blackout"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"confirmation"}},{"kind":"Field","name":{"kind":"Name","value":"support"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"requestedBy"}},{"kind":"Field","name":{"kind":"Name","value":"startsAt"}},{"kind":"Field","name":{"kind":"Name","value":"stopsAt"}},{"kind":"Field","name":{"kind":"Name","value":"deadline"}},{"kind":"Field","name":{"kind":"Name","value":"endedAt"}},{"kind":"Field","name":{"kind":"Name","value":"endedBy"}},{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"warning"}},{"kind":"Field","name":{"kind":"Name","value":"at"}}]}},{"kind":"Field","name":{"kind":"Name","value":"exposures"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"startsAt"}},{"kind":"Field","name":{"kind":"Name","value":"endsAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"agent"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"sourceName"}}]}}]}}]}}]}}]} as unknown as DocumentNode<BlackoutChangedSubscription, BlackoutChangedSubscriptionVariables>;
export const CallChangedDocument = {"__meta__":{"hash":"sha256:e3d8a015d6e97a00b87951e748c503d0f62481543faec2fa1fb98edfe3523455"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"CallChanged"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"CallFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"callChanged"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"position"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"snapshot"}},{"kind":"Field","name":{"kind":"Name","value":"gap"}},{"kind":"Field","name":{"kind":"Name","value":"previousState"}},{"kind":"Field","name":{"kind":"Name","value":"call"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"sourceName"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"direction"}},{"kind":"Field","name":{"kind":"Name","value":"caller"}},{"kind":"Field","name":{"kind":"Name","value":"called"}},{"kind":"Field","name":{"kind":"Name","value":"queue"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"answeredAt"}},{"kind":"Field","name":{"kind":"Name","value":"endedAt"}},{"kind":"Field","name":{"kind":"Name","value":"agents"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]}}]} as unknown as DocumentNode<CallChangedSubscription, CallChangedSubscriptionVariables>;
export const CallHistoryDocument = {"__meta__":{"hash":"sha256:3343d0a8946741d7494837f2ff33c1f9689a302e1bb16545900f72c40242aebb"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"CallHistory"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"startedAfter"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DateTime"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}},"defaultValue":{"kind":"IntValue","value":"100"}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"calls"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"startedAfter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"startedAfter"}}}]}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"sourceName"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"answeredAt"}},{"kind":"Field","name":{"kind":"Name","value":"endedAt"}},{"kind":"Field","name":{"kind":"Name","value":"agents"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]} as unknown as DocumentNode<CallHistoryQuery, CallHistoryQueryVariables>;
export const CommandOutcomeDocument = {"__meta__":{"hash":"sha256:fa3e0f923d97b03a2a65275ec4a0df8362b28e6adad035a5269e54148c44c2d2"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"CommandOutcome"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ControlCommand"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"completedAt"}},{"kind":"Field","name":{"kind":"Name","value":"problem"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"retryable"}},{"kind":"Field","name":{"kind":"Name","value":"correlationId"}}]}}]}}]}}]}}]} as unknown as DocumentNode<CommandOutcomeQuery, CommandOutcomeQueryVariables>;
export const EntitiesDocument = {"__meta__":{"hash":"sha256:b710cddb663e0b6380bf017521f09c44c580442ca92c027d061fdb81af522bfd"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Entities"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"representations"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"_Any"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"_entities"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"representations"},"value":{"kind":"Variable","name":{"kind":"Name","value":"representations"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Agent"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusSince"}}]}}]}}]}}]} as unknown as DocumentNode<EntitiesQuery, EntitiesQueryVariables>;
export const LatestRecordingsDocument = {"__meta__":{"hash":"sha256:a68427e5f6787f7a9c5a343cc7ff9c1ab32b595b2b9d9bb8f8e5e75cee1f011b"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"LatestRecordings"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}},"defaultValue":{"kind":"IntValue","value":"1"}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"format"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"MediaFormat"}},"defaultValue":{"kind":"EnumValue","value":"ORIGINAL"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"recordings"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"states"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"AVAILABLE"}]}},{"kind":"ObjectField","name":{"kind":"Name","value":"kinds"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"AUDIO"}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"sourceName"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"duration"}},{"kind":"Field","name":{"kind":"Name","value":"media"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"format"},"value":{"kind":"Variable","name":{"kind":"Name","value":"format"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"RecordingMedia"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"expiresAt"}},{"kind":"Field","name":{"kind":"Name","value":"contentType"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Problem"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"retryable"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<LatestRecordingsQuery, LatestRecordingsQueryVariables>;
export const LedgerDocument = {"__meta__":{"hash":"sha256:224ddb0049995d65f216d2115a29de73e8217712f73ee8ee66875f6e324cd804"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Ledger"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"CommandFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}},"defaultValue":{"kind":"IntValue","value":"25"}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"commands"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"operation"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"requestedBy"}},{"kind":"Field","name":{"kind":"Name","value":"requestedAt"}},{"kind":"Field","name":{"kind":"Name","value":"completedAt"}},{"kind":"Field","name":{"kind":"Name","value":"agent"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"sourceName"}}]}},{"kind":"Field","name":{"kind":"Name","value":"blackout"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}},{"kind":"Field","name":{"kind":"Name","value":"problem"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]} as unknown as DocumentNode<LedgerQuery, LedgerQueryVariables>;
export const MediaLinkDocument = {"__meta__":{"hash":"sha256:6d8706b7896d84ad677b9fee958ad8be804cf493f06002bc5eb3d6081c3f6dc7"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"MediaLink"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"format"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"MediaFormat"}},"defaultValue":{"kind":"EnumValue","value":"WAV"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"recording"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"media"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"format"},"value":{"kind":"Variable","name":{"kind":"Name","value":"format"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"RecordingMedia"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"expiresAt"}},{"kind":"Field","name":{"kind":"Name","value":"contentType"}},{"kind":"Field","name":{"kind":"Name","value":"fileName"}},{"kind":"Field","name":{"kind":"Name","value":"byteLength"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Problem"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"retryable"}},{"kind":"Field","name":{"kind":"Name","value":"correlationId"}}]}}]}}]}}]}}]} as unknown as DocumentNode<MediaLinkQuery, MediaLinkQueryVariables>;
export const RecordingChangedDocument = {"__meta__":{"hash":"sha256:66a4e7c941d679e4d04e7aafa28733dc84e851c37ac2b94996a5928f1be11e79"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"RecordingChanged"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"RecordingFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"recordingChanged"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"position"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"snapshot"}},{"kind":"Field","name":{"kind":"Name","value":"gap"}},{"kind":"Field","name":{"kind":"Name","value":"previousState"}},{"kind":"Field","name":{"kind":"Name","value":"recording"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"isDuplicate"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"endedAt"}},{"kind":"Field","name":{"kind":"Name","value":"agent"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]}}]} as unknown as DocumentNode<RecordingChangedSubscription, RecordingChangedSubscriptionVariables>;
export const SourcesDocument = {"__meta__":{"hash":"sha256:236ef5e1b1fad3b96bb154919b72ffd13792e14d69a75ea52879b7887656e6ee"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Sources"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"callerAccess"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"scopes"}}]}},{"kind":"Field","name":{"kind":"Name","value":"sources"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"vendor"}},{"kind":"Field","name":{"kind":"Name","value":"vendorType"}},{"kind":"Field","name":{"kind":"Name","value":"capabilities"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"operation"}},{"kind":"Field","name":{"kind":"Name","value":"support"}},{"kind":"Field","name":{"kind":"Name","value":"note"}}]}},{"kind":"Field","name":{"kind":"Name","value":"health"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"lastContactAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastError"}},{"kind":"Field","name":{"kind":"Name","value":"circuit"}}]}}]}}]}}]} as unknown as DocumentNode<SourcesQuery, SourcesQueryVariables>;
export const StartBlackoutDocument = {"__meta__":{"hash":"sha256:543b34e05b2d60b495a15d23554309c3f6f62779756c83fd019f988fe3ec29b4"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"StartBlackout"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"StartBlackoutInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"startBlackout"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"BlackoutSuccess"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"replayed"}},{"kind":"Field","name":{"kind":"Name","value":"command"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"requestedAt"}},{"kind":"Field","name":{"kind":"Name","value":"completedAt"}},{"kind":"Field","name":{"kind":"Name","value":"problem"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"retryable"}},{"kind":"Field","name":{"kind":"Name","value":"correlationId"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"blackout"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"confirmation"}},{"kind":"Field","name":{"kind":"Name","value":"support"}},{"kind":"Field","name":{"kind":"Name","value":"startsAt"}},{"kind":"Field","name":{"kind":"Name","value":"deadline"}},{"kind":"Field","name":{"kind":"Name","value":"endedAt"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Problem"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"retryable"}},{"kind":"Field","name":{"kind":"Name","value":"vendorCode"}},{"kind":"Field","name":{"kind":"Name","value":"correlationId"}}]}}]}}]}}]} as unknown as DocumentNode<StartBlackoutMutation, StartBlackoutMutationVariables>;
export const StartRecordingDocument = {"__meta__":{"hash":"sha256:2aa7c2d95e53a56a341c34b03ef1516af7e846857e49b483ef6e4e07186aa621"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"StartRecording"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"StartRecordingInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"startRecording"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ControlSuccess"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"replayed"}},{"kind":"Field","name":{"kind":"Name","value":"command"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"requestedAt"}},{"kind":"Field","name":{"kind":"Name","value":"completedAt"}},{"kind":"Field","name":{"kind":"Name","value":"problem"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"retryable"}},{"kind":"Field","name":{"kind":"Name","value":"correlationId"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"recording"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Problem"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"retryable"}},{"kind":"Field","name":{"kind":"Name","value":"vendorCode"}},{"kind":"Field","name":{"kind":"Name","value":"correlationId"}}]}}]}}]}}]} as unknown as DocumentNode<StartRecordingMutation, StartRecordingMutationVariables>;
export const StopBlackoutDocument = {"__meta__":{"hash":"sha256:667e851a184426b69652c2df98b647b7a150928dafe894b5a2304e5c4e6b7d5f"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"StopBlackout"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"StopBlackoutInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"stopBlackout"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"BlackoutSuccess"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"replayed"}},{"kind":"Field","name":{"kind":"Name","value":"command"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"requestedAt"}},{"kind":"Field","name":{"kind":"Name","value":"completedAt"}},{"kind":"Field","name":{"kind":"Name","value":"problem"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"retryable"}},{"kind":"Field","name":{"kind":"Name","value":"correlationId"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"blackout"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"confirmation"}},{"kind":"Field","name":{"kind":"Name","value":"support"}},{"kind":"Field","name":{"kind":"Name","value":"startsAt"}},{"kind":"Field","name":{"kind":"Name","value":"deadline"}},{"kind":"Field","name":{"kind":"Name","value":"endedAt"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Problem"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"retryable"}},{"kind":"Field","name":{"kind":"Name","value":"vendorCode"}},{"kind":"Field","name":{"kind":"Name","value":"correlationId"}}]}}]}}]}}]} as unknown as DocumentNode<StopBlackoutMutation, StopBlackoutMutationVariables>;
export const StopRecordingDocument = {"__meta__":{"hash":"sha256:a55103123035a54c3c84bde9038fc905de7ad21d022baee89d0840ab248c7e43"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"StopRecording"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"StopRecordingInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"stopRecording"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ControlSuccess"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"replayed"}},{"kind":"Field","name":{"kind":"Name","value":"command"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"requestedAt"}},{"kind":"Field","name":{"kind":"Name","value":"completedAt"}},{"kind":"Field","name":{"kind":"Name","value":"problem"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"retryable"}},{"kind":"Field","name":{"kind":"Name","value":"correlationId"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"recording"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Problem"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"retryable"}},{"kind":"Field","name":{"kind":"Name","value":"vendorCode"}},{"kind":"Field","name":{"kind":"Name","value":"correlationId"}}]}}]}}]}}]} as unknown as DocumentNode<StopRecordingMutation, StopRecordingMutationVariables>;