import { createSingleFlight, type SingleFlight } from '../../lib/single-flight.ts';
import type { Slices } from '../../lib/slices.ts';
import { createTurns, type Turns } from '../../lib/turns.ts';
import type { Agent } from '../model/entities.ts';
import type { ExpectedError } from '../model/errors.ts';
import type { ObservationBatch } from '../model/observation.ts';
import type { Principal } from '../model/principal.ts';
import type { LiveState } from '../observe/live-state.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventFeed } from '../ports/event-feed.ts';
import type { Store } from '../ports/store.ts';
import type { VendorSource } from '../ports/vendor.ts';

/** The agent, null where there is none, or the error that says that several bear the identifier. */
export type FoundAgent = Agent | null | ExpectedError;

/** The reads of vendors that are under way, which concurrent requests share, and when lists were last read. */
interface VendorReadState {
  agentLists: SingleFlight<readonly string[]>;
  agentLookups: Map<string, Promise<FoundAgent>>;
  /** Of a caller at a source some look-ups are at the vendor at once; the others wait for them, and for nobody else's. */
  callersTurns: Turns<null>;
  /** A caller's counts run one after another. */
  callersCounts: Turns<never>;
  recordingLists: SingleFlight<void>;
  /** When the recordings of an agent, or of everyone, were last listed, in epoch ms. */
  recordingsListedMs: Map<string, number>;
}

/** Of one caller at one source; more are refused. */
const maxTurnsWaiting = 64;

export const createVendorReadState = (): VendorReadState => ({
  agentLists: createSingleFlight(),
  agentLookups: new Map(),
  callersTurns: createTurns(maxTurnsWaiting),
  callersCounts: createTurns(),
  recordingLists: createSingleFlight(),
  recordingsListedMs: new Map(),
});

/** The context of reads that may call a vendor. */
export interface VendorReadContext {
  clock: Clock;
  liveState: LiveState;
  sources: ReadonlyMap<string, VendorSource>;
  /** Reduces and commits what a vendor reported. */
  observe(source: string, batch: ObservationBatch): Promise<void>;
  vendorReads: VendorReadState;
  /** The caller; absent where the server reads for itself. */
  principal?: Pick<Principal, 'name'>;
  /** Contact since then, in epoch ms, is never too old; undefined in a stream. */
  sinceMs: number | undefined;
}

/** The context of the reads of one execution. */
export interface ReadContext extends VendorReadContext {
  store: Store;
  /** Slices in which everything that a caller asks for is read and shown. */
  slices: Slices;
  eventFeed: Pick<EventFeed, 'subscribe' | 'position'>;
  principal: Principal;
  /** The sources within the caller's reach. */
  sources: ReadonlyMap<string, VendorSource>;
  /** Writes down that the caller asked for this source, where it exists and is out of reach. */
  noteOutOfReach(source: string): void;
  /** The largest `first` that a list takes. */
  maxPageSize: number;
}

/** The context that all reads of a server share. */
export type ReadServices = Omit<ReadContext, 'principal' | 'sources' | 'noteOutOfReach' | 'sinceMs' | 'maxPageSize'>;
