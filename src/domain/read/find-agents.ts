/** Finds agents by identifiers: in live state where that is fresh, else at the vendor, once for concurrent callers. */
import type { Agent } from '../model/entities.ts';
import type { AgentIdentifier } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import { epochMs } from '../model/instant.ts';
import type { AgentLookup, VendorSource } from '../ports/vendor.ts';
import { bearersOf, maxIdentifierLength, severalBearers } from './bearers.ts';
import type { FoundAgent, VendorReadContext } from './context.ts';
import { inTime, isFresh, neverAborted } from './freshness.ts';
import { readAgentList } from './refresh.ts';

const onlyBearer = (source: string, { identifier }: AgentLookup, bearers: readonly Agent[]): FoundAgent =>
  bearers.length > 1 ? severalBearers(source, identifier, bearers) : (bearers[0] ?? null);

const unfindable = (source: VendorSource, identifier: AgentIdentifier) =>
  new ExpectedError(
    'INVALID_INPUT',
    `Source ${source.name} does not find agents by ${identifier}; it finds them by ${source.agents!.identifiers.join(', ')}.`,
  );

const liveAgent = ({ liveState }: VendorReadContext, source: string, externalId: string): Agent | null =>
  liveState.agent({ source, externalId });

/** Finds an agent in live state, without those that the vendor does not list any more. */
const findLive = (context: VendorReadContext, { name }: VendorSource, lookup: AgentLookup): FoundAgent => {
  if (lookup.identifier !== 'ID') return onlyBearer(name, lookup, bearersOf(context.liveState.agentsOf(name), lookup));
  const agent = liveAgent(context, name, lookup.value);
  return agent === null || agent.absentSince != null ? null : agent;
};

/** As `findLive`; undefined where live state is too old. */
const findFresh = (context: VendorReadContext, source: VendorSource, lookup: AgentLookup): FoundAgent | undefined => {
  const found = findLive(context, source, lookup);
  const contactMs = context.liveState.lastContactMs(source.name);
  if (found instanceof ExpectedError) return isFresh(context, source, contactMs) ? found : undefined;
  if (found !== null) {
    const observedMs = Math.max(contactMs, found.observedAt ? epochMs(found.observedAt) : 0);
    return isFresh(context, source, observedMs) ? found : undefined;
  }
  const isKnown = lookup.identifier === 'ID' && liveAgent(context, source.name, lookup.value) !== null;
  return isKnown && isFresh(context, source, contactMs) ? null : undefined;
};

const readList = async (
  context: VendorReadContext,
  source: VendorSource,
  lookups: readonly AgentLookup[],
): Promise<readonly FoundAgent[]> => {
  const listed = await readAgentList(context, source);
  const agents = listed.flatMap((agent) => liveAgent(context, source.name, agent) ?? []);
  const byId = new Map(agents.map((agent) => [agent.externalId, agent]));
  return lookups.map((lookup) =>
    lookup.identifier === 'ID' ? (byId.get(lookup.value) ?? null) : onlyBearer(source.name, lookup, bearersOf(agents, lookup)),
  );
};

/** Asks the vendor for these agents: by its list where several are found cheapest so. */
const readAgents = async (
  context: VendorReadContext,
  source: VendorSource,
  lookups: readonly AgentLookup[],
): Promise<readonly FoundAgent[]> => {
  if (lookups.length > 1 && source.agents!.listFindsAll) return readList(context, source, lookups);
  const asOfMs = context.clock.now();
  const snapshots = await source.agents!.byIdentifiers(lookups, neverAborted);
  await context.observe(source.name, { observations: snapshots.flatMap((snapshot) => snapshot?.observations ?? []), asOfMs });
  return snapshots.map((snapshot) => (snapshot === null ? null : liveAgent(context, source.name, snapshot.agent)));
};

/** Look-ups of one caller that are at a vendor at once: half of the places that a source has by default. */
const maxAtOnce = 8;

/** Waits for the caller's look-ups before it; throws where too many of them are waiting. */
const inTurn = async <T>({ vendorReads, principal }: VendorReadContext, { name }: VendorSource, work: () => Promise<T>): Promise<T> => {
  const turn = vendorReads.callersTurns.run(JSON.stringify([principal?.name ?? null, name]), work);
  if (turn !== null) return turn;
  const message = `Too many of your look-ups at source ${name} are waiting for its vendor; ask for fewer agents at once.`;
  throw new ExpectedError('VENDOR_UNAVAILABLE', message, { retryAfterSeconds: 1 });
};

