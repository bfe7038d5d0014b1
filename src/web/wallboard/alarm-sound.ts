import { useEffect, useRef, useState } from 'react';
import { alarmUrgency, urgencyOf } from './alarms.ts';
import { useBoard, useStore } from './board.ts';

const beepSeconds = 0.18;

/** Two short tones, which no page of a customer system uses for anything else. */
const playAlarm = (context: AudioContext): void => {
  for (const [index, frequency] of [880, 660].entries()) {
    const start = context.currentTime + index * beepSeconds * 1.4;
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.25, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + beepSeconds);
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + beepSeconds);
  }
};

/** Plays a sound for each agent whose alarm begins. `blocked` says that the browser waits for a click or a key before it lets a page sound. */
export const useAlarmSound = (): { on: boolean; blocked: boolean; toggle(): void } => {
  const { live, settings, ticker } = useBoard();
  const { sound } = useStore(settings);
  const context = useRef<AudioContext | null>(null);
  const [blocked, setBlocked] = useState(false);
  useEffect(() => {
    if (!sound) return;
    const audio = new AudioContext();
    context.current = audio;
    const updateBlocked = () => setBlocked(audio.state === 'suspended');
    const wake = () => void audio.resume();
    audio.addEventListener('statechange', updateBlocked);
    updateBlocked();
    addEventListener('pointerdown', wake);
    addEventListener('keydown', wake);
    let alarmed = new Set<string>();
    const check = () => {
      const now = new Set<string>();
      const { thresholds } = settings.get();
      for (const [id, view] of live.views.get()) if (urgencyOf(view, thresholds, ticker.now()) >= alarmUrgency) now.add(id);
      if ([...now].some((id) => !alarmed.has(id))) playAlarm(audio);
      alarmed = now;
    };
    const stop = ticker.subscribe(check);
    return () => {
      stop();
      removeEventListener('pointerdown', wake);
      removeEventListener('keydown', wake);
      audio.removeEventListener('statechange', updateBlocked);
      void audio.close();
    };
  }, [sound, live, settings, ticker]);
  return { on: sound, blocked: sound && blocked, toggle: () => settings.change({ sound: !sound }) };
};
