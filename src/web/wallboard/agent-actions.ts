import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { useBoard, useSelected } from './board.ts';
import type { Action, Attempt } from './control.ts';
import type { AgentView, Source } from './live-types.ts';
import { allows, can } from './sources.ts';

interface OfferedAction {
  /** The button that offers it: both ends of the same thing share one, which keeps the focus when it changes. */
  slot: 'recording' | 'blackout';
  action: Action;
  label: string;
  /** For a tile, which is narrow. */
  shortLabel: string;
  /** Sent and not answered yet. */
  busy: boolean;
}

const pendingActions = (attempts: readonly Attempt[], agent: string): string =>
  attempts
    .filter((attempt) => attempt.target.id === agent && attempt.stage === 'sent')
    .map((attempt) => attempt.action)
    .join(' ');

/**
 * Returns what can be done with an agent now: nothing that its recorder cannot do or that the caller may not do, never both ends of the same
 * thing, and no blackout of an agent who is offline.
 */
export const useOfferedActions = (view: AgentView, source: Source | undefined): readonly OfferedAction[] => {
  const { control, sources } = useBoard();
  const access = useSelected(sources, (state) => state.access);
  const { id } = view.agent;
  const pending = useSyncExternalStore(
    control.attempts.subscribe,
    useCallback(() => pendingActions(control.attempts.get(), id), [control, id]),
  );
  const recording = view.recordings.some((one) => one.kind === 'AUDIO' && !one.isDuplicate && one.state !== 'STOPPING');
  const blackedOut = view.blackout !== null;
  const inCall = view.agent.activeCall !== null;
  const away = view.agent.status === 'OFFLINE';
  return useMemo(() => {
    const offered: OfferedAction[] = [];
    const offer = (slot: OfferedAction['slot'], action: Action, label: string, shortLabel = label): void =>
      void offered.push({ slot, action, label, shortLabel, busy: pending.split(' ').includes(action) });
    if (allows(access, 'recordings:control')) {
      if (recording && can(source, 'STOP_RECORDING')) offer('recording', 'stopRecording', 'Stop recording', 'Stop');
      if (!recording && inCall && !blackedOut && can(source, 'START_RECORDING')) offer('recording', 'startRecording', 'Record');
    }
    if (allows(access, 'blackouts:control')) {
      if (blackedOut && can(source, 'STOP_BLACKOUT')) offer('blackout', 'stopBlackout', 'End blackout');
      if (!blackedOut && !away && can(source, 'START_BLACKOUT')) offer('blackout', 'startBlackout', 'Black out');
    }
    return offered;
  }, [access, pending, recording, blackedOut, inCall, away, source]);
};
