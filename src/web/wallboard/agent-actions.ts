import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { useBoard } from './board.ts';
import type { Action, Attempt } from './control.ts';
import type { AgentView, Source } from './live-types.ts';
import { can } from './sources.ts';

export interface OfferedAction {
  action: Action;
  label: string;
  /** Asked and not answered yet. */
  busy: boolean;
}

const latest = (attempts: readonly Attempt[], agent: string): string =>
  attempts
    .filter((attempt) => attempt.target.id === agent && attempt.stage === 'asked')
    .map((attempt) => attempt.action)
    .join(' ');

/** What can be done with an agent now: nothing that its recorder cannot do, never both ends of the same thing, and no blackout of who is away. */
export const useOfferedActions = (view: AgentView, source: Source | undefined): readonly OfferedAction[] => {
  const { control } = useBoard();
  const { id } = view.agent;
  const asked = useSyncExternalStore(
    control.attempts.subscribe,
    useCallback(() => latest(control.attempts.get(), id), [control, id]),
  );
  const recording = view.recordings.some((one) => one.kind === 'AUDIO' && !one.isDuplicate && one.state !== 'STOPPING');
  const blackedOut = view.blackout !== null;
  const inCall = view.agent.activeCall !== null;
  const away = view.agent.status === 'OFFLINE';
  return useMemo(() => {
    const offered: OfferedAction[] = [];
    const offer = (action: Action, label: string): void => void offered.push({ action, label, busy: asked.split(' ').includes(action) });
    if (recording && can(source, 'STOP_RECORDING')) offer('stopRecording', 'Stop recording');
    if (!recording && inCall && !blackedOut && can(source, 'START_RECORDING')) offer('startRecording', 'Record');
    if (blackedOut && can(source, 'STOP_BLACKOUT')) offer('stopBlackout', 'End blackout');
    if (!blackedOut && !away && can(source, 'START_BLACKOUT')) offer('startBlackout', 'Black out');
    return offered;
  }, [asked, recording, blackedOut, inCall, away, source]);
};
