import type { Agent, Call, Recording } from '../../src/domain/nouns.ts';
import { fold } from '../../src/domain/observe/fold.ts';
import type { VendorContext } from '../../src/domain/ports.ts';
import { liveRecordingStates } from '../../src/domain/words.ts';
import { createVendorContext, type RecordedVendorContext } from './vendor-context.ts';

export interface FoldingContext extends RecordedVendorContext {
  agents: Map<string, Agent>;
  calls: Map<string, Call>;
  /** By their last external id. */
  recordings: Map<string, Recording>;
  /** The next `times` batches are not kept: `observe` throws. */
  refuse(times: number): void;
}

/** A `VendorContext` that folds what it is told, as the server does, and answers `known` from that. */
export const createFoldingContext = (source: string, overrides: Partial<VendorContext> = {}): FoldingContext => {
  const agents = new Map<string, Agent>();
  const calls = new Map<string, Call>();
  const recordings = new Map<string, Recording>();
  const liveRecordings = (agent: string) =>
    [...recordings.values()].filter((recording) => recording.agent === agent && liveRecordingStates.includes(recording.state));
  const recording = (id: string) => recordings.get(id) ?? [...recordings.values()].find(({ formerId }) => formerId === id) ?? null;
  const context = createVendorContext({
    known: {
      agent: (id) => agents.get(id) ?? null,
      call: (id) => calls.get(id) ?? null,
      liveRecordings,
      storedCalls: async (ids) => ids.map((id) => calls.get(id) ?? null),
    },
    ...overrides,
  });
  const keep = context.observe;
  let refusals = 0;
  const observe: VendorContext['observe'] = async (batch) => {
    if (refusals > 0) {
      refusals -= 1;
      throw new Error('the store is not there');
    }
    const folded = fold(source, batch.observations, batch.asOfMs, {
      agent: (id) => agents.get(id) ?? null,
      call: (id) => calls.get(id) ?? null,
      recording,
      liveAt: (agent) => ({ calls: [], recordings: liveRecordings(agent).map(({ externalId }) => externalId) }),
    });
    for (const { after } of folded.agents) agents.set(after.externalId, after);
    for (const { after } of folded.calls) calls.set(after.externalId, after);
    for (const { before, after } of folded.recordings) {
      if (before !== null && before.externalId !== after.externalId) recordings.delete(before.externalId);
      recordings.set(after.externalId, after);
    }
    await keep(batch);
  };
  const refuse = (times: number) => {
    refusals = times;
  };
  return { ...context, observe, agents, calls, recordings, refuse };
};