/** Makes each of some look-ups by itself, shared with concurrent callers of the same. */
const readShared = (context: VendorReadContext, source: VendorSource, lookups: ReadonlyMap<string, AgentLookup>): void => {
  const { agentLookups } = context.vendorReads;
  const own = [...lookups.values()];
  const reading = inTurn(context, source, () => readAgents(context, source, own));
  // An identifier that several agents bear is refused; the others of the batch are then looked up again, each alone.
  const retryAlone = (lookup: AgentLookup) => async (error: unknown) => {
    if (own.length === 1 || !(error instanceof ExpectedError) || error.code !== 'CONFLICT') throw error;
    const [agent] = await readAgents(context, source, [lookup]);
    return agent ?? null;
  };
  [...lookups].forEach(([key, lookup], index) => {
    const one = reading.then((agents) => agents[index] ?? null, retryAlone(lookup));
    one.catch(() => undefined);
    agentLookups.set(key, one);
  });
  const finish = () => {
    for (const key of lookups.keys()) agentLookups.delete(key);
  };
  reading.then(finish, finish);
};

/** Asks for each by itself, some at once. */
const readEach = (context: VendorReadContext, source: VendorSource, lookups: readonly AgentLookup[]): readonly Promise<FoundAgent>[] => {
  const { agentLookups } = context.vendorReads;
  const keyOf = ({ identifier, value }: AgentLookup) => JSON.stringify([source.name, identifier, value]);
  const own = [...new Map(lookups.map((lookup) => [keyOf(lookup), lookup]))].filter(([key]) => !agentLookups.has(key));
  for (let at = 0; at < own.length; at += maxAtOnce) readShared(context, source, new Map(own.slice(at, at + maxAtOnce)));
  return lookups.map((lookup) => agentLookups.get(keyOf(lookup))!);
};

/** Returns one answer a lookup, in order; an error, which the caller throws, where nothing is known and the vendor cannot answer now. */
export const findAgents = async (
  context: VendorReadContext,
  name: string,
  lookups: readonly AgentLookup[],
): Promise<readonly (Agent | null | Error)[]> => {
  const source = context.sources.get(name)!;
  const answers = new Array<Agent | null | Error>(lookups.length);
  const missing: number[] = [];
  lookups.forEach((lookup, index) => {
    if (source.agents && !source.agents.identifiers.includes(lookup.identifier)) {
      answers[index] = unfindable(source, lookup.identifier);
      return;
    }
    const known = source.agents ? findFresh(context, source, lookup) : findLive(context, source, lookup);
    if (known === undefined && lookup.value.length <= maxIdentifierLength) missing.push(index);
    else answers[index] = known ?? null;
  });
  if (missing.length === 0) return answers;
  const wanted = missing.map((index) => lookups[index]!);
  const orLive = (index: number) => (error: unknown) => findLive(context, source, wanted[index]!) ?? (error as Error);
  if (wanted.length > 1 && source.agents!.listFindsAll) {
    const reading = inTime(context, source, readAgents(context, source, wanted));
    const found = await reading.catch((error: unknown) => wanted.map((_, index) => orLive(index)(error)));
    missing.forEach((at, index) => {
      answers[at] = found[index]!;
    });
    return answers;
  }
  const found = await Promise.all(readEach(context, source, wanted).map((one, index) => inTime(context, source, one).catch(orLive(index))));
  missing.forEach((at, index) => {
    answers[at] = found[index]!;
  });
  return answers;
};

/** As `findAgentsById`, of one; undefined where the vendor has to be called, or has no such call. */
export const findFreshAgent = (context: VendorReadContext, name: string, externalId: string): Agent | null | undefined => {
  const source = context.sources.get(name)!;
  if (source.agents && !source.agents.identifiers.includes('ID')) return undefined;
  const lookup: AgentLookup = { identifier: 'ID', value: externalId };
  const found = source.agents ? findFresh(context, source, lookup) : findLive(context, source, lookup);
  return found === undefined || found instanceof Error ? undefined : (found ?? liveAgent(context, name, externalId));
};

/** As `findAgents`, by external ids; an agent that the vendor does not list any more is answered as last reported. */
export const findAgentsById = async (
  context: VendorReadContext,
  source: string,
  externalIds: readonly string[],
): Promise<readonly (Agent | null | Error)[]> => {
  const answers = await findAgents(
    context,
    source,
    externalIds.map((value) => ({ identifier: 'ID', value })),
  );
  return answers.map((answer, index) => answer ?? liveAgent(context, source, externalIds[index]!));
};
