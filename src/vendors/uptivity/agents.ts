/** Reads agents: one by the vendor's look-up, several by its list, which shows the identifiers of everyone. */
import { type AgentReader, type AgentSnapshot, epochMs, instant, unreadableSnapshot, type VendorContext } from '../kit/index.ts';
import { type Reading, unreadableTimes } from './calls.ts';
import type { AgentList, UptivityClient } from './client.ts';
import { bearersIn, identifiers, identifierWord } from './identifiers.ts';
import { createLocalTimeReader, type TimeReader } from './local-time.ts';
import { agentSnapshotsOf, agentsIn } from './mapping.ts';
import type { UptivitySettings } from './settings.ts';
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

export const createAgents = (settings: UptivitySettings, context: VendorContext, client: UptivityClient): UptivityAgents => {
  const readVendorTime = createLocalTimeReader(settings);
  /** In this server's time; what lies ahead does so by the vendor's own clock. */
  const readTime: TimeReader = (text, nowMs = Number.POSITIVE_INFINITY) => {
    const { toOurs, toVendors } = client.clock();
    const read = readVendorTime(text, toVendors(nowMs));
    return read === null ? null : instant(toOurs(epochMs(read)));
  };
  const readingAt = (asOfMs: number): Reading => ({ readTime, asOfMs, known: context.known });

  /** The digest of an answer of whose calls every time can be read. */
  let readable: string | null = null;
  const noteTimes = (list: AgentList, reading: Reading): void => {
    if (list.digest !== null && list.digest === readable) return;
    const bad = unreadableTimes(list.agents, reading);
    readable = bad === 0 ? list.digest : null;
    client.noteProblem(
      bad === 0
        ? null
        : `${settings.name}: the start of ${bad} ${bad === 1 ? 'call' : 'calls'} is not a time or is in the future; check the source's timeZone and dateOrder.`,
      'times of calls',
    );
  };

  const readAll = async (signal: AbortSignal): Promise<AllAgents> => {
    const reading = readingAt(context.clock.now());
    const list = await client.allAgents(signal);
    noteTimes(list, reading);
    return {
      list,
      agents: [...agentsIn(list.agents).map(({ id }) => id), ...list.unread],
      digest: list.digest,
      snapshots: () => [...agentSnapshotsOf(list.agents, reading), ...list.unread.map(unreadableSnapshot)],
    };
  };

  /** One answer shows one entry: of an agent who is, or was, at another device too, it does not show all. */
  const isWhole = ({ AgentId, AgentPhone, DeviceId }: WireAgent): boolean => {
    const devices = context.known.agent(AgentId)?.devices ?? [];
    return devices.every(({ phone, deviceId }) => phone === AgentPhone && deviceId === DeviceId);
  };

  const findInList = async (lookups: Parameters<AgentReader['byIdentifiers']>[0], signal: AbortSignal) => {
    const { list, snapshots } = await readAll(signal);
    const agents = agentsIn(list.agents);
    const byId = new Map(snapshots().map((snapshot) => [snapshot.agent, snapshot]));
    return lookups.map((lookup) => {
      const id = bearersIn(agents, lookup)[0]?.id ?? (lookup.identifier === 'ID' ? lookup.value : '');
      return byId.get(id) ?? null;
    });
  };

  const byIdentifiers: AgentReader['byIdentifiers'] = async (lookups, signal) => {
    // A blank value would match agents without one.
    const askable = lookups.filter(({ identifier, value }) => identifierWord(identifier) !== null && value.trim() !== '');
    const [first, ...others] = new Map(askable.map((lookup) => [`${lookup.identifier}:${lookup.value}`, lookup])).values();
    if (!first) return lookups.map(() => null);
    if (others.length > 0) return findInList(lookups, signal);
    const reading = readingAt(context.clock.now());
    const entry = await client.agent(identifierWord(first.identifier)!, first.value, signal);
    if (entry !== null && !isWhole(entry)) return findInList(lookups, signal);
    const snapshot = entry === null ? null : agentSnapshotsOf([entry], reading)[0]!;
    return lookups.map((lookup) => (askable.includes(lookup) ? snapshot : null));
  };

  return {
    reader: {
      identifiers,
      byIdentifiers,
      list: async (signal) => (await readAll(signal)).snapshots(),
      listFindsAll: true,
    },
    readAll,
  };
};
