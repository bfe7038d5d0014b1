/** Sends the commands that mask and unmask an agent: the vendor's own, or stopping and continuing the running recordings. */
import { readAgent } from '../control/read-agent.ts';
import { unsupported } from '../control/request.ts';
import { emptyAgent } from '../model/empty-rows.ts';
import type { Agent, Blackout, Recording } from '../model/entities.ts';
import type { BlackoutOperation } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import { instant } from '../model/instant.ts';
import type { Observation } from '../model/observation.ts';
import type { ControlHandler, VendorAnswer, VendorCommand, VendorSource } from '../ports/vendor.ts';
import { leavesDoubt, underDeadline } from '../under-deadline.ts';
import type { BlackoutContext } from './context.ts';
import { maskable } from './exposures.ts';
import { isOf, kinds } from './recording-kinds.ts';
import type { Resumption } from './resumptions.ts';
import { agentKey, sourceOf } from './row.ts';
import type { GivenTime } from './times.ts';

/** Throws UNSUPPORTED where the source can neither mask nor compose a mask. */
export const requireBlackouts = (source: VendorSource, operation: BlackoutOperation) => {
  const { blackouts, control } = source;
  const complete =
    blackouts?.support === 'NATIVE' ? blackouts.start && blackouts.stop : control?.STOP_RECORDING && control?.START_RECORDING;
  if (blackouts && complete) return blackouts;
  throw unsupported(source, operation);
};

export const agentOf = ({ liveState }: Pick<BlackoutContext, 'liveState'>, blackout: Pick<Blackout, 'source' | 'agent'>): Agent =>
  liveState.agent(agentKey(blackout)) ?? emptyAgent(agentKey(blackout));

export const isCallGoingOn =
  ({ liveState }: Pick<BlackoutContext, 'liveState'>, { source }: Pick<Blackout, 'source'>) =>
  (externalId: string): boolean =>
    liveState.call({ source, externalId }) !== null;

const handlerOf = ({ blackouts, control }: VendorSource, operation: VendorCommand['operation']): ControlHandler | undefined => {
  if (operation === 'START_BLACKOUT') return blackouts?.start;
  return operation === 'STOP_BLACKOUT' ? blackouts?.stop : control?.[operation];
};

const send = ({ clock, settings }: BlackoutContext, source: VendorSource, command: VendorCommand): Promise<VendorAnswer> => {
  const { operation } = command;
  const handler = handlerOf(source, operation);
  if (!handler) throw unsupported(source, operation);
  const deadline = { ms: settings.commandDeadlineMs, subject: `${source.name}: ${operation}` };
  return underDeadline(clock, deadline, (signal) => handler(command, signal));
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
export const hadContactLately = ({ clock, liveState }: BlackoutContext, source: VendorSource): boolean =>
  clock.now() - liveState.lastContactMs(source.name) <= source.maxStalenessMs;

export const startNative = (context: BlackoutContext, row: Blackout, addressing: Addressing): Promise<VendorAnswer> =>
  send(context, sourceOf(context, row), { operation: 'START_BLACKOUT', agent: agentOf(context, row), ...addressing });

export const stopNative = (context: BlackoutContext, row: Blackout, addressing: Addressing): Promise<VendorAnswer> =>
  send(context, sourceOf(context, row), { operation: 'STOP_BLACKOUT', agent: agentOf(context, row), ...addressing });

/** Reads and observes the agent's state, where the vendor can show it. */
export const observeAgent = async (context: BlackoutContext, row: Blackout): Promise<void> => {
  const asOfMs = context.clock.now();
  const snapshot = await readAgent(context, sourceOf(context, row), { identifier: 'ID', value: row.agent });
  if (snapshot) await context.observe(row.source, { observations: snapshot.observations, asOfMs });
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
  row: Blackout,
  onStopped: () => void = () => {},
): Promise<StoppedRecordings> => {
  const source = sourceOf(context, row);
  const live = maskable(context.liveState.liveRecordings(agentKey(row)));
  const observations: Observation[] = [];
  const notRunning: Recording[] = [];
  for (const kind of kinds) {
    const { stop: operation } = kind;
    if (!source.control?.[operation]) continue;
    const running = live.filter(isOf(kind));
    const isUnsure = operation === 'STOP_RECORDING' && !hadContactLately(context, source);
    if (running.length === 0 && !isUnsure) continue;
    try {
      const answer = await send(context, source, { operation, agent: agentOf(context, row) });
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

export const resume = (context: BlackoutContext, row: Blackout, { command }: Resumption): Promise<VendorAnswer> =>
  send(context, sourceOf(context, row), command);

/** Takes in what the vendor's own answer showed. */
export const observeAnswer = async (
  { observe, clock }: BlackoutContext,
  { source }: Blackout,
  observations: readonly Observation[],
): Promise<void> => {
  if (observations.length > 0) await observe(source, { observations, asOfMs: clock.now() });
};
