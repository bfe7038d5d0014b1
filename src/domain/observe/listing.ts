import { coalesced } from '../../lib/coalesced.ts';
import { type ObservationBatch, observationsOf } from '../model/observation.ts';
import type { Clock } from '../ports/clock.ts';
import type { VendorSource } from '../ports/vendor.ts';

interface ListingContext {
  clock: Clock;
  observe(source: string, batch: ObservationBatch): Promise<void>;
}

/** Reads the list of a source's agents and observes what it shows; returns the external ids of all that it names. */
export const observeListing = async (
  { clock, observe }: ListingContext,
  { name, agents }: VendorSource,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  if (agents!.refresh) return agents!.refresh(signal);
  const asOfMs = clock.now();
  const snapshots = await agents!.list(signal);
  const listed = snapshots.map(({ agent }) => agent);
  await observe(name, { observations: observationsOf(snapshots), asOfMs, complete: true, listed });
  return listed;
};

/** Returns what `observeListing` does, read after the call was made. */
export type ReadFreshList = (source: VendorSource) => Promise<readonly string[]>;

/** Reads a source's list once for all calls during the read before. */
export const createFreshLists = (context: ListingContext): ReadFreshList => {
  const readings = new Map<string, () => Promise<readonly string[]>>();
  const { signal: neverAborted } = new AbortController();
  return (source) => {
    const known = readings.get(source.name);
    if (known) return known();
    const read = coalesced(() => observeListing(context, source, neverAborted));
    readings.set(source.name, read);
    return read();
  };
};
