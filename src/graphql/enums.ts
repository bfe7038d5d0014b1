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
  const all = [...vendors, { vendor: 'OTHER', title: 'A vendor that a plug-in brings; `RecordingSource.vendorType` names it.' }];
  for (const { vendor } of all) Vendor[vendor] = vendor;
  const valuesConfig = Object.fromEntries(all.map(({ vendor, title }) => [vendor, { description: title }]));
  registerEnumType(Vendor, { name: 'Vendor', description: 'The make of a recording system.', valuesConfig });
};

export const Support = enumOf(
  'Support',
  "How a source can do an operation: the vendor's own command, a safe composition of other commands, or not at all.",
  supports,
  {
    NATIVE: "The vendor's own command or read.",
    EMULATED: 'A safe composition of other commands of the vendor.',
    UNSUPPORTED: 'Not at all; asking for it answers a Problem of this code.',
  },
);

export const RecorderOperation = enumOf('RecorderOperation', 'What can be asked of a source.', operations, {
  LIST_AGENTS: 'List every agent of the source.',
  OBSERVE_AGENT: "Follow an agent's status as it changes.",
  OBSERVE_CALL: 'Follow calls as they come and go.',
  LIST_RECORDINGS: "List past recordings from the vendor's own catalogue.",
  DOWNLOAD_MEDIA: 'Fetch the audio of a recording.',
  START_RECORDING: "Start an audio recording of an agent's call.",
  STOP_RECORDING: 'Stop the audio recording of an agent.',
  UPDATE_RECORDING: 'Write metadata onto the audio recording in progress.',
  START_DUPLICATE_RECORDING: 'Start a second recording of a call that is recorded already.',
  STOP_DUPLICATE_RECORDING: 'Stop that second recording.',
  START_SCREEN_RECORDING: "Start a recording of an agent's screen.",
  UPDATE_SCREEN_RECORDING: 'Write metadata onto the screen recording in progress.',
  STOP_SCREEN_RECORDING: "Stop the recording of an agent's screen.",
  START_BLACKOUT: 'Start a stretch of time in which nothing of an agent is recorded.',
  STOP_BLACKOUT: 'End it.',
  RENEW_BLACKOUT: 'Send the start of a blackout again and move its deadline.',
  SIGN_IN_AGENT: 'Sign an agent in to the recording system.',
  SIGN_OUT_AGENT: 'Sign an agent out.',
});

export const SourceStatus = enumOf('SourceStatus', 'How well a source answers.', sourceStatuses, {
  UP: 'It answers.',
  DEGRADED: 'Its last answers were failures, or something about it needs an operator.',
  DOWN: 'It does not answer.',
});

export const CircuitState = enumOf('CircuitState', 'The circuit breaker in front of a vendor.', circuitStates, {
  CLOSED: 'Calls go through.',
  HALF_OPEN: 'One call is let through to see whether the vendor is back.',
  OPEN: 'Calls are refused at once, since the vendor failed several times in a row.',
});

export const AgentStatus = enumOf(
  'AgentStatus',
  "What an agent is doing, in words that all vendors share; `vendorStatus` has the vendor's own.",
  agentStatuses,
  {
    OFFLINE: 'Signed out.',
    IDLE: 'Waiting for a call.',
    BUSY: 'Not taking calls.',
    RINGING: 'A call is being offered.',
    ON_CALL: 'Talking.',
    ON_HOLD: 'In a call that is on hold.',
    WRAP_UP: 'Finishing work after a call.',
    BREAK: 'On a break.',
    UNKNOWN: 'The vendor has not said, or said something that is not known here.',
  },
);

