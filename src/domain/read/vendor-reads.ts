/** Reads that may go to a vendor: only when what is held is too old, and once for all who ask at the same time. */

import type { Agent } from '../model/entities.ts';
import type { AgentIdentifier } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import { epochMs } from '../model/instant.ts';
import { type AgentSnapshot, type ObservationBatch, observationsOf } from '../model/observation.ts';
import type { LiveState } from '../observe/live-state.ts';
import type { Clock } from '../ports/clock.ts';
import type { AgentLookup, VendorSource } from '../ports/vendor.ts';
import { underDeadline } from '../under-deadline.ts';
import { bearersOf, severalBearers } from './bearers.ts';

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
  /** As `agents`, by external ids, and of an agent that the vendor does not list any more what was last seen. */
  agentsById(source: string, ids: readonly string[], sinceMs?: number): Promise<readonly (Agent | null | Error)[]>;
  /** Brings the whole source up to date where it is too old; throws what the vendor throws. */
  refresh(source: string, sinceMs?: number): Promise<void>;
  /** As `refresh`, for the recordings of these agents (external ids; everyone's when null) where the vendor lists them. */
  refreshRecordings(source: string, agents: readonly string[] | null): Promise<void>;
}

type Answer = Agent | null | ExpectedError;

const onlyBearer = (source: string, { identifier }: AgentLookup, bearers: readonly Agent[]): Answer =>
  bearers.length > 1 ? severalBearers(source, identifier, bearers) : (bearers[0] ?? null);

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
  const lookupsInFlight = new Map<string, Promise<Answer>>();
  const recordingLists = new Map<string, Promise<void>>();
  const listedAtMs = new Map<string, number>();

  const isFresh = (source: VendorSource, atMs: number, sinceMs = Number.POSITIVE_INFINITY): boolean => {
    if (atMs >= sinceMs) return true;
    // Later than now is what a clock left that was ahead.
    const ageMs = clock.now() - atMs;
    return source.maxStalenessMs > 0 && ageMs >= 0 && ageMs <= source.maxStalenessMs;
  };

  /** Waits as long as a caller may have to; the read itself goes on, and what it shows is observed when it comes. */
  const inTime = <T>(source: VendorSource, reading: Promise<T>): Promise<T> => {
    const { timeoutMs } = source;
    if (timeoutMs === undefined) return reading;
    reading.catch(() => undefined);
    return underDeadline(clock, timeoutMs, `${source.name}: the read`, () => reading);
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

  /** By what was last seen, without those that the vendor does not list any more. */
  const held = (source: VendorSource, lookup: AgentLookup): Agent | null | ExpectedError => {
    if (lookup.identifier !== 'ID') return onlyBearer(source.name, lookup, bearersOf(liveState.agentsOf(source.name), lookup));
    const agent = liveState.agent({ source: source.name, externalId: lookup.value });
    return agent === null || (agent.absentSince ?? null) !== null ? null : agent;
  };

  /** Undefined where the vendor has to be asked. */
  const heldAndFresh = (
    source: VendorSource,
    lookup: AgentLookup,
    sinceMs: number | undefined,
  ): Agent | null | ExpectedError | undefined => {
    const known = held(source, lookup);
    const contactMs = liveState.lastContactMs(source.name);
    if (known instanceof ExpectedError) return isFresh(source, contactMs, sinceMs) ? known : undefined;
    const seenMs = Math.max(contactMs, known?.observedAt ? epochMs(known.observedAt) : 0);
    if (known !== null) return isFresh(source, seenMs, sinceMs) ? known : undefined;
    const left = lookup.identifier === 'ID' ? liveState.agent({ source: source.name, externalId: lookup.value }) : null;
    return left !== null && isFresh(source, contactMs, sinceMs) ? null : undefined;
  };

  const sought = async (source: VendorSource, lookups: readonly AgentLookup[]): Promise<readonly (AgentSnapshot | null)[]> => {
    const asOfMs = clock.now();
    const agentSnapshots = await source.agents!.byIdentifiers(lookups, never);
    await observe(source.name, { observations: agentSnapshots.flatMap((agentSnapshot) => agentSnapshot?.observations ?? []), asOfMs });
    return agentSnapshots;
  };

  const liveAgent = (source: VendorSource, externalId: string) => liveState.agent({ source: source.name, externalId });

  const askList = async (source: VendorSource, lookups: readonly AgentLookup[]): Promise<readonly Answer[]> => {
    const agents = (await listed(source)).flatMap(({ agent }) => liveAgent(source, agent) ?? []);
    const byId = new Map(agents.map((agent) => [agent.externalId, agent]));
    return lookups.map((lookup) =>
      lookup.identifier === 'ID' ? (byId.get(lookup.value) ?? null) : onlyBearer(source.name, lookup, bearersOf(agents, lookup)),
    );
  };

  const ask = async (source: VendorSource, lookups: readonly AgentLookup[]): Promise<readonly Answer[]> => {
    if (lookups.length > 1 && source.agents!.listFindsAll) return askList(source, lookups);
    return (await sought(source, lookups)).map((snapshot) => (snapshot === null ? null : liveAgent(source, snapshot.agent)));
  };

  /** One by one, each shared with whoever asks for the same at the same time. */
  const askForEach = (source: VendorSource, lookups: readonly AgentLookup[]): readonly Promise<Answer>[] => {
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

  const readAgents: VendorReads['agents'] = async (name, lookups, sinceMs) => {
    const source = sources.get(name)!;
    const answers = new Array<Agent | null | Error>(lookups.length);
    const missing: number[] = [];
    lookups.forEach((lookup, index) => {
      if (source.agents && !source.agents.identifiers.includes(lookup.identifier)) {
        answers[index] = unfindable(source, lookup.identifier);
        return;
      }
      const known = source.agents ? heldAndFresh(source, lookup, sinceMs) : held(source, lookup);
      if (known === undefined) missing.push(index);
      else answers[index] = known;
    });
    if (missing.length === 0) return answers;
    const asked = missing.map((index) => lookups[index]!);
    const take = (place: number, answer: Answer) => {
      answers[missing[place]!] = answer;
    };
    const fail = (place: number, error: unknown) => {
      answers[missing[place]!] = held(source, asked[place]!) ?? (error as Error);
    };
    if (asked.length > 1 && source.agents!.listFindsAll) {
      try {
        const agents = await inTime(source, ask(source, asked));
        for (const place of asked.keys()) take(place, agents[place]!);
      } catch (error) {
        for (const place of asked.keys()) fail(place, error);
      }
      return answers;
    }
    await Promise.all(
      askForEach(source, asked).map((asking, place) =>
        inTime(source, asking).then(
          (agent) => take(place, agent),
          (error) => fail(place, error),
        ),
      ),
    );
    return answers;
  };

  return {
    agents: readAgents,

    agentsById: async (name, ids, sinceMs) => {
      const lookups = ids.map((value) => ({ identifier: 'ID' as const, value }));
      const answers = await readAgents(name, lookups, sinceMs);
      return answers.map((answer, place) => answer ?? liveState.agent({ source: name, externalId: ids[place]! }));
    },

    refresh: async (name, sinceMs) => {
      const source = sources.get(name)!;
      if (!source.agents || isFresh(source, liveState.lastContactMs(name), sinceMs)) return;
      await inTime(source, listed(source));
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
      if (flying) return inTime(source, flying);
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
      reading.catch(() => undefined);
      return inTime(source, reading);
    },
  };
};
