import { Button, Text } from '@mantine/core';
import { lazy, type ReactNode, Suspense, useCallback, useState } from 'react';
import { useClient } from 'urql';
import { AgentRecordingsDocument } from '../generated/graphql.ts';
import classes from './agent-recordings.module.css';
import { useBoard, useSelected } from './board.ts';
import { clockWords, timeWords } from './duration-words.ts';
import { PlayIcon } from './icons.tsx';
import { directionLabels, wordLabel } from './labels.ts';
import type { Source } from './live-types.ts';
import { PagedList } from './paged-list.tsx';
import { lengthMs, marksOf, type PastRecording, type RecordingMark } from './recording-marks.ts';
import { type Access, allows, can } from './sources.ts';
import { type PageRequest, usePages } from './use-pages.ts';
import { usePlayback } from './use-playback.ts';

const RecordingPlayer = lazy(() => import('./recording-player.tsx'));

const Timeline = ({ marks, wholeMs }: { marks: readonly RecordingMark[]; wholeMs: number }): ReactNode => (
  <div className={classes.timeline} role="img" aria-label={marks.map(({ label }) => label).join('; ')}>
    {marks.map(({ kind, fromMs, toMs }) => (
      <span
        key={`${kind}${fromMs}`}
        data-kind={kind}
        style={{ insetInlineStart: `${(100 * fromMs) / wholeMs}%`, width: `${(100 * (toMs - fromMs)) / wholeMs}%` }}
      />
    ))}
  </div>
);

const running: ReadonlySet<string> = new Set(['STARTING', 'RECORDING', 'PAUSED', 'STOPPING']);

/** Why a recording has no play button; null where it has one. */
const whyNot = ({ state, kind }: PastRecording, source: Source | undefined, access: Access | null): string | null => {
  if (!allows(access, 'media:read')) return 'Your access key lacks the permission to play recordings (media:read).';
  if (!can(source, 'DOWNLOAD_MEDIA')) {
    const note = source?.capabilities.find(({ operation }) => operation === 'DOWNLOAD_MEDIA')?.note;
    return `This recorder offers no playback${note ? `: ${note}` : '.'}`;
  }
  if (kind === 'SCREEN') return 'Screen recordings have no audio.';
  if (running.has(state)) return 'It can be played when it has ended.';
  if (state === 'EXPIRED') return 'The recorder has deleted it.';
  if (state === 'ABSENT') return 'The recorder lists no file for it.';
  return state === 'FAILED' ? 'The recording failed.' : null;
};

const callText = ({ call }: PastRecording): string => {
  if (call === null) return '';
  const number = (call.direction === 'OUTBOUND' ? call.called : call.caller) ?? 'number withheld';
  return `${directionLabels[call.direction]} ${number}${call.queue ? `, ${call.queue}` : ''}`;
};

const factsOf = ({ state, kind, isDuplicate, party, blackouts }: PastRecording): string =>
  [
    wordLabel(state),
    kind === 'AUDIO' ? null : kind.toLowerCase(),
    isDuplicate ? 'duplicate' : null,
    party === 'UNKNOWN' || party === 'MIXED' ? null : `${party.toLowerCase()} only`,
    blackouts.length === 0 ? null : blackouts.length === 1 ? 'one blackout' : `${blackouts.length} blackouts`,
  ]
    .filter((fact) => fact !== null)
    .join(', ');

interface RowProps {
  recording: PastRecording;
  reason: string | null;
  /** One recording plays at a time. */
  playing: boolean;
  onPlay(): void;
}

const Row = ({ recording, reason, playing, onPlay }: RowProps): ReactNode => {
  const { ticker } = useBoard();
  const { playback, open, onUnplayable } = usePlayback(recording.id);
  const nowMs = ticker.now();
  const marks = marksOf(recording, nowMs);
  const wholeMs = lengthMs(recording, nowMs);
  const started = recording.startedAt ? timeWords(recording.startedAt) : 'Start unknown';
  const play = () => {
    onPlay();
    void open();
  };
  const opened = playing && playback.stage === 'open' ? playback : null;
  return (
    <li className={classes.row}>
      <div className={classes.head}>
        <div>
          <Text fz="1.05rem" fw={650}>
            {started}
            {wholeMs > 0 ? `, ${clockWords(wholeMs)}` : ''}
          </Text>
          <Text dir="auto">{callText(recording)}</Text>
          <Text c="var(--muted)">{factsOf(recording)}</Text>
        </div>
        {opened !== null || reason !== null ? null : (
          <Button
            variant="default"
            leftSection={<PlayIcon size={16} />}
            loading={playing && playback.stage === 'loading'}
            aria-label={`Play recording of ${started}`}
            onClick={play}
          >
            Play
          </Button>
        )}
      </div>
      {reason === null ? null : <Text c="var(--muted)">Not playable: {reason}</Text>}
      {wholeMs > 0 && marks.length > 0 ? <Timeline marks={marks} wholeMs={wholeMs} /> : null}
      {marks
        .filter(({ kind }) => kind === 'cut' || wholeMs > 0)
        .map(({ kind, label, fromMs }) => (
          <Text key={`${kind}${fromMs}`} c="var(--muted)">
            {label}
          </Text>
        ))}
      {playing && playback.stage === 'failed' ? (
        <Text role="alert" c="var(--recording)" mt="xs">
          {playback.message}
        </Text>
      ) : null}
      {opened !== null ? (
        <Suspense fallback={null}>
          <RecordingPlayer key={opened.url} url={opened.url} label={started} marks={marks} onUnplayable={onUnplayable} />
        </Suspense>
      ) : null}
    </li>
  );
};

/** Every recording of the agent, newest first. */
export const AgentRecordings = ({ agent, source, news }: { agent: string; source: Source | undefined; news: unknown }): ReactNode => {
  const client = useClient();
  const access = useSelected(useBoard().sources, (state) => state.access);
  const [playing, setPlaying] = useState<string | null>(null);
  const load = useCallback(
    async (request: PageRequest) => {
      const { data, error } = await client.query(AgentRecordingsDocument, { ref: { id: agent }, ...request }).toPromise();
      return { page: data?.agent?.recordings, error };
    },
    [client, agent],
  );
  return (
    <PagedList pages={usePages<PastRecording>(load, news)} empty="No recordings of this agent are known.">
      {(recordings) => (
        <ul className={classes.list} aria-label="Recordings">
          {recordings.map((recording) => (
            <Row
              key={recording.id}
              recording={recording}
              reason={whyNot(recording, source, access)}
              playing={playing === recording.id}
              onPlay={() => setPlaying(recording.id)}
            />
          ))}
        </ul>
      )}
    </PagedList>
  );
};
