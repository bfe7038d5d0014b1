/** Reads that may go to a vendor: only when what is held is too old, and once for all who ask at the same time. */

import type { Agent } from '../model/entities.ts';
import type { AgentIdentifier } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import { epochMs } from '../model/instant.ts';
import { type AgentSnapshot, type ObservationBatch, observationsOf } from '../model/observation.ts';
import type { LiveState } from '../observe/live-state.ts';
import type { Clock } from '../ports/clock.ts';
import type { AgentLookup, VendorSource } from '../ports/vendor.ts';

export interface VendorReadDependencies {
  clock: Clock;
  liveState: LiveState;
  sources: ReadonlyMap<string, VendorSource>;
  observe(source: string, batch: ObservationBatch): Promise<void>;
}

export interface VendorReads {
  /**
   * One answer a lookup, in order. What the vendor cannot tell now is told from what was last seen, else its failure is thrown.
   * What was heard since `sinceMs`, the start of the execution that asks, is never too old.
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

/** How many agents' lists of recordings are known to be fresh at most. */
const mostListings = 10_000;

/** Every read carries the vendor client's own deadline; a caller that goes away does not break it off for the others. */
const never = new AbortController().signal;

export const createVendorReads = ({ clock, liveState, sources, observe }: VendorReadDependencies): VendorReads => {
  const lists = new Map<string, Promise<readonly AgentSnapshot[]>>();
  const lookupsInFlight = new Map<string, Promise<Agent | null>>();
  const recordingLists = new Map<string, Promise<void>>();
  const listedAtMs = new Map<string, number>();

  const isFresh = (source: VendorSource, atMs: number, sinceMs = Number.POSITIVE_INFINITY): boolean => {
    if (atMs >= sinceMs) return true;
    // Later than now is what a clock left that was ahead.
    const ageMs = clock.now() - atMs;
    return source.maxStalenessMs > 0 && ageMs >= 0 && ageMs <= source.maxStalenessMs;
  };

  /** Asks for everyone, once for all who want to know at the same time. */
  const listed = (source: VendorSource): Promise<readonly AgentSnapshot[]> => {
    const { name } = source;
    const flying = lists.get(name);
    if (flying) return flying;
    const asOfMs = clock.now();
    const read = async () => {
      try {
        const agentSnapshots = await source.agents!.list(never);
        await observe(name, { observations: observationsOf(agentSnapshots), asOfMs, complete: true });
        return agentSnapshots;
      } finally {
        lists.delete(name);
      }
    };
    const reading = read();
    lists.set(name, reading);
    return reading;
  };

  const held = (source: VendorSource, { identifier, value }: AgentLookup): Agent | null => {
    if (identifier === 'ID') return liveState.agent({ source: source.name, externalId: value });
    const wanted = value.toLowerCase();
    return liveState.agentsOf(source.name).find((agent) => fieldOf[identifier](agent)?.toLowerCase() === wanted) ?? null;
  };

  const heldAndFresh = (
    source: VendorSource,
    lookup: AgentLookup,
    sinceMs: number | undefined,
  ): { known: boolean; agent: Agent | null } => {
    const agent = held(source, lookup);
    const lastContactMs = liveState.lastContactMs(source.name);
    if (isFresh(source, lastContactMs, sinceMs)) return { known: agent !== null, agent };
    return agent?.observedAt && isFresh(source, epochMs(agent.observedAt), sinceMs) ? { known: true, agent } : { known: false, agent };
  };

  const sought = async (source: VendorSource, lookups: readonly AgentLookup[]): Promise<readonly (AgentSnapshot | null)[]> => {
    const asOfMs = clock.now();
    const agentSnapshots = await source.agents!.byIdentifiers(lookups, never);
    await observe(source.name, { observations: agentSnapshots.flatMap((agentSnapshot) => agentSnapshot?.observations ?? []), asOfMs });
    return agentSnapshots;
  };

  const ask = async (source: VendorSource, lookups: readonly AgentLookup[]): Promise<readonly (Agent | null)[]> => {
    const reader = source.agents!;
    const agentSnapshots = lookups.length > 1 && reader.find ? reader.find(await listed(source), lookups) : await sought(source, lookups);
    return agentSnapshots.map((agentSnapshot) =>
      agentSnapshot === null ? null : liveState.agent({ source: source.name, externalId: agentSnapshot.agent }),
    );
  };

  /** One by one, each shared with whoever asks for the same at the same time. */
  const askForEach = (source: VendorSource, lookups: readonly AgentLookup[]): readonly Promise<Agent | null>[] => {
    const keyOf = ({ identifier, value }: AgentLookup) => `${source.name}\u0000${identifier}\u0000${value}`;
    const own = lookups.filter((lookup) => !lookupsInFlight.has(keyOf(lookup)));
    const reading = own.length === 0 ? null : ask(source, own);
    // An identifier that several agents bear is refused; whoever else was asked for is asked for again, each alone.
    const apart = (lookup: AgentLookup) => (error: unknown) => {
      if (own.length === 1 || !(error instanceof ExpectedError) || error.code !== 'CONFLICT') throw error;
      return ask(source, [lookup]).then(([agent]) => agent ?? null);
    };
    own.forEach((lookup, place) => {
      const one = reading!.then((agents) => agents[place] ?? null, apart(lookup));
      one.catch(() => undefined);
      lookupsInFlight.set(keyOf(lookup), one);
    });
    const land = () => {
      for (const lookup of own) lookupsInFlight.delete(keyOf(lookup));
    };
    reading?.then(land, land);
    return lookups.map((lookup) => lookupsInFlight.get(keyOf(lookup))!);
  };

  return {
    agents: async (name, lookups, sinceMs) => {
      const source = sources.get(name)!;
      const answers = new Array<Agent | null | Error>(lookups.length);
      const missing: number[] = [];
      lookups.forEach((lookup, index) => {
        if (source.agents && !source.agents.identifiers.includes(lookup.identifier)) {
          answers[index] = unfindable(source, lookup.identifier);
          return;
        }
        const { known, agent } = heldAndFresh(source, lookup, sinceMs);
        if (known || !source.agents) answers[index] = agent;
        else missing.push(index);
      });
      if (missing.length === 0) return answers;
      const asked = missing.map((index) => lookups[index]!);
      const take = (place: number, answer: Agent | null) => {
        answers[missing[place]!] = answer;
      };
      const fail = (place: number, error: unknown) => {
        answers[missing[place]!] = held(source, asked[place]!) ?? (error as Error);
      };
      if (asked.length > 1 && source.agents!.find) {
        try {
          const agents = await ask(source, asked);
          for (const place of asked.keys()) take(place, agents[place]!);
        } catch (error) {
          for (const place of asked.keys()) fail(place, error);
        }
        return answers;
      }
      await Promise.all(
        askForEach(source, asked).map((asking, place) =>
          asking.then(
            (agent) => take(place, agent),
            (error) => fail(place, error),
          ),
        ),
      );
      return answers;
    },

    refresh: async (name, sinceMs) => {
      const source = sources.get(name)!;
      if (!source.agents || isFresh(source, liveState.lastContactMs(name), sinceMs)) return;
      await listed(source);
    },

    refreshRecordings: async (name, agents) => {
      const source = sources.get(name)!;
      if (!source.recordings) return;
      const place = (agent: string | null) => JSON.stringify([name, agent]);
      // Nobody's id is empty.
      const wanted = (agents ?? [null]).filter(
        (agent) => agent !== '' && !isFresh(source, Math.max(listedAtMs.get(place(agent)) ?? 0, listedAtMs.get(place(null)) ?? 0)),
      );
      if (wanted.length === 0) return;
      const scope = agents === null ? null : (wanted as string[]);
      const key = JSON.stringify([name, scope]);
      const flying = recordingLists.get(key);
      if (flying) return flying;
      const asOfMs = clock.now();
      const reading = source.recordings
        .list({ agents: scope }, never)
        .then((observations) => observe(name, { observations, asOfMs }))
        .then(() => {
          // Callers may name agents without end; what is forgotten is only asked for again.
          if (listedAtMs.size > mostListings) listedAtMs.clear();
          for (const agent of wanted) listedAtMs.set(place(agent), asOfMs);
        })
        .finally(() => recordingLists.delete(key));
      recordingLists.set(key, reading);
      return reading;
    },
  };
};
