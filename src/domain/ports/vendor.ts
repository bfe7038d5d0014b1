/** One configured installation of a vendor, and what the server hands to it. */
import type { Agent, Call, Instant, MetadataEntry, Recording, SourceHealth } from '../model/entities.ts';
import type { AgentIdentifier, ControlOperation, Operation, ProblemCode, RecordMode, Support } from '../model/enums.ts';
import type { AgentSnapshot, Observation, ObservationBatch } from '../model/observation.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

export interface AgentLookup {
  identifier: AgentIdentifier;
  value: string;
}

export interface AgentReader {
  /** The identifiers by which the vendor finds an agent. */
  identifiers: readonly AgentIdentifier[];
  /** One answer a lookup, in order, null for an agent the vendor does not know. Costs as few vendor calls as it can. */
  byIdentifiers(lookups: readonly AgentLookup[], signal: AbortSignal): Promise<readonly (AgentSnapshot | null)[]>;
  /** Every agent of the source. */
  list(signal: AbortSignal): Promise<readonly AgentSnapshot[]>;
  /** Reads the list, observes it and returns its external ids: for a vendor whose observer reads the same list and seldom finds a change. */
  refresh?(signal: AbortSignal): Promise<readonly string[]>;
  /**
   * Every agent that bears the identifier at the vendor now, read fresh: a command is for exactly one. Absent where `list` shows the
   * identifiers of everyone, which is then read and searched.
   */
  bearers?(lookup: AgentLookup, signal: AbortSignal): Promise<readonly AgentSnapshot[]>;
  /** True where several lookups cost least by one `list`, which shows the identifiers of everyone. */
  listFindsAll?: boolean;
}

export interface RecordingReader {
  /** Lists the recordings of these agents (external ids); of everyone where `agents` is null. */
  list(scope: { agents: readonly string[] | null }, signal: AbortSignal): Promise<readonly Observation[]>;
}

/** One command to a vendor. Only the fields of its operation are set. */
export interface VendorCommand {
  operation: ControlOperation | 'START_BLACKOUT' | 'STOP_BLACKOUT';
  agent: Agent;
  /** The agent as the caller named it; absent in what the server sends by itself, which goes by the id. */
  addressedBy?: AgentLookup | undefined;
  metadata?: readonly MetadataEntry[];
  fileName?: string;
  mode?: RecordMode;
  /** The vendor's id of a call on hold or parked. */
  call?: string;
  phone?: string;
  force?: boolean;
  /** Blackout start or stop time as the client gave it; wins over `offsetSeconds`. */
  at?: Instant;
  /** Whole seconds from the vendor's receipt. */
  offsetSeconds?: number;
}

/** The vendor's yes. A no is thrown as `ExpectedError`; a timeout as VENDOR_TIMEOUT, whose outcome is then read from state. */
export interface VendorAnswer {
  /** External id of the recording that the command made or touched, where the vendor says it. */
  recording?: string | null;
  observations?: readonly Observation[];
}

export type ControlHandler = (command: VendorCommand, signal: AbortSignal) => Promise<VendorAnswer>;

export interface BlackoutControl {
  support: Exclude<Support, 'UNSUPPORTED'>;
  /** True if events or state show that the masking is in force. */
  confirmable: boolean;
  /** NATIVE only; an EMULATED blackout is composed of STOP_RECORDING and START_RECORDING (append) of `control`. */
  start?: ControlHandler;
  stop?: ControlHandler;
}

export type AudioEncoding = 'MP3' | 'WAV' | 'ALAW_8000' | 'VOX_8000' | 'VOX_6000' | 'MP4' | 'UNKNOWN';

export interface ByteRange {
  /** First byte, counted from 0. */
  start: number;
  /** Last byte, inclusive; null for the rest. */
  end: number | null;
}

export interface OpenedMedia {
  contentType: string;
  encoding: AudioEncoding;
  /** Bytes in `body`, when the vendor says. */
  byteLength: number | null;
  /** The part of the file that `body` is, where the vendor honoured a range. */
  range: { start: number; end: number; total: number } | null;
  /** Ends early, by throwing, when the vendor breaks off: a part is never presented as the whole. A chunk is its reader's, memory and all. */
  body: AsyncIterable<Uint8Array>;
  /** Stops the vendor's stream; safe to call at any time and twice. */
  close(): void;
}

export interface MediaReader {
  /** True if the vendor honours byte ranges. */
  ranges: boolean;
  /**
   * Checks that it is audio before it answers; throws MEDIA_UNAVAILABLE: retryable while it may still come, with a vendor code where the vendor says
   * that it has none.
   */
  open(recording: Recording, options: { range?: ByteRange; signal: AbortSignal }): Promise<OpenedMedia>;
}

export interface Observer {
  /** Watches the vendor until `signal` aborts; survives every vendor fault; reports through `VendorContext.observe`. */
  run(signal: AbortSignal): Promise<void>;
}

export interface WebhookRequest {
  method: string;
  /** The path after `/hooks/{source}`, such as `` or `/oauth2/token`. */
  path: string;
  query: URLSearchParams;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  body: Uint8Array;
}

