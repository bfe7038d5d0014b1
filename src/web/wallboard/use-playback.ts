import { useState } from 'react';
import { useClient } from 'urql';
import { mediaUrl } from '../endpoints.ts';
import { type MediaFormat, MediaLinkDocument } from '../generated/graphql.ts';
import { errorText } from './use-pages.ts';

type Playback =
  | { stage: 'closed' }
  | { stage: 'loading' }
  | { stage: 'open'; url: string; format: MediaFormat }
  | { stage: 'failed'; message: string };

const canPlay = (contentType: string): boolean => document.createElement('audio').canPlayType(contentType) !== '';

/**
 * Gets a link to audio that this browser plays. The recorder's own file comes first: a WAV made of what is none would be refused, and the
 * refusal written to the ledger. WAV is requested where the browser cannot play the file, which some codings show only when it is played.
 */
export const usePlayback = (id: string): { playback: Playback; open(): Promise<void>; onUnplayable(): void } => {
  const client = useClient();
  const [playback, setPlayback] = useState<Playback>({ stage: 'closed' });
  const link = async (format: MediaFormat): Promise<{ contentType: string | null; next: Playback }> => {
    const { data, error } = await client.query(MediaLinkDocument, { id, format }).toPromise();
    const media = data?.recording?.media;
    if (media?.__typename === 'RecordingMedia') {
      return { contentType: media.contentType, next: { stage: 'open', url: mediaUrl(media.url), format } };
    }
    const message = media ? `${media.message} (${media.code})` : errorText(error);
    return { contentType: null, next: { stage: 'failed', message } };
  };
  const openAsWav = async (): Promise<void> => setPlayback((await link('WAV')).next);
  const open = async (): Promise<void> => {
    setPlayback({ stage: 'loading' });
    const { contentType, next } = await link('ORIGINAL');
    if (contentType !== null && !canPlay(contentType)) return openAsWav();
    setPlayback(next);
  };
  const onUnplayable = (): void => {
    if (playback.stage === 'open' && playback.format === 'ORIGINAL') void openAsWav();
    else setPlayback({ stage: 'failed', message: 'This browser cannot play the audio.' });
  };
  return { playback, open, onUnplayable };
};
