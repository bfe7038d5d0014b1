/** After an upgrade, gives stored rows the ids that their vendors' code gives them now; the former ids of recordings go on resolving. */
import type { Call, Recording } from '../model/entities.ts';
import type { Page, Position } from '../ports/pages.ts';
import type { Store } from '../ports/store.ts';
import type { VendorSource } from '../ports/vendor.ts';

const pageSize = 500;
/** Another one with every version that stores rows otherwise. */
const doneKey = 'rowsRenewed:1';

/** Runs through all rows of a source, page by page. */
const forEachPage = async <T>(
  read: (after: Position | null) => Promise<readonly Page<T>[]>,
  put: (rows: readonly T[]) => Promise<void>,
): Promise<void> => {
  let after: Position | null = null;
  for (;;) {
    const [page]: readonly Page<T>[] = await read(after);
    await put(page!.items);
    after = page!.positions.at(-1) ?? null;
    if (!page!.hasNextPage || after === null) break;
  }
};

const renewRecordings = (store: Store, { name, renewRecording }: VendorSource): Promise<void> =>
  forEachPage<Recording>(
    (after) => store.recordings.pages([{ filter: { sources: [name] }, first: pageSize, after }]),
    async (recordings) => {
      const rows = (await Promise.all(recordings.map((recording) => renewRecording!(recording)))).filter((row) => row !== null);
      if (rows.length > 0) await store.recordings.put(rows);
    },
  );

/** Calls first: what they name is there until they name it no more. */
const renewAgents = async (store: Store, { name, renewAgentId }: VendorSource): Promise<void> => {
  const idOf = (agent: string) => renewAgentId!(agent);
  await forEachPage<Call>(
    (after) => store.calls.pages([{ filter: { sources: [name] }, first: pageSize, after }]),
    async (calls) => {
      const stale = calls.filter(({ agents, legs }) =>
        [...agents, ...legs.flatMap(({ agent }) => agent ?? [])].some((one) => idOf(one) !== one),
      );
      const rows = stale.map((call) => ({
        ...call,
        agents: [...new Set(call.agents.flatMap((agent) => idOf(agent) ?? []))],
        legs: call.legs.map((leg) => ({ ...leg, agent: leg.agent === null ? null : idOf(leg.agent) })),
      }));
      if (rows.length > 0) await store.calls.put(rows);
    },
  );
  const agents = await store.agents.all([name]);
  const known = new Set(agents.map(({ externalId }) => externalId));
  const stale = agents.filter(({ externalId }) => idOf(externalId) !== externalId);
  const rows = stale.flatMap((agent) => {
    const externalId = idOf(agent.externalId);
    return externalId === null || known.has(externalId) ? [] : [{ ...agent, externalId }];
  });
  await store.transaction(async (operations) => {
    if (rows.length > 0) await operations.agents.put(rows);
    await operations.agents.remove(stale);
  });
};

/** Once for each source and store. A stop in the middle loses nothing: what has its new id is left as it is. */
export const renewRows = async (store: Store, sources: Iterable<VendorSource>): Promise<void> => {
  for (const source of sources) {
    if (!source.renewRecording && !source.renewAgentId) continue;
    const state = store.vendorState(source.name);
    if ((await state.get(doneKey)) === true) continue;
    if (source.renewRecording) await renewRecordings(store, source);
    if (source.renewAgentId) await renewAgents(store, source);
    await state.put(doneKey, true);
  }
};
