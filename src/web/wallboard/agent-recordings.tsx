import { Button, Text } from '@mantine/core';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useClient } from 'urql';
import { sameOrigin } from '../endpoints.ts';
import { type AgentDetailQuery, type MediaFormat, MediaLinkDocument } from '../generated/graphql.ts';
import classes from './agent-recordings.module.css';
import { clockWords, durationMs, timeWords } from './duration-words.ts';
import { PlayIcon } from './icons.tsx';
import { reasonLabels, wordLabel } from './labels.ts';

const RecordingPlayer = lazy(() => import('./recording-player.tsx'));

export type PastRecording = NonNullable<NonNullable<AgentDetailQuery['agent']>['recordings']>['nodes'][number];

/** A blackout's place in a recording, in milliseconds from its start. */
export interface CoveredStretch {
  fromMs: number;
  toMs: number;
  label: string;
}

const lengthMs = ({ duration, startedAt, endedAt }: PastRecording): number => {
  const told = duration === null ? null : durationMs(duration);
  if (told !== null) return told;
  return startedAt === null ? 0 : (endedAt === null ? Date.now() : Date.parse(endedAt)) - Date.parse(startedAt);
};

export const coveredStretches = (recording: PastRecording): CoveredStretch[] => {
  const wholeMs = lengthMs(recording);
  return recording.blackouts.map(({ startsAt, endsAt, offset, blackout }) => {
    const fromMs = Math.max(0, durationMs(offset) ?? 0);
    const toMs = endsAt === null ? wholeMs : fromMs + Date.parse(endsAt) - Date.parse(startsAt);
    return { fromMs, toMs: Math.min(Math.max(toMs, fromMs), wholeMs), label: `Blackout: ${reasonLabels[blackout.reason]}` };
  });
};

const Timeline = ({ stretches, wholeMs }: { stretches: readonly CoveredStretch[]; wholeMs: number }): ReactNode => {
  const words = stretches.map(({ fromMs, toMs, label }) => `${label} from ${clockWords(fromMs)} to ${clockWords(toMs)}`);
  return (
    <div className={classes.timeline} role="img" aria-label={words.join('; ') || 'No blackout in this recording'}>
      {stretches.map(({ fromMs, toMs }) => (
        <span key={fromMs} style={{ insetInlineStart: `${(100 * fromMs) / wholeMs}%`, width: `${(100 * (toMs - fromMs)) / wholeMs}%` }} />
      ))}
    </div>
  );
};

type Playback = { stage: 'closed' } | { stage: 'asking' } | { stage: 'open'; url: string } | { stage: 'failed'; message: string };

const usePlayback = (id: string): [Playback, () => Promise<void>] => {
  const client = useClient();
  const [playback, setPlayback] = useState<Playback>({ stage: 'closed' });
  const link = async (format: MediaFormat) => {
    const { data, error } = await client.query(MediaLinkDocument, { id, format }).toPromise();
    return { media: data?.recording?.media, message: error?.graphQLErrors[0]?.message };
  };
  const open = async () => {
    setPlayback({ stage: 'asking' });
    const wav = await link('WAV');
    // What cannot be made into WAV, such as MP3, browsers mostly play as it is.
    const { media, message } = wav.media?.__typename === 'Problem' && !wav.media.retryable ? await link('ORIGINAL') : wav;
    if (media?.__typename === 'RecordingMedia') return setPlayback({ stage: 'open', url: sameOrigin(media.url) });
    setPlayback({ stage: 'failed', message: media ? `${media.message} (${media.code})` : (message ?? 'The server did not answer.') });
  };
  return [playback, open];
};

const unplayable: ReadonlySet<string> = new Set(['ABSENT', 'EXPIRED', 'FAILED']);

const Row = ({ recording, playable }: { recording: PastRecording; playable: boolean }): ReactNode => {
  const [playback, open] = usePlayback(recording.id);
  const stretches = coveredStretches(recording);
  const wholeMs = lengthMs(recording);
  const started = recording.startedAt ? timeWords(recording.startedAt) : 'Start not known';
  return (
    <li className={classes.row}>
      <div className={classes.head}>
        <div>
          <Text fz="1.05rem" fw={650}>
            {started}
            {wholeMs > 0 ? `, ${clockWords(wholeMs)}` : ''}
          </Text>
          <Text c="var(--muted)">
            {wordLabel(recording.state)}
            {recording.kind === 'AUDIO' ? '' : `, ${recording.kind.toLowerCase()}`}
            {recording.isDuplicate ? ', duplicate' : ''}
            {stretches.length > 0 ? `, ${stretches.length === 1 ? 'one blackout' : `${stretches.length} blackouts`}` : ''}
          </Text>
        </div>
        {!playable || playback.stage === 'open' || unplayable.has(recording.state) || recording.kind === 'SCREEN' ? null : (
          <Button
            variant="default"
            leftSection={<PlayIcon size={16} />}
            loading={playback.stage === 'asking'}
            aria-label={`Play recording of ${started}`}
            onClick={open}
          >
            Play
          </Button>
        )}
      </div>
      {wholeMs > 0 && stretches.length > 0 ? <Timeline stretches={stretches} wholeMs={wholeMs} /> : null}
      {playback.stage === 'failed' ? (
        <Text role="alert" c="var(--recording)" mt="xs">
          {playback.message}
        </Text>
      ) : null}
      {playback.stage === 'open' ? (
        <Suspense fallback={null}>
          <RecordingPlayer url={playback.url} label={started} stretches={stretches} />
        </Suspense>
      ) : null}
    </li>
  );
};

export const AgentRecordings = ({ recordings, playable }: { recordings: readonly PastRecording[]; playable: boolean }): ReactNode =>
  recordings.length === 0 ? (
    <Text c="var(--muted)">No recordings are known of this agent.</Text>
  ) : (
    <ul className={classes.list} aria-label="Recordings">
      {recordings.map((recording) => (
        <Row key={recording.id} recording={recording} playable={playable} />
      ))}
    </ul>
  );
