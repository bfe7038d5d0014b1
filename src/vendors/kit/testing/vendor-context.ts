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

type Log = VendorContext['log'];

const recordingLog = (logged: RecordedVendorContext['logged']): Log => {
  const logAt =
    (level: keyof Log): Log[typeof level] =>
    (message, fields = {}) => {
      logged.push({ level, message, fields });
    };
  return { info: logAt('info'), warn: logAt('warn'), error: logAt('error') };
};

const stateIn = (stored: Map<string, string>): VendorContext['state'] => {
  const read = (key: string): unknown => (stored.has(key) ? JSON.parse(stored.get(key)!) : null);
  return {
    get: async (key) => read(key),
    put: async (key, value) => {
      stored.set(key, JSON.stringify(value));
    },
    update: async (key, change) => {
      const changed = change(read(key));
      stored.set(key, JSON.stringify(changed));
      return changed;
    },
    delete: async (key) => {
      stored.delete(key);
    },
  };
};

const knownIn = (holds: RecordedVendorContext['holds']): VendorContext['known'] => {
  const ofCall = (call: string) => holds.recordings.filter((recording) => recording.call === call);
  return {
    agent: (externalId) => holds.agents.get(externalId) ?? null,
    call: (externalId) => holds.calls.get(externalId) ?? null,
    liveRecordings: (agent) => holds.recordings.filter((recording) => recording.agent === agent),
    recordingsOfCalls: async (ids) => ids.map(ofCall),
    recordingsOfCall: async (call) => ofCall(call),
    storedCalls: async (externalIds) => externalIds.map((externalId) => holds.calls.get(externalId) ?? null),
  };
};

const recordBatches = (): Pick<RecordedVendorContext, 'observe' | 'batches' | 'batch' | 'observations'> => {
  const batches: ObservationBatch[] = [];
  const waiting = new Set<{ matches: (batch: ObservationBatch) => boolean; resolve: (batch: ObservationBatch) => void }>();
  return {
    batches,
    observe: async (batch) => {
      batches.push(batch);
      for (const waiter of waiting) {
        if (!waiter.matches(batch)) continue;
        waiting.delete(waiter);
        waiter.resolve(batch);
      }
    },
    observations: () => batches.flatMap((batch) => batch.observations),
    batch: (matches = () => true) => {
      const there = batches.find(matches);
      return there ? Promise.resolve(there) : new Promise((resolve) => waiting.add({ matches, resolve }));
    },
  };
};

/** `overrides` replace single members, such as the clock (a manual one by default) or `observe` (to let it fail). */
export const createVendorContext = (overrides: Partial<VendorContext> = {}): RecordedVendorContext => {
  const deadLetters: RecordedVendorContext['deadLetters'] = [];
  const measured: Measured[] = [];
  const logged: RecordedVendorContext['logged'] = [];
  const stored = new Map<string, string>();
  const holds: RecordedVendorContext['holds'] = { agents: new Map(), calls: new Map(), recordings: [] };
  return {
    clock: createManualClock(),
    log: recordingLog(logged),
    ...recordBatches(),
    state: stateIn(stored),
    deadLetter: async ({ kind, reason, body }) => {
      deadLetters.push({ kind, reason, body: Buffer.from(body).toString() });
    },
    known: knownIn(holds),
    measure: (operation, outcome, ms) => {
      measured.push({ operation, outcome, ms });
    },
    ...overrides,
    deadLetters,
    measured,
    logged,
    stored,
    holds,
  };
};
