import type { Sighting } from '../../domain/observation.ts';
import type { AgentReader } from '../../domain/ports.ts';
import type { VendorModule } from '../kit.ts';
import { type AgentList, createUptivityClient } from './client.ts';
import { createBlackoutCommands, createControl, metadataKeys } from './control.ts';
import { identifiers, identifierWord, indexAgents } from './identifiers.ts';
import { createLocalTimeReader } from './local-time.ts';
import { type Reading, sightingsOf } from './mapping.ts';
import { createPollObserver } from './poll.ts';
import { type UptivitySettings, uptivitySettings } from './settings.ts';
import type { WireAgent } from './wire.ts';

const blackoutNote = 'The vendor does not show blackouts: ACCEPTED is the most that is known, and others may start or stop one unseen.';

/** Listed, but not in a way that tells more: nothing that is known of the agent is over. */
const presentOnly = (agent: string): Sighting => ({ agent, observations: [{ type: 'agent', agent: { externalId: agent } }] });

export const uptivity: VendorModule<UptivitySettings> = {
  type: 'uptivity',
  vendor: 'NICE_UPTIVITY',
  description: 'NICE Uptivity (inContact WFO), by its Recording API.',
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
    const sight = (agents: readonly WireAgent[], asOfMs: number) => sightingsOf(agents, reading(asOfMs));

    let last: { all: AgentList; sightings: readonly Sighting[] } | null = null;
    const list = async (signal: AbortSignal) => {
      const asOfMs = context.clock.now();
      const all = await client.allAgents(signal);
      if (all !== last?.all) {
        // What stands for desktop sessions without an id depends on what still runs, so it is looked at each time.
        const sightings = [...sight(all.agents, asOfMs), ...all.unread.map(presentOnly)];
        if (all.agents.some(({ DesktopOnlySessions }) => DesktopOnlySessions.length > 0)) return sightings;
        last = { all, sightings };
      }
      return last.sightings;
    };

    const byIdentifiers: AgentReader['byIdentifiers'] = async (lookups, signal) => {
      // A blank value would match whoever has none.
      const askable = lookups.filter(({ identifier, value }) => identifierWord(identifier) !== null && value.trim() !== '');
      const [first, ...others] = new Map(askable.map((lookup) => [`${lookup.identifier}:${lookup.value}`, lookup])).values();
      if (!first) return lookups.map(() => null);
      const asOfMs = context.clock.now();
      if (others.length === 0) {
        const agent = await client.agent(identifierWord(first.identifier)!, first.value, signal);
        const sighting = agent === null ? null : sight([agent], asOfMs)[0]!;
        return lookups.map((lookup) => (askable.includes(lookup) ? sighting : null));
      }
      const { agents } = await client.allAgents(signal);
      const find = indexAgents(agents);
      const sightings = new Map<string, Sighting>(sight(agents, asOfMs).map((sighting) => [sighting.agent, sighting]));
      return lookups.map((lookup) => sightings.get(find(lookup)?.AgentId ?? '') ?? null);
    };

    return {
      name: settings.name,
      vendor: 'NICE_UPTIVITY',
      maxStalenessMs: (settings.maxStalenessSeconds ?? Math.max(2 * settings.pollSeconds, 5)) * 1000,
      confirmMs: settings.confirmSeconds * 1000,
      maxAgentBlackoutMs: settings.maxAgentBlackoutSeconds * 1000,
      observes: ['OBSERVE_AGENT', 'OBSERVE_CALL'],
      notes: { START_BLACKOUT: blackoutNote, STOP_BLACKOUT: blackoutNote },
      agents: { identifiers, byIdentifiers, list },
      control: createControl(settings.name, client),
      metadataKeys,
      blackouts: { support: 'NATIVE', confirmable: false, ...createBlackoutCommands(settings.name, client) },
      observer: createPollObserver({ source: settings.name, pollMs: settings.pollSeconds * 1000, readAll: list }, context),
      health: client.health,
      close: client.close,
    };
  },
};
