import type { ObservationBatch } from '../model/observation.ts';
import type { ReadFreshList } from '../observe/listing.ts';
import type { LiveState } from '../observe/live-state.ts';
import type { Clock, Ids } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Store } from '../ports/store.ts';
import type { AgentLookup, VendorSource } from '../ports/vendor.ts';
import type { NoteRefusedAttempt } from './refused-attempts.ts';

export interface ControlSettings {
  /** How far in the past a blackout's times may lie. */
  clockSkewMs: number;
  /** How long an idempotency key answers for its first request. */
  idempotencyKeepMs: number;
  /** The longest that one vendor command may take, even where the source's own deadline is longer. */
  commandDeadlineMs: number;
  /** How long the look-up of an agent by id may take before the command goes by what was last seen of it. */
  lookupDeadlineMs: number;
  /** How long a server that no longer runs keeps others from acting in its place. */
  leaseMs: number;
  /** The deadline of a blackout where the source sets none. */
  maxBlackoutMs: number;
  /** How often what is open is looked through, timers aside. */
  sweepMs: number;
  /** How long a command whose outcome is unknown waits to be observed before it counts as failed. */
  unknownOutcomeMs: number;
}

export const defaultControlSettings: ControlSettings = {
  clockSkewMs: 30_000,
  idempotencyKeepMs: 24 * 3_600_000,
  commandDeadlineMs: 30_000,
  lookupDeadlineMs: 5_000,
  leaseMs: 5_000,
  maxBlackoutMs: 300_000,
  sweepMs: 5_000,
  unknownOutcomeMs: 300_000,
};

/** The context of every command and blackout use case. */
export interface ControlContext {
  store: Store;
  clock: Clock;
  ids: Ids;
  log: Log;
  sources: ReadonlyMap<string, VendorSource>;
  liveState: Pick<LiveState, 'agent' | 'agentsOf' | 'blackout' | 'call' | 'liveRecordings' | 'lastContactMs'>;
  /** Reduces and commits what a vendor showed. */
  observe(source: string, batch: ObservationBatch): Promise<void>;
  /** Resolves when everything is applied here that this server has committed. A command is resolved by what is observed from then on. */
  applied(): Promise<void>;
  /** Reads every agent that a source lists now; returns their external ids. */
  readFreshList: ReadFreshList;
  /** Tells everything that subscribes that something was committed. */
  emit(): void;
  /** SHA-256 in hex. */
  hash(text: string): string;
  settings: ControlSettings;
  /** Records that a caller named a source out of its reach. */
  noteRefused: NoteRefusedAttempt;
  /** The commands, by id, whose answer this server is waiting for; each promise resolves when it has come. */
  inFlight: Map<string, Promise<void>>;
}

/** Names one agent in the words of a request. */
export interface AgentReference extends AgentLookup {
  source: string;
}
