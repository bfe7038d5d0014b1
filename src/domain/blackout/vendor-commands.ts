/** Sends the commands that mask and unmask an agent: the vendor's own, or stopping and continuing the running recordings. */
import { unsupported } from '../control/request.ts';
import { emptyAgent } from '../model/empty-rows.ts';
import type { Agent, Blackout, Recording } from '../model/entities.ts';
import type { BlackoutOperation } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import { instant } from '../model/instant.ts';
import type { AgentSnapshot, Observation } from '../model/observation.ts';
import type { AgentLookup, VendorAnswer, VendorCommand, VendorSource } from '../ports/vendor.ts';
import { leavesDoubt, underDeadline } from '../under-deadline.ts';
import type { BlackoutContext } from './context.ts';
import { maskable } from './exposures.ts';
import { isOf, kinds } from './recording-kinds.ts';
import type { Resumption } from './resumptions.ts';
import { agentKey } from './row.ts';
import type { GivenTime } from './times.ts';

/** Throws UNSUPPORTED where the source can neither mask nor compose a mask. */
export const requireBlackouts = (source: VendorSource, operation: BlackoutOperation) => {
  const { blackouts, control } = source;
  const complete =
    blackouts?.support === 'NATIVE' ? blackouts.start && blackouts.stop : control?.STOP_RECORDING && control?.START_RECORDING;
  if (blackouts && complete) return blackouts;
  throw unsupported(source, operation);
};

export const agentOf = ({ liveState }: BlackoutContext, blackout: Pick<Blackout, 'source' | 'agent'>): Agent =>
  liveState.agent(agentKey(blackout)) ?? emptyAgent(agentKey(blackout));

export const isCallGoingOn =
  ({ liveState }: BlackoutContext, { source }: Pick<Blackout, 'source'>) =>
  (externalId: string): boolean =>
    liveState.call({ source, externalId }) !== null;

const send = (
  { clock, settings }: BlackoutContext,
  source: VendorSource,
  operation: VendorCommand['operation'],
  handler: ((command: VendorCommand, signal: AbortSignal) => Promise<VendorAnswer>) | undefined,
  command: Omit<VendorCommand, 'operation'>,
): Promise<VendorAnswer> => {
  if (!handler) throw unsupported(source, operation);
  return underDeadline(clock, settings.commandDeadlineMs, `${source.name}: ${operation}`, (signal) =>
    handler({ ...command, operation }, signal),
  );
};

/** When, and by which of the agent's identifiers: as the caller gave them, by the id where the server acts by itself. */
export type Addressing = Pick<VendorCommand, 'at' | 'offsetSeconds' | 'addressedBy'>;

/** The vendor's own times where the request is fresh; a repeated one names the moment that was meant, never an offset anew. */
export const timesFor = (given: GivenTime, effectiveMs: number, repeated: boolean): Pick<VendorCommand, 'at' | 'offsetSeconds'> => {
  if (given.at !== null) return { at: given.at };
  if (given.offsetMs === null) return {};
  const whole = given.offsetMs % 1000 === 0;
  return repeated || !whole ? { at: instant(effectiveMs) } : { offsetSeconds: given.offsetMs / 1000 };
};

/** Returns true if there was contact with the source lately, so that what is not known to run does not run. */
export const isFresh = ({ clock, liveState }: BlackoutContext, source: VendorSource): boolean =>
  clock.now() - liveState.lastContactMs(source.name) <= source.maxStalenessMs;

export const startNative = (
  context: BlackoutContext,
  source: VendorSource,
  blackout: Blackout,
  addressing: Addressing,
): Promise<VendorAnswer> =>
  send(context, source, 'START_BLACKOUT', source.blackouts?.start, { agent: agentOf(context, blackout), ...addressing });

export const stopNative = (
  context: BlackoutContext,
  source: VendorSource,
  blackout: Blackout,
  addressing: Addressing,
): Promise<VendorAnswer> =>
  send(context, source, 'STOP_BLACKOUT', source.blackouts?.stop, { agent: agentOf(context, blackout), ...addressing });

/** The agent as the vendor shows it now; null where it finds nobody, or shows no agents. */
export const readAgent = async (
  { clock, settings }: BlackoutContext,
  { name, agents }: VendorSource,
  lookup: AgentLookup,
): Promise<AgentSnapshot | null> => {
  if (!agents) return null;
  const [snapshot] = await underDeadline(clock, settings.commandDeadlineMs, `${name}: the agent's state`, (signal) =>
    agents.byIdentifiers([lookup], signal),
  );
  return snapshot ?? null;
};

/** Reads and observes the agent's state, where the vendor can show it. */
export const fetchAgentState = async (context: BlackoutContext, source: VendorSource, agent: string): Promise<void> => {
  const asOfMs = context.clock.now();
  const snapshot = await readAgent(context, source, { identifier: 'ID', value: agent });
  if (snapshot) await context.observe(source.name, { observations: snapshot.observations, asOfMs });
};

interface StoppedRecordings {
  observations: readonly Observation[];
  /** Those that the vendor says do not run. */
  notRunning: readonly Recording[];
}

/**
 * Stops what runs, once a kind, and returns what the vendor reported of it. Leaves running what the source has no command for. An error that says
 * that nothing runs is evidence of it. Throws what the vendor throws where something does run; `onStopped` was called by then for what was stopped before.
 */
export const stopRecordings = async (
  context: BlackoutContext,
  source: VendorSource,
  blackout: Pick<Blackout, 'source' | 'agent'>,
  onStopped: () => void = () => {},
): Promise<StoppedRecordings> => {
  const live = maskable(context.liveState.liveRecordings(agentKey(blackout)));
  const observations: Observation[] = [];
  const notRunning: Recording[] = [];
  for (const kind of kinds) {
    const { stop } = kind;
    const handler = source.control?.[stop];
    if (!handler) continue;
    const running = live.filter(isOf(kind));
    const isUnsure = stop === 'STOP_RECORDING' && !isFresh(context, source);
    if (running.length === 0 && !isUnsure) continue;
    try {
      const answer = await send(context, source, stop, handler, { agent: agentOf(context, blackout) });
      onStopped();
      observations.push(...(answer.observations ?? []));
    } catch (error) {
      const refused = error instanceof ExpectedError && !leavesDoubt(error) && !error.notSent;
      if (!(refused && (running.length === 0 || error.code === 'NOT_RECORDING'))) throw error;
      notRunning.push(...running);
      observations.push(
        ...running.map(({ externalId }) => ({ type: 'recording' as const, recording: { externalId, state: 'STOPPED' as const } })),
      );
    }
  }
  return { observations, notRunning };
};

export const resume = (context: BlackoutContext, source: VendorSource, { operation, command }: Resumption): Promise<VendorAnswer> =>
  send(context, source, operation, source.control?.[operation], command);

/** Takes in what the vendor's own answer showed. */
export const observeAnswer = async (
  { observe, clock }: BlackoutContext,
  source: VendorSource,
  observations: readonly Observation[],
): Promise<void> => {
  if (observations.length > 0) await observe(source.name, { observations, asOfMs: clock.now() });
};
