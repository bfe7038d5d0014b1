/** The domain's word lists as GraphQL enums, each word described. */
import { registerEnumType } from 'type-graphql';
import {
  agentIdentifiers,
  agentStatuses,
  blackoutEnds,
  blackoutReasons,
  blackoutStates,
  blackoutWarnings,
  callDirections,
  callStates,
  circuitStates,
  commandStatuses,
  confirmations,
  mediaFormats,
  operations,
  parties,
  problemCodes,
  recordingKinds,
  recordingStates,
  recordModes,
  sourceStatuses,
  supports,
} from '../domain/model/enums.ts';

/** An enum object as type-graphql takes it. */
export type Words = Record<string, string>;

const enumOf = <Word extends string>(name: string, description: string, words: readonly Word[], meanings: Record<Word, string>): Words => {
  const values = Object.fromEntries(words.map((word) => [word, word])) as Record<Word, Word>;
  const valuesConfig = Object.fromEntries(words.map((word) => [word, { description: meanings[word] }])) as Record<
    Word,
    { description: string }
  >;
  registerEnumType(values, { name, description, valuesConfig });
  return values;
};

/** Filled by the schema's assembly from the registry of vendors, so that no vendor is named here. */
export const Vendor: Words = {};

export const nameVendors = (vendors: readonly { vendor: string; title: string }[]): void => {
  const all = [...vendors, { vendor: 'OTHER', title: 'A vendor from a plug-in. `RecordingSource.vendorType` names it.' }];
  for (const { vendor } of all) Vendor[vendor] = vendor;
  const valuesConfig = Object.fromEntries(all.map(({ vendor, title }) => [vendor, { description: title }]));
  registerEnumType(Vendor, { name: 'Vendor', description: 'The vendor of a recorder.', valuesConfig });
};

export const Support = enumOf('Support', 'How a source supports an operation.', supports, {
  NATIVE: "The vendor's own command or read.",
  EMULATED: 'A safe combination of other commands of the vendor.',
  UNSUPPORTED: 'Not supported. A request is answered with a Problem of this code.',
});

export const RecorderOperation = enumOf('RecorderOperation', 'An operation of a source.', operations, {
  LIST_AGENTS: 'List every agent of the source.',
  OBSERVE_AGENT: 'Observe the status of agents.',
  OBSERVE_CALL: 'Observe calls.',
  LIST_RECORDINGS: "List past recordings from the vendor's own catalogue.",
  DOWNLOAD_MEDIA: 'Fetch the audio of a recording.',
  START_RECORDING: "Start an audio recording of an agent's call.",
  STOP_RECORDING: 'Stop the audio recording of an agent.',
  UPDATE_RECORDING: 'Write metadata to the audio recording in progress.',
  START_DUPLICATE_RECORDING: 'Start a second recording of a call that is already recorded.',
  STOP_DUPLICATE_RECORDING: 'Stop the second recording of a call.',
  START_SCREEN_RECORDING: "Start a recording of an agent's screen.",
  UPDATE_SCREEN_RECORDING: 'Write metadata to the screen recording in progress.',
  STOP_SCREEN_RECORDING: "Stop the recording of an agent's screen.",
  START_BLACKOUT: 'Start a blackout: a period in which nothing of an agent is recorded.',
  STOP_BLACKOUT: 'Stop a blackout.',
  RENEW_BLACKOUT: 'Send the start of a blackout again and move its deadline.',
  SIGN_IN_AGENT: 'Sign an agent in to the recording system.',
  SIGN_OUT_AGENT: 'Sign an agent out.',
});

export const SourceStatus = enumOf('SourceStatus', 'The health of a source.', sourceStatuses, {
  UP: 'The vendor answers.',
  DEGRADED: 'The last answers were failures, or the source needs an operator.',
  DOWN: 'The vendor does not answer.',
});

