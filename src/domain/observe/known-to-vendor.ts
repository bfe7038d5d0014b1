import type { Store } from '../ports/store.ts';
import type { VendorContext } from '../ports/vendor-context.ts';
import type { LiveState } from './live-state.ts';

/** Returns what the code of a source's vendor may look up of that source. */
export const knownToVendor = (
  source: string,
  { store, liveState }: { store: Pick<Store, 'calls' | 'recordings'>; liveState: Pick<LiveState, 'agent' | 'call' | 'liveRecordings'> },
): VendorContext['known'] => ({
  agent: (externalId) => liveState.agent({ source, externalId }),
  call: (externalId) => liveState.call({ source, externalId }),
  liveRecordings: (agent) => liveState.liveRecordings({ source, externalId: agent }),
  recordingsOfCalls: (externalIds) => store.recordings.ofCalls(externalIds.map((externalId) => ({ source, externalId }))),
  recordingsOfCall: async (externalId) => (await store.recordings.ofCalls([{ source, externalId }]))[0]!,
  storedCalls: (externalIds) => store.calls.byKeys(externalIds.map((externalId) => ({ source, externalId }))),
});
