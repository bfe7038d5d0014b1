import type {
  AgentStatus,
  BlackoutEnd,
  BlackoutReason,
  BlackoutState,
  BlackoutWarning,
  CallDirection,
  CallState,
  CircuitState,
  CommandStatus,
  Confirmation,
  Operation,
  Party,
  ProblemCode,
  RecordingKind,
  RecordingState,
  SourceStatus,
  Support,
} from './enums.ts';

/** RFC 3339 in UTC, ending in `Z`; keeps every fractional digit the vendor gave. Build with `instant()`, order with `epochMs()`. */
export type Instant = string;

/** Names one agent, call or recording: the source it lives in and the vendor's own identifier, verbatim. */
export interface SourceKey {
  source: string;
  externalId: string;
}

/** An interval; `endsAt` is null while it lasts. */
export interface Interval {
  startsAt: Instant;
  endsAt: Instant | null;
}

export interface MetadataEntry {
  key: string;
  value: string;
}

/** A device that the vendor lists an agent at. */
export interface AgentDevice {
  phone: string | null;
  deviceId: string | null;
  deviceAlias: string | null;
  systemUsername: string | null;
}

export interface Agent extends SourceKey {
  name: string | null;
  email: string | null;
  phone: string | null;
  sipUri: string | null;
  username: string | null;
  systemUsername: string | null;
  crmUsername: string | null;
  syncId: string | null;
  deviceId: string | null;
  deviceAlias: string | null;
  /** Every device that the vendor lists the agent at; absent or empty where it reports none but the one above. */
  devices?: readonly AgentDevice[];
  businessUnit: string | null;
  status: AgentStatus;
  /** The vendor's word for the status, verbatim. */
  vendorStatus: string | null;
  statusSince: Instant | null;
  /** When the vendor last reported this agent. */
  observedAt: Instant | null;
  /** Since when the vendor's complete list leaves the agent out; null or absent while it is listed. */
  absentSince?: Instant | null;
  /** External id of the call the agent is in. */
  activeCall: string | null;
  /** External ids of calls on hold, parked, or waiting for a transfer to be picked up. */
  inactiveCalls: readonly string[];
  /** External ids of screen recordings that belong to no call. */
  desktopRecordings: readonly string[];
}

export interface CallLeg {
  party: Party;
  /** External id of the agent on this leg. */
  agent: string | null;
  endpoint: string | null;
  startedAt: Instant | null;
  endedAt: Instant | null;
}

export interface Call extends SourceKey {
  state: CallState;
  vendorState: string | null;
  direction: CallDirection;
  caller: string | null;
  called: string | null;
  queue: string | null;
  startedAt: Instant | null;
  answeredAt: Instant | null;
  endedAt: Instant | null;
  legs: readonly CallLeg[];
  /** External ids of every agent known to have been in the call, first to last. */
  agents: readonly string[];
  metadata: readonly MetadataEntry[];
}

export interface Recording extends SourceKey {
  /** The vendor's own id of the recording alone, verbatim; null or absent where it has none. */
  vendorId?: string | null | undefined;
  kind: RecordingKind;
  state: RecordingState;
  vendorState: string | null;
  isDuplicate: boolean;
  /** External id of the recorded agent. */
  agent: string | null;
  /** External id of the recorded call; may name a call that has not been seen yet. */
  call: string | null;
  party: Party;
  endpoint: string | null;
  fileName: string | null;
  startedAt: Instant | null;
  endedAt: Instant | null;
  durationMs: number | null;
  /** When it was being written, where it was stopped and continued; absent where it was written from `startedAt` to `endedAt`. */
  segments?: readonly Interval[];
  /** By how many ms the vendor's times of it may be off, since they contradict each other or are reported too roughly; absent for none. */
  timesOffByMs?: number;
  availableUntil: Instant | null;
  /** An earlier external id of the same recording, given before the vendor reported its final one; still resolves. */
  formerId: string | null;
  /** Data for the vendor's own media port (a location id, a signed URL). Never leaves the server. */
  vendorData: Readonly<Record<string, string | number | boolean | null>> | null;
}

/** One warning about a blackout, and when it was raised. */
export interface BlackoutWarningEntry {
  warning: BlackoutWarning;
  at: Instant;
}

/** An interval of a blackout in which something ran that could hold what was said or shown. */
export interface Exposure extends Interval {
  /** External id of the recording that ran; null where the recorder may have recorded without showing what. */
  recording: string | null;
}

export interface Blackout {
  id: string;
  source: string;
  /** External id of the agent. */
  agent: string;
  state: BlackoutState;
  confirmation: Confirmation;
  /** When the vendor last accepted to mask; null or absent where it did not, or where something runs that it did not stop. */
  acceptedAt?: Instant | null;
  /** The time of the last start that a caller or an outage caused; absent where only the first request did. */
  sentAt?: Instant;
  support: Support;
  reason: BlackoutReason;
  note: string | null;
  requestedBy: string;
  requestedAt: Instant;
  startsAt: Instant;
  stopsAt: Instant | null;
  deadline: Instant;
  endedAt: Instant | null;
  endedBy: BlackoutEnd | null;
  exposures: readonly Exposure[];
  /** Everything that was warned of, oldest first. */
  warnings: readonly BlackoutWarningEntry[];
  /** NATIVE: a start that lies ahead and that the vendor holds, of a blackout that was then started at once. */
  heldStartAt?: Instant;
  /** External ids of every recording of the agent that ran while it was open. */
  ran?: readonly string[];
  /** NATIVE: when the vendor may not have masked. */
  unmasked?: readonly Interval[];
  /** The calls that the agent was in while it was open, by external id, with when. */
  inCalls?: readonly (Interval & { call: string })[];
  /** Recordings that an EMULATED start stopped and a stop continues: external id and file name. */
  interrupted: readonly { recording: string; fileName: string | null }[];
  /** Counts writes; a write names the version it read (compare and set). */
  version: number;
}

export interface ProblemData {
  code: ProblemCode;
  message: string;
  retryable: boolean;
  vendorCode: string | null;
  correlationId: string;
}

export interface ControlCommand {
  id: string;
  operation: Operation;
  status: CommandStatus;
  source: string;
  /** External id of the agent; null only for reads that concern no agent. */
  agent: string | null;
  recording: string | null;
  blackout: string | null;
  requestedBy: string;
  requestedAt: Instant;
  /** When the vendor accepted it; observations older than this cannot confirm it. */
  acceptedAt: Instant | null;
  completedAt: Instant | null;
  idempotencyKey: string | null;
  /** Hash of the operation and its input: the same key with another hash is a mismatch. */
  inputHash: string;
  /** The input as data, for the audit trail; holds no secret. */
  input: Readonly<Record<string, unknown>>;
  problem: ProblemData | null;
}

export interface Capability {
  operation: Operation;
  support: Support;
  note: string | null;
}

export interface SourceHealth {
  status: SourceStatus;
  lastContactAt: Instant | null;
  /** In words that hold no host, secret or number. */
  lastError: string | null;
  circuit: CircuitState;
  /** The server's clock minus the vendor's, in milliseconds; null or absent where that could not be measured. */
  clockDifferenceMs?: number | null;
}
