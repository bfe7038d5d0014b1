import { type AgentLookup, type AgentReader, type AgentSnapshot, defineVendor } from '../kit/index.ts';
import { type AgentList, createUptivityClient } from './client.ts';
import { createBlackoutCommands, createControl, metadataKeys } from './control.ts';
import { identifiers, identifierWord, indexAgents } from './identifiers.ts';
import { createLocalTimeReader } from './local-time.ts';
import { agentSnapshotsOf, type Reading } from './mapping.ts';
import { createPollObserver } from './poll.ts';
import { type UptivitySettings, uptivitySettings } from './settings.ts';
import type { WireAgent } from './wire.ts';

const blackoutNote = 'The vendor does not show blackouts: ACCEPTED is the most that is known, and others may start or stop one unseen.';

/** Listed, but not in a way that tells more: nothing that is known of the agent is over. */
const presentOnly = (agent: string): AgentSnapshot => ({ agent, observations: [{ type: 'agent', agent: { externalId: agent } }] });

export const uptivity = defineVendor<UptivitySettings>({
  type: 'uptivity',
  vendor: 'NICE_UPTIVITY',
  title: 'NICE Uptivity (inContact WFO), by its Recording API.',
  settings: uptivitySettings,
  create: (settings, context) => {
    const client = createUptivityClient(settings, context);
    const readTime = createLocalTimeReader(settings);
    const reading = (asOfMs: number): Reading => ({
      readTime,
      asOfMs,
      desktopStandIns: (agent) =>
        context.known.liveRecordings(agent).flatMap(({ kind, call, externalId, formerId }) => {
          const standIn = formerId ?? externalId;
          return kind === 'SCREEN' && call === null && standIn.startsWith('desktop:') ? [standIn] : [];
        }),
    });
    const seenBefore = new WeakMap<WireAgent, AgentSnapshot>();
    const sight = (agents: readonly WireAgent[], asOfMs: number) => agentSnapshotsOf(agents, reading(asOfMs), seenBefore);

    /** Of each list that was given out, the agents as the vendor shows them. */
    const agentsIn = new WeakMap<readonly AgentSnapshot[], readonly WireAgent[]>();
    let last: { all: AgentList; agentSnapshots: readonly AgentSnapshot[] } | null = null;
    const list = async (signal: AbortSignal) => {
      const asOfMs = context.clock.now();
      const all = await client.allAgents(signal);
      if (all === last?.all) return last.agentSnapshots;
      const agentSnapshots = [...sight(all.agents, asOfMs), ...all.unread.map(presentOnly)];
      agentsIn.set(agentSnapshots, all.agents);
      last = all.agents.some(({ DesktopOnlySessions }) => DesktopOnlySessions.length > 0) ? null : { all, agentSnapshots };
      return agentSnapshots;
    };

    const finders = new WeakMap<readonly AgentSnapshot[], (lookup: AgentLookup) => AgentSnapshot | null>();
    const finderIn = (everyone: readonly AgentSnapshot[]) => {
      const known = finders.get(everyone);
      if (known) return known;
      const findAgent = indexAgents(agentsIn.get(everyone) ?? []);
      const agentSnapshots = new Map(everyone.map((agentSnapshot) => [agentSnapshot.agent, agentSnapshot]));
      const find = (lookup: AgentLookup) => agentSnapshots.get(findAgent(lookup)?.AgentId ?? '') ?? null;
      finders.set(everyone, find);
      return find;
    };
    const find: AgentReader['find'] = (everyone, lookups) => lookups.map(finderIn(everyone));

    // A blank value would match whoever has none.
    const isAskable = ({ identifier, value }: AgentLookup) => identifierWord(identifier) !== null && value.trim() !== '';
    const byIdentifiers: AgentReader['byIdentifiers'] = async (lookups, signal) => {
      const askable = lookups.filter(isAskable);
      const [first, ...others] = new Map(askable.map((lookup) => [`${lookup.identifier}:${lookup.value}`, lookup])).values();
      if (!first) return lookups.map(() => null);
      if (others.length > 0) return find(await list(signal), lookups);
      const asOfMs = context.clock.now();
      const agent = await client.agent(identifierWord(first.identifier)!, first.value, signal);
      const agentSnapshot = agent === null ? null : sight([agent], asOfMs)[0]!;
      return lookups.map((lookup) => (askable.includes(lookup) ? agentSnapshot : null));
    };

    return {
      maxStalenessMs: (settings.maxStalenessSeconds ?? Math.max(2 * settings.pollSeconds, 5)) * 1000,
      confirmMs: settings.confirmSeconds * 1000,
      maxAgentBlackoutMs: settings.maxAgentBlackoutSeconds * 1000,
      observes: ['OBSERVE_AGENT', 'OBSERVE_CALL'],
      notes: { START_BLACKOUT: blackoutNote, STOP_BLACKOUT: blackoutNote },
      agents: { identifiers, byIdentifiers, list, find },
      control: createControl(settings.name, client),
      metadataKeys,
      blackouts: { support: 'NATIVE', confirmable: false, ...createBlackoutCommands(settings.name, client) },
      observer: createPollObserver({ source: settings.name, pollMs: settings.pollSeconds * 1000, readAll: list }, context),
      health: client.health,
      close: client.close,
    };
  },
});