export const AgentIdentifier = enumOf(
  'AgentIdentifier',
  'The identifiers by which vendors find an agent; a source takes those its vendor knows.',
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

export const CallState = enumOf('CallState', "Where a call stands; `vendorState` has the vendor's own word.", callStates, {
  RINGING: 'Being offered.',
  ACTIVE: 'Being talked in.',
  HELD: 'On hold, parked, or waiting for a transfer to be picked up.',
  ENDED: 'Over.',
  UNKNOWN: 'The vendor has not said.',
});

export const CallDirection = enumOf('CallDirection', 'Which way a call was made.', callDirections, {
  INBOUND: 'From a customer.',
  OUTBOUND: 'To a customer.',
  INTERNAL: 'Between agents.',
  UNKNOWN: 'The vendor has not said.',
});

export const Party = enumOf('Party', 'Whose voice is meant.', parties, {
  AGENT: "The agent's.",
  CUSTOMER: "The customer's.",
  MIXED: 'All voices on one track.',
  UNKNOWN: 'The vendor has not said.',
});

export const RecordingKind = enumOf('RecordingKind', 'What a recording holds.', recordingKinds, {
  AUDIO: 'Voice.',
  SCREEN: "The agent's screen.",
  VIDEO: 'A video call.',
  VOICEMAIL: 'A message that a caller left.',
});

export const RecordingState = enumOf(
  'RecordingState',
  "Where a recording stands; `vendorState` has the vendor's own word.",
  recordingStates,
  {
    STARTING: 'Asked for and accepted; not seen to run yet.',
    RECORDING: 'Running.',
    PAUSED: 'Running, but nothing is being written.',
    STOPPING: 'Asked to stop; not seen to have stopped yet.',
    STOPPED: 'Over; whether its media can be fetched is not known yet.',
    AVAILABLE: 'Its media can be fetched.',
    ABSENT: 'The vendor has no media of it.',
    FAILED: 'The vendor could not make it.',
    EXPIRED: "Its media was deleted at the end of the vendor's storage time.",
    UNKNOWN: 'The vendor has not said.',
  },
);

export const RecordMode = enumOf('RecordMode', 'What starting does with a file that is there already.', recordModes, {
  OVERWRITE: 'Replace it.',
  APPEND: 'Go on at its end.',
});

export const MediaFormat = enumOf('MediaFormat', 'The form in which audio is handed out.', mediaFormats, {
  ORIGINAL: "Byte for byte the vendor's.",
  WAV: 'Decoded into a WAV file that a browser plays.',
});

export const BlackoutState = enumOf('BlackoutState', 'Where a blackout stands.', blackoutStates, {
  SCHEDULED: 'Its start lies ahead.',
  ACTIVE: 'In force, as far as `confirmation` says.',
  STOPPING: 'Its end has been asked for and has not landed yet.',
  ENDED: 'Over.',
  FAILED: 'It never came into force.',
});

export const BlackoutEnd = enumOf('BlackoutEnd', 'Who or what ended a blackout.', blackoutEnds, {
  OPERATOR: 'A stopBlackout.',
  SCHEDULE: 'A stop time that was given beforehand.',
  DEADLINE: 'Nobody stopped it, so the deadline did.',
  VENDOR: "Another actor, seen in the vendor's events.",
});

export const BlackoutReason = enumOf('BlackoutReason', 'Why a blackout is asked for.', blackoutReasons, {
  CARD_PAYMENT: 'A card number is spoken.',
  IDENTITY: 'Identity papers or passwords are spoken.',
  HEALTH: 'Matters of health are spoken of.',
  LEGAL: 'The law forbids recording.',
  OTHER: 'Anything else; say it in the note.',
});

export const BlackoutWarning = enumOf('BlackoutWarning', 'What about a blackout needs a look.', blackoutWarnings, {
  DEADLINE_NEAR: 'A fifth of the time to its deadline is left, at least 15 seconds of it and at most half.',
  UNCONFIRMED: 'It could be confirmed and is not, within the time configured: it may not be in force.',
  STOP_FAILING: 'The vendor does not take its end: evidence may be getting lost.',
  EXPOSED: 'Something ran that could hold what was said, here or at another agent in the call.',
  MASK_LOST: 'The recorder was away and may have forgotten the blackout.',
});

export const Confirmation = enumOf(
  'Confirmation',
  "PENDING: not answered yet. ACCEPTED: the vendor said yes and offers no way to check. CONFIRMED: seen in the vendor's own events or state.",
  confirmations,
  {
    PENDING: 'Not answered yet.',
    ACCEPTED: 'The vendor said yes; nothing has been seen.',
    CONFIRMED: "Seen in the vendor's own events or state.",
  },
);

export const CommandStatus = enumOf('CommandStatus', 'What came of a control request so far.', commandStatuses, {
  PENDING: 'Not answered yet.',
  ACCEPTED: 'The vendor said yes; nothing has been seen.',
  CONFIRMED: "Seen in the vendor's own events or state.",
  FAILED: 'It did not happen; `problem` says why.',
});

export const ProblemCode = enumOf('ProblemCode', 'Why something that was asked for did not happen.', problemCodes, {
  NOT_FOUND: 'There is no such thing, or it is out of reach.',
  UNSUPPORTED: 'The source cannot do this; see RecordingSource.capabilities.',
  INVALID_INPUT: 'An argument breaks a rule; the message names both.',
  NOT_IN_CALL: 'The agent is in no call.',
  NOT_RECORDING: 'Nothing is being recorded that this could act on.',
  ALREADY_RECORDING: 'It is being recorded already.',
  ALREADY_BLACKED_OUT: 'A blackout of this agent is open already.',
  NOT_BLACKED_OUT: 'No blackout of this agent is open.',
  NOT_SIGNED_IN: 'The agent is not signed in.',
  CONFLICT: 'Something else that is going on stands in the way.',
  IDEMPOTENCY_MISMATCH: 'The idempotency key was used before, with another input.',
  FORBIDDEN: 'The caller lacks a scope or the reach for it.',
  VENDOR_REJECTED: 'The vendor said no.',
  VENDOR_UNAVAILABLE: 'The vendor could not be asked, or failed.',
  VENDOR_TIMEOUT: 'The vendor did not answer in time.',
  MEDIA_UNAVAILABLE: 'The media cannot be fetched, now or ever.',
});
