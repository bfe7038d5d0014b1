import type { Agent, Call, Recording } from '../../../domain/model/entities.ts';
import type { Observation, ObservationBatch } from '../../../domain/model/observation.ts';
import type { VendorContext } from '../../../domain/ports/vendor-context.ts';
import { createManualClock } from './manual-clock.ts';

type Measured = { operation: string; outcome: Parameters<VendorContext['measure']>[1]; ms: number };

/** A `VendorContext` that keeps in memory what a vendor hands to it, for tests to read. */
export interface RecordedVendorContext extends VendorContext {
  /** Everything observed, oldest first. */
  readonly batches: ObservationBatch[];
  readonly deadLetters: { kind: string; reason: string; body: string }[];
  readonly measured: Measured[];
  readonly logged: { level: 'info' | 'warn' | 'error'; message: string; fields: Readonly<Record<string, unknown>> }[];
  /** The contents of `state`, as the JSON that it would be stored as. */
  readonly stored: Map<string, string>;
  /** The rows behind `known`; tests put in what the domain would hold. */
  readonly holds: { agents: Map<string, Agent>; calls: Map<string, Call>; recordings: Recording[] };
  /** The observations of every batch, oldest first. */
  observations(): Observation[];
  /** The first batch that `matches`: one that is there already, or the next that comes. */
  batch(matches?: (batch: ObservationBatch) => boolean): Promise<ObservationBatch>;
}

/** `overrides` replace single members, such as the clock (a manual one by default) or `observe` (to let it fail). */
export const createVendorContext = (overrides: Partial<VendorContext> = {}): RecordedVendorContext => {
  const batches: ObservationBatch[] = [];
  const deadLetters: RecordedVendorContext['deadLetters'] = [];
  const measured: Measured[] = [];
  const logged: RecordedVendorContext['logged'] = [];
  const stored = new Map<string, string>();
  const holds: RecordedVendorContext['holds'] = { agents: new Map(), calls: new Map(), recordings: [] };
  const waiting = new Set<{ matches: (batch: ObservationBatch) => boolean; resolve: (batch: ObservationBatch) => void }>();

  const logAt =
    (level: 'info' | 'warn' | 'error') =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      logged.push({ level, message, fields });
    };

  return {
    clock: createManualClock(),
    log: { info: logAt('info'), warn: logAt('warn'), error: logAt('error') },
    observe: async (batch) => {
      batches.push(batch);
      for (const waiter of waiting) {
        if (!waiter.matches(batch)) continue;
        waiting.delete(waiter);
        waiter.resolve(batch);
      }
    },
    state: {
      get: async (key) => (stored.has(key) ? JSON.parse(stored.get(key)!) : null),
      put: async (key, value) => {
        stored.set(key, JSON.stringify(value));
      },
      update: async (key, change) => {
        const changed = change(stored.has(key) ? JSON.parse(stored.get(key)!) : null);
        stored.set(key, JSON.stringify(changed));
        return changed;
      },
      delete: async (key) => {
        stored.delete(key);
      },
    },
    deadLetter: async ({ kind, reason, body }) => {
      deadLetters.push({ kind, reason, body: Buffer.from(body).toString() });
    },
    known: {
      agent: (externalId) => holds.agents.get(externalId) ?? null,
      call: (externalId) => holds.calls.get(externalId) ?? null,
      liveRecordings: (agent) => holds.recordings.filter((recording) => recording.agent === agent),
      recordingsOfCalls: async (calls) => calls.map((call) => holds.recordings.filter((recording) => recording.call === call)),
      recordingsOfCall: async (call) => holds.recordings.filter((recording) => recording.call === call),
      storedCalls: async (externalIds) => externalIds.map((externalId) => holds.calls.get(externalId) ?? null),
    },
    measure: (operation, outcome, ms) => {
      measured.push({ operation, outcome, ms });
    },
    ...overrides,
    batches,
    deadLetters,
    measured,
    logged,
    stored,
    holds,
    observations: () => batches.flatMap((batch) => batch.observations),
    batch: (matches = () => true) => {
      const there = batches.find(matches);
      return there ? Promise.resolve(there) : new Promise((resolve) => waiting.add({ matches, resolve }));
    },
  };
};
