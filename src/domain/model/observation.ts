import type { Agent, Call, Instant, Recording } from './entities.ts';

/**
 * A vendor's report. An absent field was not reported and leaves the known value; null was reported as empty.
 * Observations may arrive late, twice and in any order; `observe` reduces them.
 */
export type Observation =
  | { type: 'agent'; agent: Partial<Omit<Agent, 'source' | 'observedAt' | 'absentSince'>> & { externalId: string } }
  /** The vendor lists the agent in a way that cannot be read: it is UNKNOWN, no younger than before, and nothing of it has ended. */
  | { type: 'unreadable'; agent: string }
  /** The vendor's complete list leaves the agent out: it is no younger than before, and what was live there is over. */
  | { type: 'absent'; agent: string }
  | { type: 'call'; call: Partial<Omit<Call, 'source'>> & { externalId: string } }
  /**
   * `resumed`: the vendor goes on writing a recording that had ended (append), so its state may go back. `shown`: it does where a
   * liveness observation of the same batch names it and the agent was not seen since.
   */
  | { type: 'recording'; recording: Partial<Omit<Recording, 'source'>> & { externalId: string }; resumed?: boolean | 'shown' }
  /**
   * All that is live at this agent: other rows that were live there have ended. `calls` and `recordings` are external
   * ids. A call that another agent's liveness observation in the same batch names has moved, not ended.
   */
  | { type: 'liveness'; agent: string; calls: readonly string[]; recordings: readonly string[] }
  /** The vendor's event says that a control command failed after it had been accepted. */
  | {
      type: 'commandFailed';
      agent: string;
      operations: readonly string[];
      recording: string | null;
      message: string;
      vendorCode: string | null;
    }
  /** Another actor's blackout command was seen. */
  | { type: 'blackout'; agent: string; active: boolean; at: Instant };

export interface ObservationBatch {
  observations: readonly Observation[];
  /** Epoch ms at which the request was sent or the push arrived: the observations are no older than this. */
  asOfMs: number;
  /** True where the batch shows every agent of the source: the whole source is then as fresh as `asOfMs`. */
  complete?: boolean;
  /** External ids of agents whom a complete batch names though it may show nothing of them: they are not absent, and no younger than before. */
  listed?: readonly string[];
  /**
   * True where the vendor's answer has the bytes of the complete batch that was handed to `observe` before this one, and the same bytes mean the
   * same. `observe` need not read the observations then, so that they may be a getter.
   */
  unchanged?: boolean;
  /**
   * True where the batch proves that the observer is in touch with the vendor about the whole source, even with nothing to report; external ids
   * where it proves that of these agents only.
   */
  contact?: boolean | readonly string[];
  /** A delivery's unique id: a batch whose receipt is known already is dropped, in the same transaction. */
  receipt?: string | undefined;
}

/** Returns the observations of several snapshots. */
export const observationsOf = (agentSnapshots: readonly AgentSnapshot[]): readonly Observation[] =>
  agentSnapshots.flatMap(({ observations }) => observations);

/** One agent as the vendor shows it now, with its calls and recordings. */
export interface AgentSnapshot {
  /** External id. */
  agent: string;
  observations: readonly Observation[];
}
