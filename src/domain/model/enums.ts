/** The enums of the contract. Each list is written once: array, union type, and (in `graphql/enums.ts`) GraphQL enum. */

export const agentStatuses = ['OFFLINE', 'IDLE', 'BUSY', 'RINGING', 'ON_CALL', 'ON_HOLD', 'WRAP_UP', 'BREAK', 'UNKNOWN'] as const;
export type AgentStatus = (typeof agentStatuses)[number];

/** Statuses that say that the agent is in no call; the others leave it open. */
export const outOfCallStatuses: readonly AgentStatus[] = ['OFFLINE', 'IDLE', 'BREAK', 'WRAP_UP'];

export const agentIdentifiers = ['ID', 'PHONE', 'EMAIL', 'SIP_URI', 'SYNC_ID', 'USERNAME', 'SYSTEM_USERNAME', 'CRM_USERNAME'] as const;
export type AgentIdentifier = (typeof agentIdentifiers)[number];

export const callStates = ['RINGING', 'ACTIVE', 'HELD', 'ENDED', 'UNKNOWN'] as const;
export type CallState = (typeof callStates)[number];

export const callDirections = ['INBOUND', 'OUTBOUND', 'INTERNAL', 'UNKNOWN'] as const;
export type CallDirection = (typeof callDirections)[number];

export const parties = ['AGENT', 'CUSTOMER', 'MIXED', 'UNKNOWN'] as const;
export type Party = (typeof parties)[number];

export const recordingKinds = ['AUDIO', 'SCREEN', 'VIDEO', 'VOICEMAIL'] as const;
export type RecordingKind = (typeof recordingKinds)[number];

export const recordingStates = [
  'STARTING',
  'RECORDING',
  'PAUSED',
  'STOPPING',
  'STOPPED',
  'AVAILABLE',
  'ABSENT',
  'FAILED',
  'EXPIRED',
  'UNKNOWN',
] as const;
export type RecordingState = (typeof recordingStates)[number];

/** States in which a vendor may still be writing the recording. */
export const liveRecordingStates: readonly RecordingState[] = ['STARTING', 'RECORDING', 'PAUSED', 'STOPPING'];

export const recordModes = ['OVERWRITE', 'APPEND'] as const;
export type RecordMode = (typeof recordModes)[number];

export const mediaFormats = ['ORIGINAL', 'WAV'] as const;
export type MediaFormat = (typeof mediaFormats)[number];

export const blackoutStates = ['SCHEDULED', 'ACTIVE', 'STOPPING', 'ENDED', 'FAILED'] as const;
export type BlackoutState = (typeof blackoutStates)[number];
export const openBlackoutStates: readonly BlackoutState[] = ['SCHEDULED', 'ACTIVE', 'STOPPING'];

export const blackoutEnds = ['OPERATOR', 'SCHEDULE', 'DEADLINE', 'VENDOR'] as const;
export type BlackoutEnd = (typeof blackoutEnds)[number];

export const blackoutReasons = ['CARD_PAYMENT', 'IDENTITY', 'HEALTH', 'LEGAL', 'OTHER'] as const;
export type BlackoutReason = (typeof blackoutReasons)[number];

export const blackoutWarnings = ['DEADLINE_NEAR', 'UNCONFIRMED', 'STOP_FAILING', 'EXPOSED', 'MASK_LOST'] as const;
export type BlackoutWarning = (typeof blackoutWarnings)[number];

export const confirmations = ['PENDING', 'ACCEPTED', 'CONFIRMED'] as const;
export type Confirmation = (typeof confirmations)[number];

export const commandStatuses = ['PENDING', 'ACCEPTED', 'CONFIRMED', 'FAILED'] as const;
export type CommandStatus = (typeof commandStatuses)[number];

export const supports = ['NATIVE', 'EMULATED', 'UNSUPPORTED'] as const;
export type Support = (typeof supports)[number];

const readOperations = ['LIST_AGENTS', 'OBSERVE_AGENT', 'OBSERVE_CALL', 'LIST_RECORDINGS', 'DOWNLOAD_MEDIA'] as const;
export const recordingOperations = [
  'START_RECORDING',
  'STOP_RECORDING',
  'UPDATE_RECORDING',
  'START_DUPLICATE_RECORDING',
  'STOP_DUPLICATE_RECORDING',
  'START_SCREEN_RECORDING',
  'UPDATE_SCREEN_RECORDING',
  'STOP_SCREEN_RECORDING',
] as const;
export const blackoutOperations = ['START_BLACKOUT', 'STOP_BLACKOUT', 'RENEW_BLACKOUT'] as const;
export type BlackoutOperation = (typeof blackoutOperations)[number];
export const sessionOperations = ['SIGN_IN_AGENT', 'SIGN_OUT_AGENT'] as const;
export const operations = [...readOperations, ...recordingOperations, ...blackoutOperations, ...sessionOperations] as const;
export type Operation = (typeof operations)[number];
export type ControlOperation = (typeof recordingOperations)[number] | (typeof sessionOperations)[number];

export const sourceStatuses = ['UP', 'DEGRADED', 'DOWN'] as const;
export type SourceStatus = (typeof sourceStatuses)[number];

export const circuitStates = ['CLOSED', 'HALF_OPEN', 'OPEN'] as const;
export type CircuitState = (typeof circuitStates)[number];

export const problemCodes = [
  'NOT_FOUND',
  'UNSUPPORTED',
  'INVALID_INPUT',
  'NOT_IN_CALL',
  'NOT_RECORDING',
  'ALREADY_RECORDING',
  'ALREADY_BLACKED_OUT',
  'NOT_BLACKED_OUT',
  'NOT_SIGNED_IN',
  'CONFLICT',
  'IDEMPOTENCY_MISMATCH',
  'FORBIDDEN',
  'VENDOR_REJECTED',
  'VENDOR_UNAVAILABLE',
  'VENDOR_TIMEOUT',
  'MEDIA_UNAVAILABLE',
] as const;
export type ProblemCode = (typeof problemCodes)[number];

export const scopes = [
  'agents:read',
  'recordings:read',
  'recordings:control',
  'blackouts:control',
  'sessions:control',
  'media:read',
  'audit:read',
  'pii:read',
  'metrics:read',
] as const;
export type Scope = (typeof scopes)[number];
