/** Reads agents: one by the vendor's look-up, several by its list, which shows the identifiers of everyone. */
import { type AgentLookup, type AgentReader, type AgentSnapshot, epochMs, instant, unreadableSnapshot } from '../kit/index.ts';
import type { AgentList } from './agent-list.ts';
import { type ReadingContext, unreadableTimes } from './calls.ts';
import { bearersIn, identifiers, identifierWord } from './identifiers.ts';
import { createLocalTimeReader, type TimeReader } from './local-time.ts';
import { agentSnapshotsOf, agentsIn } from './mapping.ts';
import type { UptivitySource } from './source.ts';
import type { WireAgent } from './wire.ts';

/** The vendor's list of agents. */
interface AllAgents {
  list: AgentList;
  /** External ids of all that it names. */
  agents: readonly string[];
  /** Equal for answers of the same bytes. */
  digest: string | null;
  /** Makes what it shows. */
  snapshots(): readonly AgentSnapshot[];
}

export interface UptivityAgents {
  reader: AgentReader;
  readAll(signal: AbortSignal): Promise<AllAgents>;
}

/** The reading of lists and agents of one source. */
interface Reads extends UptivitySource {
  readTime: TimeReader;
  /** The digest of an answer of whose calls every time can be read. */
  readable: string | null;
}

const readingAt = ({ readTime, context }: Reads, asOfMs: number): ReadingContext => ({ readTime, asOfMs, known: context.known });

const noteTimes = (reads: Reads, list: AgentList, reading: ReadingContext): void => {
  if (list.digest !== null && list.digest === reads.readable) return;
  const bad = unreadableTimes(list.agents, reading);
  reads.readable = bad === 0 ? list.digest : null;
  const calls = bad === 1 ? 'call' : 'calls';
  const problem = `${reads.settings.name}: the start of ${bad} ${calls} is not a time or is in the future; check the source's timeZone and dateOrder.`;
  reads.client.noteProblem(bad === 0 ? null : problem, 'times of calls');
};

const readAll = async (reads: Reads, signal: AbortSignal): Promise<AllAgents> => {
  const reading = readingAt(reads, reads.context.clock.now());
  const list = await reads.client.allAgents(signal);
  noteTimes(reads, list, reading);
  return {
    list,
    agents: [...agentsIn(list.agents).map(({ id }) => id), ...list.unread],
    digest: list.digest,
    snapshots: () => [...agentSnapshotsOf(list.agents, reading), ...list.unread.map(unreadableSnapshot)],
  };
};

/** One answer shows one entry: of an agent who is, or was, at another device too, it does not show all. */
const isWhole = ({ context }: Reads, { AgentId, AgentPhone, DeviceId }: WireAgent): boolean => {
  const devices = context.known.agent(AgentId)?.devices ?? [];
  return devices.every(({ phone, deviceId }) => phone === AgentPhone && deviceId === DeviceId);
};

type Answers = readonly (AgentSnapshot | null)[];

const findInList = async (reads: Reads, lookups: readonly AgentLookup[], signal: AbortSignal): Promise<Answers> => {
  const { list, snapshots } = await readAll(reads, signal);
  const agents = agentsIn(list.agents);
  const byId = new Map(snapshots().map((snapshot) => [snapshot.agent, snapshot]));
  return lookups.map((lookup) => {
    const id = bearersIn(agents, lookup)[0]?.id ?? (lookup.identifier === 'ID' ? lookup.value : '');
    return byId.get(id) ?? null;
  });
};

const findByIdentifiers = async (reads: Reads, lookups: readonly AgentLookup[], signal: AbortSignal): Promise<Answers> => {
  // A blank value would match agents without one.
  const askable = lookups.filter(({ identifier, value }) => identifierWord(identifier) !== null && value.trim() !== '');
  const [first, ...others] = new Map(askable.map((lookup) => [`${lookup.identifier}:${lookup.value}`, lookup])).values();
  if (!first) return lookups.map(() => null);
  if (others.length > 0) return findInList(reads, lookups, signal);
  const reading = readingAt(reads, reads.context.clock.now());
  const entry = await reads.client.agent(identifierWord(first.identifier)!, first.value, signal);
  if (entry !== null && !isWhole(reads, entry)) return findInList(reads, lookups, signal);
  const snapshot = entry === null ? null : agentSnapshotsOf([entry], reading)[0]!;
  return lookups.map((lookup) => (askable.includes(lookup) ? snapshot : null));
};

/** Returns times in this server's time; what lies ahead does so by the vendor's own clock. */
const timeReaderOf = ({ settings, client }: UptivitySource): TimeReader => {
  const readVendorTime = createLocalTimeReader(settings);
  return (text, nowMs = Number.POSITIVE_INFINITY) => {
    const { toOurs, toVendors } = client.clock();
    const read = readVendorTime(text, toVendors(nowMs));
    return read === null ? null : instant(toOurs(epochMs(read)));
  };
};

export const createAgents = (source: UptivitySource): UptivityAgents => {
  const reads: Reads = { ...source, readTime: timeReaderOf(source), readable: null };
  return {
    reader: {
      identifiers,
      byIdentifiers: (lookups, signal) => findByIdentifiers(reads, lookups, signal),
      list: async (signal) => (await readAll(reads, signal)).snapshots(),
      listFindsAll: true,
    },
    readAll: (signal) => readAll(reads, signal),
  };
};
