/** One configured installation of a vendor. */
import type { Agent, Instant, MetadataEntry, Recording, SourceHealth } from '../model/entities.ts';
import type { AgentIdentifier, ControlOperation, Operation, RecordMode, Support } from '../model/enums.ts';
import type { AgentSnapshot, Observation } from '../model/observation.ts';
import type { MediaReader } from './media.ts';
import type { DeadLetter } from './vendor-context.ts';
import type { Webhook } from './webhook.ts';

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

/** The vendor's acknowledgement. A rejection is thrown as `ExpectedError`; a timeout as VENDOR_TIMEOUT, whose outcome is then read from state. */
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

export interface Observer {
  /** Watches the vendor until `signal` aborts; survives every vendor fault; reports through `VendorContext.observe`. */
  run(signal: AbortSignal): Promise<void>;
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
