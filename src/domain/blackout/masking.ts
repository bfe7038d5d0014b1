/** How a source masks and unmasks an agent: its own commands, or stopping and continuing the running recordings. */

import type { ControlContext } from '../control/context.ts';
import { unsupported } from '../control/request.ts';
import { leavesDoubt, underDeadline } from '../control/under-deadline.ts';
import { emptyAgent } from '../model/empty-agent.ts';
import type { Agent, Blackout, Recording, SourceKey } from '../model/entities.ts';
import { type ControlOperation, liveRecordingStates, outOfCallStatuses } from '../model/enums.ts';
import { ExpectedError } from '../model/errors.ts';
import { instant } from '../model/instant.ts';
import type { Observation } from '../model/observation.ts';
import type { VendorAnswer, VendorCommand, VendorSource } from '../ports/vendor.ts';
import type { GivenTime } from './times.ts';

export const agentKey = ({ source, agent }: Pick<Blackout, 'source' | 'agent'>): SourceKey => ({ source, externalId: agent });

/** Throws UNSUPPORTED where the source can neither mask nor compose a mask. */
export const requireBlackouts = (source: VendorSource, operation: 'START_BLACKOUT' | 'STOP_BLACKOUT') => {
  const { blackouts, control } = source;
  const complete =
    blackouts?.support === 'NATIVE' ? blackouts.start && blackouts.stop : control?.STOP_RECORDING && control?.START_RECORDING;
  if (blackouts && complete) return blackouts;
  throw unsupported(source, operation);
};

/** The commands that stop and start each kind of recording that a blackout covers. */
const kinds = [
  { kind: 'AUDIO', stop: 'STOP_RECORDING', start: 'START_RECORDING' },
  { kind: 'SCREEN', stop: 'STOP_SCREEN_RECORDING', start: 'START_SCREEN_RECORDING' },
] as const;

export type MaskedKind = (typeof kinds)[number];

/** The live recordings that a blackout must silence. */
export const maskable = (live: readonly Recording[]): readonly Recording[] =>
  live.filter((one) => liveRecordingStates.includes(one.state) && kinds.some(({ kind }) => kind === one.kind));

/** Whether the recording's call still is where the agent is; without it, starting again would ring a phone to record nothing. */
const goesOn = (recording: Recording, agent: Agent, liveState: ControlContext['liveState']): boolean => {
  const { call } = recording;
  const knownCalls = [agent.activeCall, ...agent.inactiveCalls].filter((one) => one !== null);
  if (knownCalls.length > 0) return call === null || knownCalls.includes(call);
  if (outOfCallStatuses.includes(agent.status)) return recording.kind === 'SCREEN' && call === null && agent.status !== 'OFFLINE';
  return call === null || liveState.call({ source: recording.source, externalId: call }) !== null;
};

/** When, and by which of the agent's identifiers: as the caller gave them, by the id where the server acts by itself. */
export type Addressing = Pick<VendorCommand, 'at' | 'offsetSeconds' | 'addressedBy'>;

export interface Resumption {
  command: VendorCommand;
  operation: ControlOperation;
}

export const createMasking = (deps: ControlContext) => {
  const { clock, liveState, settings } = deps;

  const agentOf = (blackout: Pick<Blackout, 'source' | 'agent'>): Agent =>
    liveState.agent(agentKey(blackout)) ?? emptyAgent(agentKey(blackout));

  const send = (
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

  /** The vendor's own times where the request is fresh; a repeated one names the moment that was meant, never an offset anew. */
  const timesFor = (given: GivenTime, effectiveMs: number, repeated: boolean): Pick<VendorCommand, 'at' | 'offsetSeconds'> => {
    if (given.at !== null) return { at: given.at };
    if (given.offsetMs === null) return {};
    const whole = given.offsetMs % 1000 === 0;
    return repeated || !whole ? { at: instant(effectiveMs) } : { offsetSeconds: given.offsetMs / 1000 };
  };

  const isFresh = (source: VendorSource): boolean => clock.now() - liveState.lastContactMs(source.name) <= source.maxStalenessMs;

  return {
    agentOf,
    timesFor,
    isFresh,

    startNative: (source: VendorSource, blackout: Blackout, addressing: Addressing) =>
      send(source, 'START_BLACKOUT', source.blackouts?.start, { agent: agentOf(blackout), ...addressing }),

    stopNative: (source: VendorSource, blackout: Blackout, addressing: Addressing) =>
      send(source, 'STOP_BLACKOUT', source.blackouts?.stop, { agent: agentOf(blackout), ...addressing }),

    /**
     * Stops what runs, once a kind, and answers what the vendor showed of it. Where nothing was known to run and the vendor refused
     * to stop it, there is nothing to mask. Throws what the vendor throws where something does run; `onStopped` has heard by then of
     * what was stopped before.
     */
    async stopRecordings(
      source: VendorSource,
      blackout: Pick<Blackout, 'source' | 'agent'>,
      onStopped: () => void = () => {},
    ): Promise<readonly Observation[]> {
      const live = maskable(liveState.liveRecordings(agentKey(blackout)));
      const shown: Observation[] = [];
      for (const { kind, stop } of kinds) {
        const running = live.some((one) => one.kind === kind);
        const unsure = kind === 'AUDIO' && live.length === 0 && !isFresh(source);
        if (!running && !unsure) continue;
        try {
          const answer = await send(source, stop, source.control?.[stop], { agent: agentOf(blackout) });
          onStopped();
          shown.push(...(answer.observations ?? []));
        } catch (error) {
          const refused = error instanceof ExpectedError && !leavesDoubt(error) && !error.notSent;
          if (!(refused && (!running || error.code === 'NOT_RECORDING'))) throw error;
        }
      }
      return shown;
    },

    /**
     * What has to be started again: the newest interrupted recording of each kind whose call goes on. Where `trustsLive`, none of a
     * kind that is believed to run; else that belief may stem from before the mask.
     */
    resumptions(source: VendorSource, blackout: Blackout, interrupted: readonly Recording[], trustsLive: boolean): readonly Resumption[] {
      const agent = agentOf(blackout);
      const live = maskable(liveState.liveRecordings(agentKey(blackout))).filter(({ state }) => state !== 'STOPPING');
      return kinds.flatMap(({ kind, start }): Resumption[] => {
        if ((trustsLive && live.some((one) => one.kind === kind)) || !source.control?.[start]) return [];
        const candidates = interrupted.filter((one) => one.kind === kind && !one.isDuplicate && goesOn(one, agent, liveState));
        const recording = candidates.findLast(({ call }) => call !== null && call === agent.activeCall) ?? candidates.at(-1);
        if (!recording) return [];
        const fileName = recording.fileName ?? blackout.interrupted.find((one) => one.recording === recording.externalId)?.fileName;
        const how = fileName ? { mode: 'APPEND' as const, fileName } : { mode: 'OVERWRITE' as const };
        return [{ operation: start, command: { operation: start, agent, ...how } }];
      });
    },

    resume: (source: VendorSource, { operation, command }: Resumption) => send(source, operation, source.control?.[operation], command),
  };
};

export type Masking = ReturnType<typeof createMasking>;
