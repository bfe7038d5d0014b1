/** Reads the answers to GetAll; an entry that cannot be read spoils no other agent, unless there is none. */
import { createListReader, ExpectedError, readJson } from '../kit/index.ts';
import { agentIdentity, agentListAnswer, listedAgent, type WireAgent } from './wire.ts';

export interface AgentList {
  /** The entries that can be read. Those of one agent, who may have several, are in the vendor's order. */
  agents: readonly WireAgent[];
  /**
   * Ids of agents with an entry that cannot be read; none of their entries is in `agents`. Where an entry has no id, of those whom the list before
   * had, too.
   */
  unread: readonly string[];
  /** Equal for answers of the same bytes. */
  digest: string | null;
}

export const nobody: AgentList = { agents: [], unread: [], digest: null };

export const isEmptyList = (text: string): boolean => /^\ufeff?\s*(\[\s*\]|null)\s*$/.test(text);

interface AgentListReading {
  list: AgentList;
  /** Tells which entry cannot be read; null where all can. */
  problem: string | null;
}

/** Returns the ids of those who cannot be read; an entry without an id may be of anyone who was listed before and is not now. */
const unreadIds = (spoilt: readonly unknown[], readable: readonly WireAgent[], before: AgentList): ReadonlySet<string> => {
  const ids = spoilt.map((item) => agentIdentity.safeParse(item).data?.AgentId ?? null);
  const listed = new Set(readable.map(({ AgentId }) => AgentId));
  const listedBefore = [...before.agents.map(({ AgentId }) => AgentId), ...before.unread];
  const missing = ids.includes(null) ? listedBefore.filter((id) => !listed.has(id)) : [];
  return new Set([...ids.filter((id) => id !== null), ...missing]);
};

/** The reader throws VENDOR_UNAVAILABLE where no entry can be read. */
export const createAgentListReader = (source: string) => {
  const readEntries = createListReader(listedAgent);
  return ({ text, digest, before }: { text: string; digest: string; before: AgentList }): AgentListReading => {
    const items = readJson(agentListAnswer, text, source, 'GetAll') ?? [];
    const results = readEntries(items);
    const readable = results.flatMap((result) => (result.success ? [result.data] : []));
    const bad = results.findIndex(({ success }) => !success);
    if (bad < 0) return { list: { agents: readable, unread: [], digest }, problem: null };
    const { error } = results[bad]!;
    const where = [bad, ...(error?.issues[0]?.path ?? [])].join('.');
    const problem = `${source}: the answer to GetAll is not of the documented shape (at ${where})`;
    if (readable.length === 0) throw new ExpectedError('VENDOR_UNAVAILABLE', `${problem}.`, { cause: error });
    const spoilt = items.filter((_, index) => !results[index]!.success);
    const unread = unreadIds(spoilt, readable, before);
    return {
      list: { agents: readable.filter(({ AgentId }) => !unread.has(AgentId)), unread: [...unread], digest },
      problem: `${problem}; the ${readable.length} agents that can be read are shown.`,
    };
  };
};
