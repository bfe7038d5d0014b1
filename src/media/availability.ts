/** Judges a recording's audio without a call to its vendor. */

import type { Recording } from '../domain/model/entities.ts';
import { liveRecordingStates, type RecordingState } from '../domain/model/enums.ts';
import { ExpectedError } from '../domain/model/errors.ts';
import { epochMs } from '../domain/model/instant.ts';

/** How long after a call's end its file is usually there. */
const usualWaitSeconds = 10;

/** Names the recording in messages; its own id may be one that no message should carry. */
export const subjectOf = ({ source }: Pick<Recording, 'source'>): string => `${source}: this recording`;

/** Past the time for which the vendor promised to keep it: it may be gone, and is where the vendor says that it has none. */
export const isPastKeeping = ({ availableUntil }: Recording, nowMs: number): boolean =>
  availableUntil !== null && epochMs(availableUntil) <= nowMs;

/** The vendor was asked for the file and has none: its own code says so. An error of this server's own has no such code. */
export const isVendorsRefusal = (error: unknown): boolean =>
  error instanceof ExpectedError && error.code === 'MEDIA_UNAVAILABLE' && !error.retryable && error.vendorCode !== null;

/** States after which a file does not change any more. */
const finalStates: readonly RecordingState[] = ['AVAILABLE', 'STOPPED'];
export const isFinal = ({ state }: Recording): boolean => finalStates.includes(state);

/** Throws MEDIA_UNAVAILABLE where there is no audio, any more or yet. */
export const requireAudio = (recording: Recording): void => {
  const subject = subjectOf(recording);
  const refuse = (why: string) => new ExpectedError('MEDIA_UNAVAILABLE', `${subject} ${why}`, { retryable: false });
  if (recording.state === 'EXPIRED') throw refuse('has expired: the vendor has deleted it.');
  if (recording.state === 'FAILED') throw refuse('has no file: recording failed.');
  if (liveRecordingStates.includes(recording.state)) {
    throw new ExpectedError(
      'MEDIA_UNAVAILABLE',
      `${subject} is still in progress; retry after it has ended, in ${usualWaitSeconds} s at the earliest.`,
      { retryable: true, retryAfterSeconds: usualWaitSeconds },
    );
  }
};
