/** After an upgrade, gives stored recordings the ids that their vendors' code gives them now; the former ones go on resolving. */
import type { Recording } from '../model/entities.ts';
import type { Position, Store } from '../ports/store.ts';
import type { VendorSource } from '../ports/vendor.ts';

const pageSize = 500;
/** Another one with every version that stores recordings otherwise. */
const doneKey = 'recordingsRenewed:2';

/** Once for each source and store. A stop in the middle loses nothing: what has its new id is left as it is. */
export const renewRecordings = async (store: Store, sources: Iterable<VendorSource>): Promise<void> => {
  for (const source of sources) {
    if (!source.renewRecording) continue;
    const state = store.vendorState(source.name);
    if ((await state.get(doneKey)) === true) continue;
    let after: Position | null = null;
    for (;;) {
      const [page] = await store.recordings.pages([{ filter: { sources: [source.name] }, first: pageSize, after }]);
      const rows: Recording[] = [];
      for (const recording of page!.items) {
        const row = await source.renewRecording(recording);
        if (row !== null) rows.push(row);
      }
      if (rows.length > 0) await store.recordings.put(rows);
      after = page!.positions.at(-1) ?? null;
      if (!page!.hasNextPage || after === null) break;
    }
    await state.put(doneKey, true);
  }
};
