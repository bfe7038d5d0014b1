import { Text } from '@mantine/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import WaveSurfer from 'wavesurfer.js';
import RegionsPlugin from 'wavesurfer.js/dist/plugins/regions.js';
import classes from './agent-recordings.module.css';
import type { CoveredStretch } from './agent-recordings.tsx';

/** Plays a recording, with its waveform and what a blackout covers. */
const RecordingPlayer = ({ url, label, stretches }: { url: string; label: string; stretches: readonly CoveredStretch[] }): ReactNode => {
  const waveform = useRef<HTMLDivElement>(null);
  const audio = useRef<HTMLAudioElement>(null);
  const covered = useRef(stretches);
  const [fault, setFault] = useState(false);
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
      for (const { fromMs, toMs } of covered.current) {
        regions.addRegion({ start: fromMs / 1_000, end: toMs / 1_000, drag: false, resize: false, color: color('--blackout-veil') });
      }
    });
    player.on('error', () => setFault(true));
    void audio.current.play().catch(() => {});
    return () => player.destroy();
  }, [url]);
  return (
    <div>
      <div ref={waveform} className={classes.waveform} role="img" aria-label={`Waveform of ${label}`} />
      {/* biome-ignore lint/a11y/useMediaCaption: calls come without captions */}
      <audio ref={audio} className={classes.audio} controls preload="auto" aria-label={`Recording of ${label}`} />
      {fault ? (
        <Text role="alert" c="var(--recording)">
          The audio could not be played.
        </Text>
      ) : null}
    </div>
  );
};

export default RecordingPlayer;
