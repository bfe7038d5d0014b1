/** Finds the one agent that bears the request's identifier at the vendor, now. */
import type { Agent, AgentDevice } from '../model/entities.ts';
import { type AgentIdentifier, recordingOperations } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import { type Observation, observationsOf } from '../model/observation.ts';
import { addsNothing } from '../observe/same-row.ts';
import type { AgentLookup, VendorSource } from '../ports/vendor.ts';
import { bearersOf, devicesAt, devicesOf, severalBearers } from '../read/bearers.ts';
import { underDeadline } from '../under-deadline.ts';
import type { AgentReference, ControlContext } from './context.ts';

/** The one agent that a request means. */
export interface Addressee {
  agent: Agent;
  /** The agent as the caller named it: the vendor's command carries that. */
  addressedBy: AgentLookup;
  /** The phone of the one device that is meant, where the vendor lists the agent at several; null for all of the agent. */
  device: string | null;
}

const notFound = (source: string, identifier: AgentIdentifier): ExpectedError =>
  new ExpectedError(
    'NOT_FOUND',
    `Source ${source} knows no agent with this ${identifier}; give an identifier that the vendor knows, or retry after the agent has signed in once.`,
  );

/** Reads who bears the identifier at the vendor, without anything that was read before. */
const readBearers = async (
  context: ControlContext,
  source: VendorSource,
  { lookup, deadlineMs }: { lookup: AgentLookup; deadlineMs: number },
): Promise<readonly Agent[]> => {
  const { clock, liveState, observe } = context;
  const reader = source.agents!;
  const deadline = { ms: deadlineMs, subject: `${source.name}: the agent's lookup` };
  const agentsOf = (ids: readonly string[]) => ids.flatMap((externalId) => liveState.agent({ source: source.name, externalId }) ?? []);
  if (!reader.bearers) {
    const listed = await underDeadline(clock, deadline, () => context.readFreshList(source));
    return bearersOf(agentsOf(listed), lookup);
  }
  const asOfMs = clock.now();
  const snapshots = await underDeadline(clock, deadline, (signal) => reader.bearers!(lookup, signal));
  const observations = observationsOf(snapshots);
  const isKnown = (one: Observation): boolean => {
    const known = one.type === 'agent' ? liveState.agent({ source: source.name, externalId: one.agent.externalId }) : null;
    return one.type === 'agent' && known !== null && known.absentSince == null && addsNothing(known, one.agent);
  };
  // A look-up that says nothing new waits for no commit.
  if (!observations.every(isKnown)) await observe(source.name, { observations, asOfMs, complete: false });
  return agentsOf(snapshots.map(({ agent }) => agent));
};

/** Returns the known agents that bear the identifier, without those that the vendor does not list any more. */
const knownBearers = ({ liveState }: ControlContext, source: VendorSource, lookup: AgentLookup): readonly Agent[] =>
  bearersOf(liveState.agentsOf(source.name), lookup);

/**
 * An id names the same agent whether or not the list can be read just now, so that a vendor that answers commands but no reads is still
 * sent them; any other identifier may have moved.
 */
const bearers = async (context: ControlContext, source: VendorSource, lookup: AgentLookup): Promise<readonly Agent[]> => {
  if (!source.agents) return knownBearers(context, source, lookup);
  const known = lookup.identifier === 'ID' ? knownBearers(context, source, lookup) : [];
  const { commandDeadlineMs, lookupDeadlineMs } = context.settings;
  const deadlineMs = known.length === 0 ? commandDeadlineMs : Math.min(lookupDeadlineMs, commandDeadlineMs);
  try {
    return await readBearers(context, source, { lookup, deadlineMs });
  } catch (error) {
    if (!(error instanceof ExpectedError) || known.length === 0) throw error;
    return known;
  }
};

const recordingCommands: ReadonlySet<string> = new Set(recordingOperations);

/** The device that is meant, for a command that acts on one; throws CONFLICT where the identifier leaves several. */
const requireDevice = (agent: Agent, lookup: AgentLookup, operation: string): AgentDevice | null => {
  const all = devicesOf(agent);
  if (all.length < 2 || !recordingCommands.has(operation)) return null;
  const meant = devicesAt(agent, lookup);
  if (meant.length === 1) return meant[0]!;
  throw new ExpectedError(
    'CONFLICT',
    `Agent ${agent.externalId} of source ${agent.source} is listed at ${all.length} devices, but ${operation} acts on one device; name the agent by the PHONE of that device, which Agent.devices shows.`,
  );
};

/** Throws NOT_FOUND, CONFLICT, INVALID_INPUT for an identifier that the source does not find agents by, and what the vendor's read throws. */
export const findAddressee = async (
  context: ControlContext,
  { source: name, identifier, value }: AgentReference,
  operation: string,
): Promise<Addressee> => {
  const source = context.sources.get(name)!;
  const addressedBy: AgentLookup = { identifier, value: value.trim() };
  if (source.agents && !source.agents.identifiers.includes(identifier)) {
    throw new ExpectedError(
      'INVALID_INPUT',
      `Source ${name} does not find agents by ${identifier}; it finds them by ${source.agents.identifiers.join(', ')}.`,
    );
  }
  const found = await bearers(context, source, addressedBy);
  const [agent, ...others] = found;
  if (!agent) throw notFound(name, identifier);
  if (others.length > 0) throw severalBearers(name, identifier, found);
  return { agent, addressedBy, device: requireDevice(agent, addressedBy, operation)?.phone ?? null };
};
