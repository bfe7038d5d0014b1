/** Reads that may go to a vendor: only when what is held is too old, and once for all who ask at the same time. */
import { ExpectedError } from '../errors.ts';
import { epochMs } from '../instant.ts';
import type { Agent } from '../nouns.ts';
import type { ObservationBatch, Sighting } from '../observation.ts';
import type { Tracker } from '../observe/tracker.ts';
import type { AgentLookup, Clock, VendorSource } from '../ports.ts';
import type { AgentIdentifier } from '../words.ts';

export interface VendorReadDependencies {
  clock: Clock;
  tracker: Tracker;
  sources: ReadonlyMap<string, VendorSource>;
  observe(source: string, batch: ObservationBatch): Promise<void>;
}

export interface VendorReads {
  /**
   * One answer a lookup, in order. What the vendor cannot tell now is told from what was last seen, else its failure is thrown.
   * What was heard since `sinceMs`, the start of the request that asks, is never too old.
   */
  agents(source: string, lookups: readonly AgentLookup[], sinceMs?: number): Promise<readonly (Agent | null | Error)[]>;
  /** Brings the whole source up to date where it is too old; throws what the vendor throws. */
  refresh(source: string, sinceMs?: number): Promise<void>;
  /** As `refresh`, for the recordings of these agents (external ids; everyone's when null) where the vendor lists them. */
  refreshRecordings(source: string, agents: readonly string[] | null): Promise<void>;
}

const fieldOf: Record<AgentIdentifier, (agent: Agent) => string | null> = {
  ID: (agent) => agent.externalId,
  PHONE: (agent) => agent.phone,
  EMAIL: (agent) => agent.email,
  SIP_URI: (agent) => agent.sipUri,
  SYNC_ID: (agent) => agent.syncId,
  USERNAME: (agent) => agent.username,
  SYSTEM_USERNAME: (agent) => agent.systemUsername,
  CRM_USERNAME: (agent) => agent.crmUsername,
};

const unfindable = (source: VendorSource, identifier: AgentIdentifier) =>
  new ExpectedError(
    'INVALID_INPUT',
    `Source ${source.name} does not find agents by ${identifier}; it finds them by ${source.agents!.identifiers.join(', ')}.`,
  );

/** Every read carries the vendor client's own deadline; a caller that goes away does not break it off for the others. */
const never = new AbortController().signal;

export const createVendorReads = ({ clock, tracker, sources, observe }: VendorReadDependencies): VendorReads => {
  const lists = new Map<string, Promise<void>>();
  const lookupsInFlight = new Map<string, Promise<Agent | null>>();
  const recordingLists = new Map<string, Promise<void>>();
  const listedAtMs = new Map<string, number>();

  const isFresh = (source: VendorSource, atMs: number, sinceMs = Number.POSITIVE_INFINITY): boolean =>
    atMs >= sinceMs || (source.maxStalenessMs > 0 && clock.now() - atMs <= source.maxStalenessMs);

  const sight = async (source: string, sightings: readonly (Sighting | null)[], asOfMs: number, complete: boolean): Promise<void> => {
    const observations = sightings.flatMap((sighting) => sighting?.observations ?? []);
    await observe(source, { observations, asOfMs, complete });
  };

  const held = (source: VendorSource, { identifier, value }: AgentLookup): Agent | null => {
    if (identifier === 'ID') return tracker.agent({ source: source.name, externalId: value });
    const wanted = value.toLowerCase();
    return tracker.agentsOf(source.name).find((agent) => fieldOf[identifier](agent)?.toLowerCase() === wanted) ?? null;
  };

  const heldAndFresh = (
    source: VendorSource,
    lookup: AgentLookup,
    sinceMs: number | undefined,
  ): { known: boolean; agent: Agent | null } => {
    const agent = held(source, lookup);
    const heardAtMs = tracker.heardAtMs(source.name);
    if (isFresh(source, heardAtMs, sinceMs)) return { known: agent !== null, agent };
    return agent?.observedAt && isFresh(source, epochMs(agent.observedAt), sinceMs) ? { known: true, agent } : { known: false, agent };
  };

  const ask = async (source: VendorSource, lookups: readonly AgentLookup[]): Promise<readonly (Agent | null)[]> => {
    const asOfMs = clock.now();
    const sightings = await source.agents!.byIdentifiers(lookups, never);
    await sight(source.name, sightings, asOfMs, false);
    return sightings.map((sighting) => (sighting === null ? null : tracker.agent({ source: source.name, externalId: sighting.agent })));
  };

  return {
    agents: async (name, lookups, sinceMs) => {
      const source = sources.get(name)!;
      const answers = new Array<Agent | null | Error | Promise<Agent | null>>(lookups.length);
      const missing: { index: number; lookup: AgentLookup; key: string }[] = [];
      lookups.forEach((lookup, index) => {
        if (source.agents && !source.agents.identifiers.includes(lookup.identifier)) {
          answers[index] = unfindable(source, lookup.identifier);
          return;
        }
        const { known, agent } = heldAndFresh(source, lookup, sinceMs);
        if (known || !source.agents) {
          answers[index] = agent;
          return;
        }
        const key = `${name}\u0000${lookup.identifier}\u0000${lookup.value}`;
        const flying = lookupsInFlight.get(key);
        if (flying) answers[index] = flying;
        else missing.push({ index, lookup, key });
      });
      if (missing.length > 0) {
        const reading = ask(
          source,
          missing.map(({ lookup }) => lookup),
        );
        missing.forEach(({ index, key }, place) => {
          const one = reading.then((agents) => agents[place] ?? null);
          one.catch(() => undefined);
          lookupsInFlight.set(key, one);
          answers[index] = one;
        });
        const land = () => {
          for (const { key } of missing) lookupsInFlight.delete(key);
        };
        reading.then(land, land);
      }
      return Promise.all(
        answers.map(async (answer, index) => {
          try {
            return await answer!;
          } catch (error) {
            return held(source, lookups[index]!) ?? (error as Error);
          }
        }),
      );
    },

    refresh: async (name, sinceMs) => {
      const source = sources.get(name)!;
      if (!source.agents || isFresh(source, tracker.heardAtMs(name), sinceMs)) return;
      const flying = lists.get(name);
      if (flying) return flying;
      const asOfMs = clock.now();
      const reading = source.agents
        .list(never)
        .then((sightings) => sight(name, sightings, asOfMs, true))
        .finally(() => lists.delete(name));
      lists.set(name, reading);
      return reading;
    },

    refreshRecordings: async (name, agents) => {
      const source = sources.get(name)!;
      if (!source.recordings || isFresh(source, tracker.heardAtMs(name))) return;
      const place = (agent: string | null) => `${name}\u0000${agent ?? ''}`;
      const wanted = (agents ?? [null]).filter(
        (agent) => !isFresh(source, Math.max(listedAtMs.get(place(agent)) ?? 0, listedAtMs.get(place(null)) ?? 0)),
      );
      if (wanted.length === 0) return;
      const scope = agents === null ? null : (wanted as string[]);
      const key = `${name}\u0000${scope?.join('\u0000') ?? ''}`;
      const flying = recordingLists.get(key);
      if (flying) return flying;
      const asOfMs = clock.now();
      const reading = source.recordings
        .list({ agents: scope }, never)
        .then((observations) => observe(name, { observations, asOfMs }))
        .then(() => {
          for (const agent of wanted) listedAtMs.set(place(agent), asOfMs);
        })
        .finally(() => recordingLists.delete(key));
      recordingLists.set(key, reading);
      return reading;
    },
  };
};
