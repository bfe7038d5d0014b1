/** Finds a recording and opens its audio, and observes what the vendor's answer says of its state. */
import type { Recording, SourceKey } from '../domain/model/entities.ts';
import { type Audio, type AudioRequest, openAudio } from './audio.ts';
import { isPastKeeping, isVendorsRefusal } from './availability.ts';
import type { MediaContext } from './context.ts';

export const findRecording = async ({ liveState, store }: MediaContext, key: SourceKey): Promise<Recording | null> =>
  liveState.recording(key) ?? (await store.recordings.byKeys([key]))[0] ?? null;

const observeState = (
  { observe, clock }: MediaContext,
  { source, externalId }: Recording,
  state: 'EXPIRED' | 'AVAILABLE',
): Promise<void> => {
  const resumed = state === 'AVAILABLE' ? { resumed: true } : {};
  return observe(source, { observations: [{ type: 'recording', recording: { externalId, state }, ...resumed }], asOfMs: clock.now() });
};

/** Asks the vendor, who alone knows what is gone: what was without a file may have one, and what was kept for a time may be kept still. */
export const openRecording = async (
  context: MediaContext,
  recording: Recording,
  options: Omit<AudioRequest, 'recording'>,
): Promise<Audio> => {
  try {
    const opened = await openAudio(context, { recording, ...options });
    if (recording.state === 'ABSENT') await observeState(context, recording, 'AVAILABLE');
    return opened;
  } catch (error) {
    if (isVendorsRefusal(error) && isPastKeeping(recording, context.clock.now())) await observeState(context, recording, 'EXPIRED');
    throw error;
  }
};