export interface WebhookResponse {
  status: number;
  headers?: Readonly<Record<string, string>>;
  body: string;
}

export type WebhookHead = Omit<WebhookRequest, 'body'>;

export interface Webhook {
  /** Called before the body is read: returns the answer to a sender who does not prove itself by its head, null for others. */
  admit?(head: WebhookHead): Promise<WebhookResponse | null>;
  /** Bytes, verify, read, persist, answer: what it acknowledges is committed. */
  handle(request: WebhookRequest): Promise<WebhookResponse>;
}

/** One configured installation of a vendor. An absent property is what the vendor cannot do. */
export interface VendorSource {
  name: string;
  /** The word of the contract's `Vendor` enum; OTHER for a vendor that a plug-in brings. */
  vendor: string;
  /** The word for the vendor in the configuration. */
  vendorType: string;
  /** How old what live state holds may be before a read goes to the vendor. */
  maxStalenessMs: number;
  /** How long a reader waits for the vendor before it gets what is stored; absent where the vendor's own deadline is short enough. */
  timeoutMs?: number | undefined;
  /** How long after acceptance a confirmable command may stay unconfirmed. */
  confirmMs: number;
  maxAgentBlackoutMs: number | null;
  /** Which of OBSERVE_AGENT and OBSERVE_CALL the vendor shows. */
  observes: readonly Operation[];
  /** Remarks shown with a capability, such as a licence it needs. */
  notes?: Partial<Record<Operation, string>>;
  agents?: AgentReader;
  recordings?: RecordingReader;
  control?: Partial<Record<ControlOperation, ControlHandler>>;
  /** The metadata keys that can be written; absent means any. */
  metadataKeys?: readonly string[];
  blackouts?: BlackoutControl;
  media?: MediaReader;
  observer?: Observer;
  webhook?: Webhook;
  /** Takes in a dead letter of this source; throws INVALID_INPUT where it still cannot be read. */
  replay?(letter: DeadLetter): Promise<void>;
  /**
   * The row of a stored recording under the id that this version gives it, with its former one; null where it has it already. Asked once of each
   * recording of the source, after an upgrade.
   */
  renewRecording?(recording: Recording): Promise<Recording | null>;
  /** The external id that this version gives a stored agent; null for what is no agent. Asked after an upgrade, too. */
  renewAgentId?(externalId: string): string | null;
  health(): SourceHealth;
  close(): Promise<void>;
}

/** The state that a source keeps between restarts and shares between servers: sessions, cursors. Values are JSON. */
export interface VendorState {
  /** Null for a key that was never put. */
  get(key: string): Promise<unknown>;
  put(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
  /**
   * Puts what `change` makes of the value (null when absent), and resolves with it; no other server's write comes between. `change` may run again.
   */
  update<T>(key: string, change: (value: unknown) => T): Promise<T>;
}

/** Follows a source's calls for metrics and traces. */
export interface VendorMeter {
  /** One call more (1) or less (-1) in flight. */
  inFlight(change: 1 | -1): void;
  /** One call more (1) or less (-1) that waits for a place. */
  waiting(change: 1 | -1): void;
  /** A read is sent once more. */
  repeated(operation: string): void;
  /** Runs one call, as a span where traces are kept. */
  span<T>(operation: string, work: () => Promise<T>): Promise<T>;
}

/** A delivery that could not be read, byte for byte. */
export interface DeadLetter {
  /** Which of the vendor's messages it is, such as `push cdr`: how it is read when it is replayed. Holds no colon. */
  kind: string;
  /** In words that hold nothing of the body. */
  reason: string;
  body: Uint8Array;
}

/** The context that the server hands to a vendor's `create`. */
export interface VendorContext {
  clock: Clock;
  log: Log;
  /** Reduces and commits; resolves when it is durable. */
  observe(batch: ObservationBatch): Promise<void>;
  state: VendorState;
  /** Keeps what could not be read; resolves when it is durable. */
  deadLetter(letter: DeadLetter): Promise<void>;
  /** Live agents and recordings of this source as last reported, which resolving a command and emulating a blackout read. */
  known: {
    agent(externalId: string): Agent | null;
    call(externalId: string): Call | null;
    liveRecordings(agent: string): readonly Recording[];
    /** Calls as they are stored, those that are over too; in order, null for one that was never reported. */
    storedCalls(externalIds: readonly string[]): Promise<readonly (Call | null)[]>;
    /** Everything that is stored of a call's recordings. */
    recordingsOfCall(externalId: string): Promise<readonly Recording[]>;
    /** As `recordingsOfCall`, of many calls in order. */
    recordingsOfCalls(externalIds: readonly string[]): Promise<readonly (readonly Recording[])[]>;
  };
  /** Counts one vendor call for the metrics. */
  measure(operation: string, outcome: 'OK' | ProblemCode, ms: number): void;
  /**
   * The vendor answers again after it was away; it last answered at `sinceMs`, epoch ms: null where it has not answered this server before.
   * Absent where nobody listens.
   */
  outageEnded?(sinceMs: number | null): void;
  /** Absent where nothing is measured. */
  meter?: VendorMeter;
}
