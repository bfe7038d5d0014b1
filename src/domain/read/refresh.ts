/** Brings what is stored of a source up to date, where it is too old. */

import { observeListing } from '../observe/listing.ts';
import type { VendorSource } from '../ports/vendor.ts';
import type { VendorReadContext } from './context.ts';
import { inTime, isFresh, isYoung, neverAborted } from './freshness.ts';

/** Lists every agent of the source, once for concurrent callers; returns their external ids. */
export const readAgentList = (context: VendorReadContext, source: VendorSource): Promise<readonly string[]> =>
  context.vendorReads.agentLists(source.name, () => observeListing(context, source, neverAborted));

/** Reads the agents of a source and what they do, unless they are fresh; throws what the vendor throws. */
export const refreshSource = async (context: VendorReadContext, name: string): Promise<void> => {
  const source = context.sources.get(name)!;
  if (!source.agents || isFresh(context, source, context.liveState.lastContactMs(name))) return;
  await inTime(context, source, readAgentList(context, source));
};

/** Of how many agents at most it is known when their recordings were listed. */
const maxListings = 10_000;

const listingKey = (source: string, agent: string | null) => JSON.stringify([source, agent]);

/** Lists the recordings of these agents (external ids; everyone's when null) where the vendor can and they are not young. */
export const refreshRecordings = async (context: VendorReadContext, name: string, agents: readonly string[] | null): Promise<void> => {
  const source = context.sources.get(name)!;
  if (!source.recordings) return;
  const { recordingsListedMs, recordingLists } = context.vendorReads;
  const listedMs = (agent: string | null) => recordingsListedMs.get(listingKey(name, agent)) ?? 0;
  // An empty id is nobody's.
  const wanted = (agents ?? [null]).filter((agent) => agent !== '' && !isYoung(context, source, Math.max(listedMs(agent), listedMs(null))));
  if (wanted.length === 0) return;
  const scope = agents === null ? null : (wanted as string[]);
  const reading = recordingLists(JSON.stringify([name, scope]), async () => {
    const asOfMs = context.clock.now();
    const observations = await source.recordings!.list({ agents: scope }, neverAborted);
    await context.observe(name, { observations, asOfMs });
    // Callers may name agents without end; what is forgotten is only read again.
    if (recordingsListedMs.size > maxListings) recordingsListedMs.clear();
    for (const agent of wanted) recordingsListedMs.set(listingKey(name, agent), asOfMs);
  });
  await inTime(context, source, reading);
};
