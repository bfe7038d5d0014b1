/** Sends the commands that mask and unmask an agent: the vendor's own, or stopping and continuing the running recordings. */
import { unsupported } from '../control/request.ts';
import { emptyAgent } from '../model/empty-rows.ts';
import type { Agent, Blackout, Recording } from '../model/entities.ts';
import { type BlackoutOperation, type ControlOperation, outOfCallStatuses } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import { instant } from '../model/instant.ts';
import type { Observation } from '../model/observation.ts';
import type { VendorAnswer, VendorCommand, VendorSource } from '../ports/vendor.ts';
import { leavesDoubt, underDeadline } from '../under-deadline.ts';
import type { BlackoutContext } from './context.ts';
import { maskable } from './exposures.ts';
import { agentKey } from './repository.ts';
import type { GivenTime } from './times.ts';

/** Throws UNSUPPORTED where the source can neither mask nor compose a mask. */
export const requireBlackouts = (source: VendorSource, operation: BlackoutOperation) => {
  const { blackouts, control } = source;
  const complete =
    blackouts?.support === 'NATIVE' ? blackouts.start && blackouts.stop : control?.STOP_RECORDING && control?.START_RECORDING;
  if (blackouts && complete) return blackouts;
  throw unsupported(source, operation);
};

/** The commands that stop and start each kind of recording that can be stopped. A duplicate is stopped and not started again. */
const kinds = [
  { kind: 'AUDIO', isDuplicate: false, stop: 'STOP_RECORDING', start: 'START_RECORDING' },
  { kind: 'AUDIO', isDuplicate: true, stop: 'STOP_DUPLICATE_RECORDING', start: null },
  { kind: 'SCREEN', isDuplicate: false, stop: 'STOP_SCREEN_RECORDING', start: 'START_SCREEN_RECORDING' },
] as const;

/** The operations that stop a recording, and those that start one again. */
export const stoppingOperations: readonly ControlOperation[] = kinds.map(({ stop }) => stop);
export const startingOperations: readonly ControlOperation[] = kinds.flatMap(({ start }) => start ?? []);

const isOf =
  ({ kind, isDuplicate }: (typeof kinds)[number]) =>
  (recording: Recording): boolean =>
    recording.kind === kind && recording.isDuplicate === isDuplicate;

export const isStoppable = (recording: Recording): boolean => kinds.some((one) => isOf(one)(recording));

/** Returns true if the recording's call still is where the agent is; without it, starting again would ring a phone to record nothing. */
const goesOn = (recording: Recording, agent: Agent, { liveState }: BlackoutContext): boolean => {
  const { call } = recording;
  const knownCalls = [agent.activeCall, ...agent.inactiveCalls].filter((one) => one !== null);
  if (knownCalls.length > 0) return call === null || knownCalls.includes(call);
  if (outOfCallStatuses.includes(agent.status)) return recording.kind === 'SCREEN' && call === null && agent.status !== 'OFFLINE';
  return call === null || liveState.call({ source: recording.source, externalId: call }) !== null;
};

const agentOf = ({ liveState }: BlackoutContext, blackout: Pick<Blackout, 'source' | 'agent'>): Agent =>
  liveState.agent(agentKey(blackout)) ?? emptyAgent(agentKey(blackout));

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

/** Fetches and observes the agent's state, where the vendor can show it. */
export const fetchAgentState = async (context: BlackoutContext, source: VendorSource, agent: string): Promise<void> => {
  const { clock, settings } = context;
  if (!source.agents) return;
  const asOfMs = clock.now();
  const [agentSnapshot] = await underDeadline(clock, settings.commandDeadlineMs, `${source.name}: the agent's state`, (signal) =>
    source.agents!.byIdentifiers([{ identifier: 'ID', value: agent }], signal),
  );
  if (agentSnapshot) await context.observe(source.name, { observations: agentSnapshot.observations, asOfMs });
};

/** Throws UNSUPPORTED where something runs that the source cannot stop, so that nothing is stopped in vain. */
export const requireStoppable = (source: VendorSource, live: readonly Recording[]): void => {
  for (const kind of kinds) {
    if (!source.control?.[kind.stop] && live.some(isOf(kind))) throw unsupported(source, kind.stop);
  }
};

interface StoppedRecordings {
  observations: readonly Observation[];
  /** External ids of recordings that the vendor says do not run: nobody stopped them, so that nobody continues them. */
  notRunning: readonly string[];
}

/**
 * Stops what runs, once a kind, and answers what the vendor showed of it; video cannot be stopped. An error that says that nothing runs
 * is evidence of it. Throws what the vendor throws where something does run; `onStopped` was called by then for what was stopped before.
 */
export const stopRecordings = async (
  context: BlackoutContext,
  source: VendorSource,
  blackout: Pick<Blackout, 'source' | 'agent'>,
  onStopped: () => void = () => {},
): Promise<StoppedRecordings> => {
  const live = maskable(context.liveState.liveRecordings(agentKey(blackout)));
  const observations: Observation[] = [];
  const notRunning: string[] = [];
  for (const kind of kinds) {
    const { stop } = kind;
    const running = live.filter(isOf(kind));
    const isUnsure = stop === 'STOP_RECORDING' && live.length === 0 && !isFresh(context, source);
    if (running.length === 0 && !isUnsure) continue;
    try {
      const answer = await send(context, source, stop, source.control?.[stop], { agent: agentOf(context, blackout) });
      onStopped();
      observations.push(...(answer.observations ?? []));
    } catch (error) {
      const refused = error instanceof ExpectedError && !leavesDoubt(error) && !error.notSent;
      if (!(refused && (running.length === 0 || error.code === 'NOT_RECORDING'))) throw error;
      for (const { externalId } of running) {
        notRunning.push(externalId);
        observations.push({ type: 'recording', recording: { externalId, state: 'STOPPED' } });
      }
    }
  }
  return { observations, notRunning };
};

interface Resumption {
  command: VendorCommand;
  operation: ControlOperation;
}

/**
 * Returns the recordings to start again: the newest interrupted recording of each kind whose call goes on. Where `trustsLive`, none of a kind
 * that is believed to run; else that belief may stem from before the mask.
 */
export const resumptionsOf = (
  context: BlackoutContext,
  source: VendorSource,
  blackout: Blackout,
  interrupted: readonly Recording[],
  trustsLive: boolean,
): readonly Resumption[] => {
  const agent = agentOf(context, blackout);
  const live = maskable(context.liveState.liveRecordings(agentKey(blackout))).filter(({ state }) => state !== 'STOPPING');
  return kinds.flatMap((kind): Resumption[] => {
    const { start } = kind;
    if (start === null || !source.control?.[start] || (trustsLive && live.some(isOf(kind)))) return [];
    const candidates = interrupted.filter(isOf(kind)).filter((recording) => goesOn(recording, agent, context));
    const recording = candidates.findLast(({ call }) => call !== null && call === agent.activeCall) ?? candidates.at(-1);
    if (!recording) return [];
    const fileName = recording.fileName ?? blackout.interrupted.find((one) => one.recording === recording.externalId)?.fileName;
    const how = fileName ? { mode: 'APPEND' as const, fileName } : { mode: 'OVERWRITE' as const };
    return [{ operation: start, command: { operation: start, agent, ...how } }];
  });
};

export const resume = (context: BlackoutContext, source: VendorSource, { operation, command }: Resumption): Promise<VendorAnswer> =>
  send(context, source, operation, source.control?.[operation], command);
