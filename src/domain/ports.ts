/** What the domain needs from the outside. Adapters implement these; `main.ts` joins them up. */
import type {
  Agent,
  Blackout,
  Call,
  ControlCommand,
  Instant,
  LiveEvent,
  MetadataEntry,
  NounName,
  Recording,
  SourceHealth,
  SourceKey,
} from './nouns.ts';
import type { Observation, ObservationBatch, Sighting } from './observation.ts';
import type {
  AgentIdentifier,
  AgentStatus,
  BlackoutState,
  CallState,
  CommandStatus,
  ControlOperation,
  Operation,
  Party,
  ProblemCode,
  RecordingKind,
  RecordingState,
  RecordMode,
  Support,
} from './words.ts';

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Calls back once after `ms`; the returned function cancels. */
  after(ms: number, callback: () => void): () => void;
}

export interface Ids {
  /** A new, unguessable, unique id. */
  next(): string;
}

export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

// ---------------------------------------------------------------- vendors

export interface AgentLookup {
  identifier: AgentIdentifier;
  value: string;
}

export interface AgentReader {
  /** The identifiers by which the vendor finds an agent. */
  identifiers: readonly AgentIdentifier[];
  /** One answer a lookup, in order, null for an agent the vendor does not know. Costs as few vendor calls as it can. */
  byIdentifiers(lookups: readonly AgentLookup[], signal: AbortSignal): Promise<readonly (Sighting | null)[]>;
  /** Every agent of the source; the very same list again where the vendor shows what it showed last. */
  list(signal: AbortSignal): Promise<readonly Sighting[]>;
  /** Where several agents are found only by asking for all: finds them in what `list` gave, as `byIdentifiers` answers. */
  find?(everyone: readonly Sighting[], lookups: readonly AgentLookup[]): readonly (Sighting | null)[];
}

export interface CallReader {
  /** The calls that the vendor shows for these external ids; unknown ones are left out. */
  byIds(externalIds: readonly string[], signal: AbortSignal): Promise<readonly Observation[]>;
}

export interface RecordingReader {
  /** What the vendor lists of these agents' recordings (external ids); of everyone's when `agents` is null. */
  list(scope: { agents: readonly string[] | null }, signal: AbortSignal): Promise<readonly Observation[]>;
}

/** One command to a vendor. Only the fields of its operation are set. */
export interface VendorCommand {
  operation: ControlOperation | 'START_BLACKOUT' | 'STOP_BLACKOUT';
  agent: Agent;
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
  /** Whether events or state show that the masking is in force. */
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
  /** What of the whole `body` is, where the vendor honoured a range. */
  range: { start: number; end: number; total: number } | null;
  /** Ends early, by throwing, when the vendor breaks off: a part is never presented as the whole. A chunk is its reader's, memory and all. */
  body: AsyncIterable<Uint8Array>;
  /** Stops the vendor's stream; safe to call at any time and twice. */
  close(): void;
}

export interface MediaReader {
  /** Whether the vendor honours byte ranges. */
  ranges: boolean;
  /** Checks that it is audio before it answers; throws MEDIA_UNAVAILABLE (retryable while it may still come). */
  open(recording: Recording, options: { range?: ByteRange; signal: AbortSignal }): Promise<OpenedMedia>;
}

export interface Observer {
  /** Watches the vendor until `signal` aborts; survives every vendor fault; reports through `VendorContext.observe`. */
  run(signal: AbortSignal): Promise<void>;
}

