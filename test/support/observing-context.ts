import type { Agent, Call, Recording } from '../../src/domain/model/entities.ts';
import { liveRecordingStates } from '../../src/domain/model/enums.ts';
import { reduce } from '../../src/domain/observe/reduce.ts';
import type { Known } from '../../src/domain/observe/reduction.ts';
import type { VendorContext } from '../../src/domain/ports/vendor-context.ts';
import { createVendorContext, type RecordedVendorContext } from '../../src/vendors/kit/testing/vendor-context.ts';

export interface ObservingContext extends RecordedVendorContext {
  agents: Map<string, Agent>;
  calls: Map<string, Call>;
  /** By their last external id. */
  recordings: Map<string, Recording>;
  /** The next `times` batches are not kept: `observe` throws. */
  refuse(times: number): void;
}

/** A `VendorContext` that reduces observations, as the server does, and answers `known` from the result. */
export const createObservingContext = (source: string, overrides: Partial<VendorContext> = {}): ObservingContext => {
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
      recordingsOfCalls: async (ids) => ids.map((id) => [...recordings.values()].filter(({ call }) => call === id)),
      recordingsOfCall: async (id) => [...recordings.values()].filter(({ call }) => call === id),
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
    const known: Known = {
      agent: (id) => agents.get(id) ?? null,
      call: (id) => calls.get(id) ?? null,
      recording,
      liveAt: (agent) => ({ calls: [], recordings: liveRecordings(agent).map(({ externalId }) => externalId) }),
    };
    const observed = reduce(known, source, batch);
    for (const { after } of observed.agents) agents.set(after.externalId, after);
    for (const { after } of observed.calls) calls.set(after.externalId, after);
    for (const { before, after } of observed.recordings) {
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
