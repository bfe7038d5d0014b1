/** Tells live state of a batch: when its agents were seen, and whether the next answer of the same bytes can say anything new. */
import { instant } from '../model/instant.ts';
import type { ObservationBatch } from '../model/observation.ts';
import type { Clock } from '../ports/clock.ts';
import { describedAgents } from './known-rows.ts';
import type { LiveState } from './live-state.ts';
import { isNothing, type Reduction } from './reduction.ts';

/** True if live state holds all that the last complete batch of a source showed, and when something else of the source was changed. */
interface Quiet {
  holds: boolean;
  /** External ids of the agents that the batch described. */
  agents: readonly string[];
  disturbedMs: number;
}

interface ReportedAgents {
  /** External ids of the agents that the last complete batch of the source described. */
  ofLastComplete(source: string): readonly string[];
  /** Returns true if the batch repeats an answer that live state holds all of. */
  saysNothingNew(source: string, batch: ObservationBatch): boolean;
  /** Notes that rows of the source were changed by something else than its complete answers. */
  disturb(source: string): void;
  /** Tells live state of a batch that came before, as a delivery. */
  recordContacts(source: string, batch: ObservationBatch): void;
  /** Tells live state of a batch that was reduced and committed. */
  recordReported(source: string, batch: ObservationBatch, reduction: Reduction): void;
  /** Tells live state of a batch of which `saysNothingNew`. */
  recordKnown(source: string, batch: ObservationBatch): void;
}

export const createReportedAgents = (liveState: LiveState, clock: Clock): ReportedAgents => {
  const quiet = new Map<string, Quiet>();
  const quietOf = (source: string): Quiet => quiet.get(source) ?? { holds: false, agents: [], disturbedMs: Number.NEGATIVE_INFINITY };
  const disturb = (source: string): void => {
    quiet.set(source, { holds: false, agents: [], disturbedMs: clock.now() });
  };
  const recordContacts = (source: string, { asOfMs, complete, contact }: ObservationBatch): void => {
    if (complete || contact === true) liveState.recordContact(source, asOfMs);
    if (Array.isArray(contact)) liveState.touch(source, contact, instant(asOfMs));
  };
  return {
    ofLastComplete: (source) => quietOf(source).agents,
    saysNothingNew: (source, { unchanged, complete, receipt }) =>
      unchanged === true && complete === true && receipt === undefined && quietOf(source).holds,
    disturb,
    recordContacts,
    recordReported: (source, batch, reduction) => {
      const agents = describedAgents(batch.observations);
      liveState.touch(source, agents, instant(batch.asOfMs));
      recordContacts(source, batch);
      const isConfirmed = isNothing(reduction) && !reduction.isOutdated;
      const { disturbedMs } = quietOf(source);
      // A complete answer says nothing of what was changed after it was requested.
      if (batch.complete) quiet.set(source, { holds: isConfirmed && batch.asOfMs > disturbedMs, agents, disturbedMs });
      else if (!isConfirmed) disturb(source);
    },
    recordKnown: (source, batch) => {
      liveState.touch(source, quietOf(source).agents, instant(batch.asOfMs));
      recordContacts(source, batch);
    },
  };
};