export const CircuitState = enumOf('CircuitState', 'The state of a circuit breaker.', circuitStates, {
  CLOSED: 'Calls are sent.',
  HALF_OPEN: 'One call is sent to test the vendor.',
  OPEN: 'Calls fail at once, because the vendor failed several times in a row.',
});

export const AgentStatus = enumOf(
  'AgentStatus',
  "The status of an agent, in terms that all vendors share. `vendorStatus` is the vendor's own term.",
  agentStatuses,
  {
    OFFLINE: 'Signed out.',
    IDLE: 'Waiting for a call.',
    BUSY: 'Not available for calls.',
    RINGING: 'A call is being offered.',
    ON_CALL: 'On a call.',
    ON_HOLD: 'On a call that is on hold.',
    WRAP_UP: 'Finishing work after a call.',
    BREAK: 'On a break.',
    UNKNOWN: 'The vendor has not reported a status, or an unknown one.',
  },
);

export const AgentIdentifier = enumOf(
  'AgentIdentifier',
  'The kinds of identifiers of agents. A source accepts the kinds that its vendor knows.',
  agentIdentifiers,
  {
    ID: "The vendor's own id: Agent.externalId.",
    PHONE: 'The extension or phone number.',
    EMAIL: 'The e-mail address.',
    SIP_URI: 'The SIP address, such as `sip:lp1@company.local`.',
    SYNC_ID: "The directory's id, a GUID.",
    USERNAME: "The recorder's user name.",
    SYSTEM_USERNAME: "The operating system's user name.",
    CRM_USERNAME: "The CRM's user name.",
  },
);

export const CallState = enumOf('CallState', "The state of a call. `vendorState` is the vendor's own term.", callStates, {
  RINGING: 'Ringing.',
  ACTIVE: 'Answered and in progress.',
  HELD: 'Held or parked, or waiting for the end of a transfer.',
  ENDED: 'Ended.',
  UNKNOWN: 'The vendor has not reported it.',
});

export const CallDirection = enumOf('CallDirection', 'The direction of a call.', callDirections, {
  INBOUND: 'From a customer.',
  OUTBOUND: 'To a customer.',
  INTERNAL: 'Between agents.',
  UNKNOWN: 'The vendor has not reported it.',
});

export const Party = enumOf('Party', 'A party of a call.', parties, {
  AGENT: 'The agent.',
  CUSTOMER: 'The customer.',
  MIXED: 'All parties on one track.',
  UNKNOWN: 'The vendor has not reported it.',
});

export const RecordingKind = enumOf('RecordingKind', 'The content of a recording.', recordingKinds, {
  AUDIO: 'Voice.',
  SCREEN: "The agent's screen.",
  VIDEO: 'The video of a call.',
  VOICEMAIL: 'A message from a caller.',
});

export const RecordingState = enumOf(
  'RecordingState',
  "The state of a recording. `vendorState` is the vendor's own term.",
  recordingStates,
  {
    STARTING: 'Requested and accepted, but not observed yet.',
    RECORDING: 'In progress.',
    PAUSED: 'Paused.',
    STOPPING: 'The stop was requested, but not observed yet.',
    STOPPED: 'Ended. It is not known yet if its media can be fetched.',
    AVAILABLE: 'Its media can be fetched.',
    ABSENT: 'The vendor has no media.',
    FAILED: 'The recording failed at the vendor.',
    EXPIRED: 'The vendor deleted the media at the end of its storage time.',
    UNKNOWN: 'The vendor has not reported it.',
  },
);

export const RecordMode = enumOf('RecordMode', 'How to treat a file that exists.', recordModes, {
  OVERWRITE: 'Replace it.',
  APPEND: 'Continue at its end.',
});

export const MediaFormat = enumOf('MediaFormat', 'The format of audio.', mediaFormats, {
  ORIGINAL: "The vendor's own file, unchanged.",
  WAV: 'Converted to a WAV file that every browser plays.',
});

