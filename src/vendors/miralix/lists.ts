/** Reads answers that are lists; entries that cannot be read spoil none of the others. */
import { createUnreadableItems, ExpectedError, type JsonRequest, type VendorApi, type VendorContext } from '../kit/index.ts';
import * as wire from './wire.ts';

export interface AgentList {
  agents: readonly wire.OverviewAgent[];
  /** False where an entry cannot be read. */
  isWhole: boolean;
}

export interface ListReaders {
  /** The items of a list that can be read; an absent or null list is empty. Null for a status of `absent`. */
  items<T>(schema: wire.ListSchema<T>, request: JsonRequest): Promise<readonly T[] | null>;
  /** Of a list that is always there, a 404 says that the address is wrong. */
  queues(request: JsonRequest): Promise<readonly wire.Queue[]>;
  /** An entry that cannot be read spoils no other agent, unless there is none, and is shown in the health. */
  agents(request: JsonRequest): Promise<AgentList | null>;
}

export const createListReaders = (api: VendorApi, source: string, context: VendorContext): ListReaders => {
  const keepUnreadable = createUnreadableItems(context);

  const readList = async <T>(schema: wire.ListSchema<T>, request: JsonRequest): Promise<wire.List<T> | null> => {
    const { value, status, unchanged } = await api.answer(schema, { ...request, emptyIsAbsent: true });
    if (status >= 300) return null;
    for (const { item, place } of unchanged ? [] : value.unreadable)
      await keepUnreadable(request.operation, `An item is not of the documented shape at ${place}.`, item);
    return value;
  };
  const items = async <T>(schema: wire.ListSchema<T>, request: JsonRequest): Promise<readonly T[] | null> =>
    (await readList(schema, request))?.items ?? null;
  const readAgents = async (request: JsonRequest): Promise<AgentList | null> => {
    const answer = await readList(wire.overview, request);
    if (answer === null) return null;
    const { items: agents, unreadable } = answer;
    const about = `entries of ${request.operation}`;
    const isWhole = unreadable.length === 0;
    const problem = `${source}: the answer to ${request.operation} is not of the documented shape (at ${unreadable[0]?.place})`;
    api.checked(() => {
      if (!isWhole && agents.length === 0) throw new ExpectedError('VENDOR_UNAVAILABLE', `${problem}.`);
    }, about);
    if (!isWhole) api.noteProblem(`${problem}; the ${agents.length} agents that can be read are shown.`, about);
    return { agents, isWhole };
  };

  return { items, queues: async (request) => (await items(wire.queues, request)) ?? [], agents: readAgents };
};
