/** The parts of the server that it hands to a vendor. */
import type { Agent, Call, Recording } from '../model/entities.ts';
import type { ProblemCode } from '../model/enums.ts';
import type { ObservationBatch } from '../model/observation.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

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
