/** Holds the rows of one batch while it is reduced, and what comes out of it. */
import type { Agent, Call, Instant, Recording } from '../model/entities.ts';
import { instant } from '../model/instant.ts';
import { isSameRow } from './same-row.ts';

/** Rows as they are now; null for one that was never seen. */
export interface Known {
  agent(externalId: string): Agent | null;
  call(externalId: string): Call | null;
  recording(externalId: string): Recording | null;
  /** External ids of what is believed to be live at an agent. */
  liveAt(agent: string): { calls: readonly string[]; recordings: readonly string[] };
}

export interface Change<T> {
  before: T | null;
  after: T;
}

export interface Reduction {
  agents: readonly Change<Agent>[];
  calls: readonly Change<Call>[];
  recordings: readonly Change<Recording>[];
  /** Agents that were shown, changed or not. */
  reported: readonly string[];
  /** True if some of it was left out, since there was contact with an agent after the request. */
  isOutdated: boolean;
}

/** Returns true if nothing changed. */
export const isNothing = ({ agents, calls, recordings }: Reduction): boolean => agents.length + calls.length + recordings.length === 0;

/** The rows of one kind, as the batch has left them so far. */
interface ChangedRows<T> {
  now(externalId: string): T | null;
  /** Puts `after` in the place of `before`, which may have had another external id. */
  set(before: T | null, after: T): void;
  /** Returns the rows that differ from what they were before the batch; null there for a row that is new in it. */
  changes(): readonly Change<T>[];
}

const rowsOver = <T extends { externalId: string }>(known: (externalId: string) => T | null): ChangedRows<T> => {
  const changes = new Map<string, Change<T>>();
  return {
    now: (id) => changes.get(id)?.after ?? known(id),
    set: (before, after) => {
      const renamed = before !== null && before.externalId !== after.externalId ? changes.get(before.externalId) : undefined;
      if (renamed) changes.delete(renamed.after.externalId);
      const first = changes.get(after.externalId) ?? renamed;
      changes.set(after.externalId, { before: first ? first.before : before, after });
    },
    changes: () => [...changes.values()].filter(({ before, after }) => !isSameRow(before, after)),
  };
};

/** A batch while it is reduced. */
export interface Draft {
  source: string;
  asOfMs: number;
  /** `asOfMs` as an instant. */
  at: Instant;
  known: Known;
  agents: ChangedRows<Agent>;
  calls: ChangedRows<Call>;
  recordings: ChangedRows<Recording>;
  /** External ids of what the batch's liveness observations name: live, wherever it was before. */
  named: Names;
  /** The same of agents that were seen since the batch was requested. */
  namedLate: Names;
  reported: Set<string>;
  isOutdated: boolean;
}

interface Names {
  calls: Set<string>;
  recordings: Set<string>;
}

const noNames = (): Names => ({ calls: new Set(), recordings: new Set() });

export const createDraft = (source: string, asOfMs: number, known: Known): Draft => ({
  source,
  asOfMs,
  at: instant(asOfMs),
  known,
  agents: rowsOver(known.agent),
  calls: rowsOver(known.call),
  recordings: rowsOver(known.recording),
  named: noNames(),
  namedLate: noNames(),
  reported: new Set(),
  isOutdated: false,
});

/** Returns when the agent was shown, where that was after the batch was requested: it is out of date about the agent, and marked so. */
export const laterContactAt = (draft: Draft, agent: string): Instant | null => {
  const seen = draft.known.agent(agent)?.observedAt ?? null;
  if (seen === null || seen <= draft.at) return null;
  draft.isOutdated = true;
  return seen;
};

/** Returns the fields that an observation shows. */
export const reportedFields = <T extends object>(patch: T): Partial<T> => {
  const fields: Partial<T> = {};
  for (const name of Object.keys(patch) as (keyof T)[]) if (patch[name] !== undefined) fields[name] = patch[name];
  return fields;
};