export const BlackoutState = enumOf('BlackoutState', 'The state of a blackout.', blackoutStates, {
  SCHEDULED: 'It starts later.',
  ACTIVE: 'In force. `confirmation` says how well that is known.',
  STOPPING: 'The stop was requested and is repeated until the vendor accepts it.',
  ENDED: 'Ended.',
  FAILED: 'It was never in force.',
});

export const BlackoutEnd = enumOf('BlackoutEnd', 'The actor that ended a blackout.', blackoutEnds, {
  OPERATOR: 'A call of stopBlackout.',
  SCHEDULE: 'A stop time that was given in advance.',
  DEADLINE: 'The deadline passed.',
  VENDOR: "Another actor, observed in the vendor's events.",
});

export const BlackoutReason = enumOf('BlackoutReason', 'The reason for a blackout.', blackoutReasons, {
  CARD_PAYMENT: 'A card number is spoken.',
  IDENTITY: 'Identity papers or passwords are spoken.',
  HEALTH: 'Health information is spoken.',
  LEGAL: 'The law forbids recording.',
  OTHER: 'Another reason. Describe it in the note.',
});

export const BlackoutWarning = enumOf('BlackoutWarning', 'A warning about a blackout.', blackoutWarnings, {
  DEADLINE_NEAR: 'The deadline is near: a fifth of the time is left, but at least 15 seconds and at most half of it.',
  UNCONFIRMED: 'It was not confirmed within the configured time. The blackout may not be in force.',
  STOP_FAILING: 'The vendor does not accept the stop. Evidence may be lost.',
  EXPOSED: 'A recording ran that could contain what was said, of this agent or of another agent on the call.',
  MASK_LOST: 'The recorder was away and may have forgotten the blackout.',
});

export const Confirmation = enumOf(
  'Confirmation',
  "PENDING: the vendor has not answered yet. ACCEPTED: the vendor acknowledged the request. CONFIRMED: the effect was observed in the vendor's events or state.",
  confirmations,
  {
    PENDING: 'The vendor has not answered yet.',
    ACCEPTED: 'The vendor acknowledged the request. The effect has not been observed.',
    CONFIRMED: "The effect was observed in the vendor's events or state.",
  },
);

export const CommandStatus = enumOf('CommandStatus', 'The outcome of a control request.', commandStatuses, {
  PENDING: 'The vendor has not answered yet.',
  ACCEPTED: 'The vendor acknowledged the request. The effect has not been observed.',
  CONFIRMED: "The effect was observed in the vendor's events or state.",
  FAILED: 'The command failed. `problem` gives the reason.',
});

export const ProblemCode = enumOf('ProblemCode', 'The kind of a failure.', problemCodes, {
  NOT_FOUND: 'The object does not exist, or the caller may not use its source.',
  UNSUPPORTED: 'The source does not support this. See RecordingSource.capabilities.',
  INVALID_INPUT: 'An argument breaks a rule. The message names both.',
  NOT_IN_CALL: 'The agent is not on a call.',
  NOT_RECORDING: 'There is no recording in progress that the command could act on.',
  ALREADY_RECORDING: 'The agent is already being recorded.',
  ALREADY_BLACKED_OUT: 'The agent already has an open blackout.',
  NOT_BLACKED_OUT: 'The agent has no open blackout.',
  NOT_SIGNED_IN: 'The agent is not signed in.',
  CONFLICT: 'The current state does not permit the request.',
  IDEMPOTENCY_MISMATCH: 'The idempotency key was used before with another input.',
  FORBIDDEN: 'The caller lacks a scope or may not use the source.',
  VENDOR_REJECTED: 'The vendor refused the request.',
  VENDOR_UNAVAILABLE: 'The vendor could not be reached, or it failed.',
  VENDOR_TIMEOUT: 'The vendor did not answer in time.',
  MEDIA_UNAVAILABLE: 'The media cannot be fetched.',
});
