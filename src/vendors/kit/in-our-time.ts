/** Corrects the times in observations of a vendor whose clock differs from this server's. */
import type { CallLeg, Instant, Interval } from '../../domain/model/entities.ts';
import { epochMs, instant } from '../../domain/model/instant.ts';
import type { AgentSnapshot, Observation, ObservationBatch } from '../../domain/model/observation.ts';
import type { VendorContext } from '../../domain/ports/vendor-context.ts';
import type { VendorClock } from './clock-difference.ts';

type Correct = (at: Instant) => Instant;

/** Moves whole milliseconds and keeps the finer digits that a vendor may write. */
const corrector =
  (toOurs: VendorClock['toOurs']): Correct =>
  (at) => {
    const finer = /\.\d{3}(\d+)Z$/.exec(at)?.[1] ?? '';
    const moved = instant(toOurs(epochMs(at)));
    return finer === '' ? moved : moved.replace('Z', `${finer}Z`);
  };

/** The object with these of its fields corrected; those that are absent or null stay so. */
const withTimes = <T extends object>(given: T, names: readonly (keyof T)[], correct: Correct): T => {
  const corrected = { ...given };
  for (const name of names) {
    const at = given[name];
    if (typeof at === 'string') corrected[name] = correct(at) as T[keyof T];
  }
  return corrected;
};

const intervals = <T extends Interval | CallLeg>(list: readonly T[], correct: Correct): readonly T[] =>
  list.map((one) => withTimes(one, ['startedAt', 'startsAt', 'endedAt', 'endsAt'] as unknown as (keyof T)[], correct));

const corrected = (observation: Observation, correct: Correct): Observation => {
  switch (observation.type) {
    case 'agent':
      return { ...observation, agent: withTimes(observation.agent, ['statusSince'], correct) };
    case 'call': {
      const call = withTimes(observation.call, ['startedAt', 'answeredAt', 'endedAt'], correct);
      return { ...observation, call: call.legs === undefined ? call : { ...call, legs: intervals(call.legs, correct) } };
    }
    case 'recording': {
      const recording = withTimes(observation.recording, ['startedAt', 'endedAt'], correct);
      const { segments } = recording;
      return { ...observation, recording: segments === undefined ? recording : { ...recording, segments: intervals(segments, correct) } };
    }
    case 'blackout':
      return { ...observation, at: correct(observation.at) };
    default:
      return observation;
  }
};

/** The observations with all their times in this server's clock; unchanged where the clocks agree. Ids are left as they are. */
export const inOurTime = (observations: readonly Observation[], { toOurs }: Pick<VendorClock, 'toOurs'>): readonly Observation[] => {
  if (toOurs(0) === 0) return observations;
  const correct = corrector(toOurs);
  return observations.map((observation) => corrected(observation, correct));
};

export const snapshotsInOurTime = (snapshots: readonly AgentSnapshot[], clock: Pick<VendorClock, 'toOurs'>): readonly AgentSnapshot[] =>
  clock.toOurs(0) === 0 ? snapshots : snapshots.map((snapshot) => ({ ...snapshot, observations: inOurTime(snapshot.observations, clock) }));

/** The context for code whose times are of the vendor's clock: it corrects the observations. */
export const observingInOurTime = <C extends Pick<VendorContext, 'observe'>>(context: C, clock: Pick<VendorClock, 'toOurs'>): C => ({
  ...context,
  observe: (batch: ObservationBatch) => context.observe({ ...batch, observations: inOurTime(batch.observations, clock) }),
});
