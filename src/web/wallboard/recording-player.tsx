import { type ReactNode, useEffect, useRef } from 'react';
import WaveSurfer from 'wavesurfer.js';
import RegionsPlugin from 'wavesurfer.js/dist/plugins/regions.js';
import classes from './agent-recordings.module.css';
import type { RecordingMark } from './recording-marks.ts';

interface RecordingPlayerProps {
  url: string;
  label: string;
  marks: readonly RecordingMark[];
  onUnplayable(): void;
}

/** Plays a recording, with its waveform, its silent intervals and the places where it was cut. */
const RecordingPlayer = ({ url, label, marks, onUnplayable }: RecordingPlayerProps): ReactNode => {
  const waveform = useRef<HTMLDivElement>(null);
  const audio = useRef<HTMLAudioElement>(null);
  const latest = useRef({ marks, onUnplayable });
  latest.current = { marks, onUnplayable };
  useEffect(() => {
    if (waveform.current === null || audio.current === null) return;
    const color = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name);
    const regions = RegionsPlugin.create();
    const player = WaveSurfer.create({
      container: waveform.current,
      media: audio.current,
      url,
      height: 72,
      barWidth: 2,
      barGap: 1,
      normalize: true,
      waveColor: color('--line-strong'),
      progressColor: color('--status-on-call'),
      cursorColor: color('--text'),
      plugins: [regions],
    });
    player.on('decode', () => {
      for (const { kind, fromMs, toMs } of latest.current.marks) {
        const start = fromMs / 1_000;
        // A region without an end is drawn as a line.
        const end = kind === 'cut' ? {} : { end: toMs / 1_000 };
        regions.addRegion({ start, ...end, drag: false, resize: false, color: color(kind === 'cut' ? '--recording' : '--blackout-veil') });
      }
    });
    player.on('error', () => latest.current.onUnplayable());
    void audio.current.play().catch(() => {});
    return () => player.destroy();
  }, [url]);
  return (
    <div>
      <div ref={waveform} className={classes.waveform} role="img" aria-label={`Waveform of ${label}`} />
      {/* biome-ignore lint/a11y/useMediaCaption: calls come without captions */}
      <audio ref={audio} className={classes.audio} controls preload="auto" aria-label={`Recording of ${label}`} />
    </div>
  );
};

export default RecordingPlayer;
