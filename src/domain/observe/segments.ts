import type { Instant, Recording } from '../model/entities.ts';
import { liveRecordingStates } from '../model/enums.ts';
import type { Change } from './reduction.ts';

/**
 * When the recording was being written, where the vendor does not say: a segment more where it goes on after it had ended, and the last
 * one closed where it ends. Undefined where it was written from its start to its end.
 */
export const segmentsAfter = ({ before, after }: Change<Recording>, isContinued: boolean, at: Instant): Recording['segments'] => {
  if (before === null || after.segments !== before.segments) return after.segments;
  const [wasLive, isLive] = [before, after].map(({ state }) => liveRecordingStates.includes(state));
  if (isContinued && !wasLive && isLive) {
    const startsAt = before.startedAt ?? before.endedAt ?? at;
    return [...(before.segments ?? [{ startsAt, endsAt: before.endedAt ?? at }]), { startsAt: at, endsAt: null }];
  }
  const last = before.segments?.at(-1);
  return wasLive && !isLive && last?.endsAt === null
    ? [...before.segments!.slice(0, -1), { ...last, endsAt: after.endedAt ?? at }]
    : after.segments;
};