export interface WebhookRequest {
  method: string;
  /** What follows `/hooks/{source}`, such as `` or `/oauth2/token`. */
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

export interface Webhook {
  /** Bytes, verify, read, persist, answer: what it acknowledges is committed. */
  handle(request: WebhookRequest): Promise<WebhookResponse>;
}

/** One configured installation of a vendor. What the vendor cannot do is an absent property. */
export interface VendorSource {
  name: string;
  /** The word of the contract's `Vendor` enum. */
  vendor: string;
  /** How old what the tracker holds may be before a read goes to the vendor. */
  maxStalenessMs: number;
  /** How long after acceptance a confirmable command may stay unconfirmed. */
  confirmMs: number;
  maxAgentBlackoutMs: number | null;
  /** Which of OBSERVE_AGENT and OBSERVE_CALL the vendor shows. */
  observes: readonly Operation[];
  /** Remarks shown with a capability, such as a licence it needs. */
  notes?: Partial<Record<Operation, string>>;
  agents?: AgentReader;
  calls?: CallReader;
  recordings?: RecordingReader;
  control?: Partial<Record<ControlOperation, ControlHandler>>;
  /** The metadata keys that can be written; absent means any. */
  metadataKeys?: readonly string[];
  blackouts?: BlackoutControl;
  media?: MediaReader;
  observer?: Observer;
  webhook?: Webhook;
  health(): SourceHealth;
  close(): Promise<void>;
}

/** What a source may keep between restarts and share between servers: sessions, cursors. Values are JSON. */
export interface VendorState {
  /** Null for a key that was never put. */
  get(key: string): Promise<unknown>;
  put(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
  /** Puts what `change` makes of the value (null when absent); no other server's write comes between. */
  update(key: string, change: (value: unknown) => unknown): Promise<void>;
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

/** What the server hands to a vendor's `create`. */
export interface VendorContext {
  clock: Clock;
  ids: Ids;
  log: Log;
  /** Folds and commits; resolves when it is durable. */
  observe(batch: ObservationBatch): Promise<void>;
  state: VendorState;
  /** Keeps what could not be read, with the reason. */
  deadLetter(reason: string, body: string): Promise<void>;
  /** Live agents and recordings of this source as last seen: what a settlement or an emulation looks at. */
  known: {
    agent(externalId: string): Agent | null;
    call(externalId: string): Call | null;
    liveRecordings(agent: string): readonly Recording[];
    /** Calls as they are stored, those that are over too; in order, null for one that was never seen. */
    storedCalls(externalIds: readonly string[]): Promise<readonly (Call | null)[]>;
  };
  /** Counts one vendor call for the metrics. */
  measure(operation: string, outcome: 'OK' | ProblemCode, ms: number): void;
  /** Absent where nobody looks. */
  meter?: VendorMeter;
  /** Where the server can be reached from outside, without a trailing slash. */
  publicUrl: string;
  /** Whether the server listens on a loopback address only. */
  loopbackOnly: boolean;
}

// ---------------------------------------------------------------- store

export interface AgentFilter {
  sources?: readonly string[] | null;
  vendors?: readonly string[] | null;
  statuses?: readonly AgentStatus[] | null;
  onCall?: boolean | null;
  blackedOut?: boolean | null;
  search?: string | null;
}

/** `agents` holds keys, since one person's page may span sources only by way of several keys. Null and absent mean any. */
export interface CallFilter {
  sources?: readonly string[] | null;
  states?: readonly CallState[] | null;
  agent?: SourceKey | null;
  startedAfter?: Instant | null;
  startedBefore?: Instant | null;
  /** A number of either side; compared by its digits' end, so that `+45…` and `0045…` find each other. */
  number?: string | null;
}

export interface RecordingFilter {
  sources?: readonly string[] | null;
  kinds?: readonly RecordingKind[] | null;
  states?: readonly RecordingState[] | null;
  agent?: SourceKey | null;
  call?: SourceKey | null;
  party?: Party | null;
  startedAfter?: Instant | null;
  startedBefore?: Instant | null;
  number?: string | null;
}

export interface BlackoutFilter {
  sources?: readonly string[] | null;
  states?: readonly BlackoutState[] | null;
  agent?: SourceKey | null;
  startedAfter?: Instant | null;
  startedBefore?: Instant | null;
}

export interface CommandFilter {
  sources?: readonly string[] | null;
  operations?: readonly Operation[] | null;
  statuses?: readonly CommandStatus[] | null;
  agent?: SourceKey | null;
  requestedBy?: string | null;
  requestedAfter?: Instant | null;
  requestedBefore?: Instant | null;
}

/** Where a page goes on: the sort key (epoch ms, newest first) and the row's own id, which breaks ties. */
export type Position = readonly [sortMs: number, rowId: string];

export interface PageRequest<F> {
  filter: F;
  first: number;
  after: Position | null;
}

export interface Page<T> {
  items: readonly T[];
  positions: readonly Position[];
  hasNextPage: boolean;
}

/** `requests` in, pages out, in order. */
export interface Pageable<T, F> {
  pages(requests: readonly PageRequest<F>[]): Promise<readonly Page<T>[]>;
  count(filter: F): Promise<number>;
}

/** Rows of a noun that lives in a source. `byKeys` answers in order, null for the missing. */
export interface NounTable<T, F> extends Pageable<T, F> {
  byKeys(keys: readonly SourceKey[]): Promise<readonly (T | null)[]>;
  put(rows: readonly T[]): Promise<void>;
}

export interface StoreOperations {
  agents: {
    byKeys(keys: readonly SourceKey[]): Promise<readonly (Agent | null)[]>;
    put(rows: readonly Agent[]): Promise<void>;
    all(sources: readonly string[]): Promise<readonly Agent[]>;
  };
  /** `live` brings everything whose state is not ENDED; newest first by `startedAt`, rows without one by when first seen. */
  calls: NounTable<Call, CallFilter> & { live(sources: readonly string[]): Promise<readonly Call[]> };
  /** `byKeys` finds a recording by its former id too; `put` of a row with `formerId` takes that row's place. */
  recordings: NounTable<Recording, RecordingFilter> & {
    live(sources: readonly string[]): Promise<readonly Recording[]>;
    /** Of these agents, newest first. */
    liveOf(agents: readonly SourceKey[]): Promise<readonly (readonly Recording[])[]>;
    ofCalls(keys: readonly SourceKey[]): Promise<readonly (readonly Recording[])[]>;
  };
  blackouts: Pageable<Blackout, BlackoutFilter> & {
    byIds(ids: readonly string[]): Promise<readonly (Blackout | null)[]>;
    insert(row: Blackout): Promise<void>;
    /** Writes `row` with its version raised by one where the stored version is still `row.version`; false where it is not. */
    compareAndSet(row: Blackout): Promise<boolean>;
    /** SCHEDULED, ACTIVE and STOPPING, of these sources. */
    open(sources: readonly string[]): Promise<readonly Blackout[]>;
    /** Those of the agents (in order) that overlap a stretch of time. */
    overlapping(spans: readonly { agent: SourceKey; from: Instant; to: Instant | null }[]): Promise<readonly (readonly Blackout[])[]>;
  };
  commands: Pageable<ControlCommand, CommandFilter> & {
    byIds(ids: readonly string[]): Promise<readonly (ControlCommand | null)[]>;
    /** Inserts, unless the caller has used the idempotency key already: then it answers that row and writes nothing. */
    insert(row: ControlCommand): Promise<{ inserted: boolean; row: ControlCommand }>;
    /** The caller's command of this idempotency key; null where there is none. */
    ofKey(requestedBy: string, idempotencyKey: string): Promise<ControlCommand | null>;
    /** Writes every field, `idempotencyKey` too: null frees a key that is no longer kept. */
    update(row: ControlCommand): Promise<void>;
    /** Those that nothing has completed: `completedAt` is null. */
    open(sources: readonly string[]): Promise<readonly ControlCommand[]>;
    ofBlackouts(ids: readonly string[]): Promise<readonly (readonly ControlCommand[])[]>;
  };
  events: {
    /** Gives ids in commit order, across servers too, and answers the events with them. */
    append(events: readonly Omit<LiveEvent, 'id'>[]): Promise<readonly LiveEvent[]>;
    after(id: number, limit: number, nouns?: readonly NounName[]): Promise<readonly LiveEvent[]>;
    /** Smallest and largest id kept; both 0 when nothing was ever written. `trimmedTo` is the largest id deleted. */
    bounds(): Promise<{ first: number; last: number; trimmedTo: number }>;
    /** Deletes what is older than `before` or beyond the newest `keepRows`. */
    trim(before: Instant, keepRows: number): Promise<number>;
  };
  /** An append-only trail in which each row holds the hash of the one before it. */
  audit: {
    append(entries: readonly AuditEntry[]): Promise<void>;
    rows(after: number, limit: number): Promise<readonly AuditRow[]>;
    /** Where the trail ends, as the last append left it: a row that is gone from the end shows by it. */
    head(): Promise<{ sequence: number; hash: string }>;
  };
  vendorState(source: string): VendorState;
  receipts: {
    /** Those that are new. */
    add(source: string, receipts: readonly string[], at: Instant): Promise<ReadonlySet<string>>;
    trim(before: Instant): Promise<void>;
  };
  deadLetters: {
    add(source: string, at: Instant, reason: string, body: string): Promise<void>;
    count(source: string): Promise<number>;
  };
}

export interface AuditEntry {
  at: Instant;
  actor: string;
  /** Such as `command.requested`, `command.settled`, `media.linked`, `ledger.read`. */
  action: string;
  subject: Readonly<Record<string, unknown>>;
}

export interface AuditRow extends AuditEntry {
  sequence: number;
  previousHash: string;
  hash: string;
}

export interface Leases {
  /** True where `holder` has it now, for `ttlMs` from `nowMs`: newly, still, or since the former holder's ran out. */
  acquire(name: string, holder: string, ttlMs: number, nowMs: number): Promise<boolean>;
  release(name: string, holder: string): Promise<void>;
}

export interface Store extends StoreOperations {
  leases: Leases;
  /** Everything inside commits together or not at all; rows that are read to be written are locked until then. */
  transaction<T>(work: (operations: StoreOperations) => Promise<T>): Promise<T>;
  /** Resolves when the store answers; throws when it does not. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

// ---------------------------------------------------------------- bus

/** Carries events that are committed already. It may lose one; the log in the store never does. */
export interface Bus {
  publish(events: readonly LiveEvent[]): Promise<void>;
  /** The returned function unsubscribes. Handlers see events of every server, this one's included, each at least once. */
  subscribe(handler: (events: readonly LiveEvent[]) => void): () => void;
  /** Called after a time in which events may have been missed. */
  onGap(handler: () => void): () => void;
  ping(): Promise<void>;
  close(): Promise<void>;
}
