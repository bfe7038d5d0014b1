import { Button, Group, Loader, Notification, Text } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import classes from './attempt-toasts.module.css';
import { useBoard, useStore } from './board.ts';
import { type Action, type Attempt, undoOf } from './control.ts';

const titles: Readonly<Record<Action, string>> = {
  startRecording: 'Start recording',
  stopRecording: 'Stop recording',
  startBlackout: 'Black out',
  stopBlackout: 'End blackout',
};

const colors = { asked: 'gray', accepted: 'blue', confirmed: 'green', failed: 'red', unknown: 'orange' } as const;
const goneAfterMs = 10_000;

const stageWords = ({ stage, watching }: Attempt): string => {
  if (stage === 'asked') return 'Asked: waiting for the recorder…';
  if (stage === 'confirmed') return 'Confirmed: seen at the recorder.';
  if (stage === 'accepted')
    return watching ? 'Accepted: the recorder said yes. Waiting to see it…' : 'Accepted. The recorder does not show whether it happened.';
  return stage === 'unknown' ? 'Not known.' : 'Failed.';
};

const Toast = ({ attempt }: { attempt: Attempt }): ReactNode => {
  const { control } = useBoard();
  const { key, action, target, stage, detail, code, watching } = attempt;
  const done = stage === 'confirmed' || (stage === 'accepted' && !watching);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => control.dismiss(key), goneAfterMs);
    return () => clearTimeout(timer);
  }, [control, done, key]);
  const undo = undoOf[action];
  const undoable = undo !== undefined && (stage === 'accepted' || stage === 'confirmed');
  return (
    <Notification
      className={classes.toast ?? ''}
      color={colors[stage]}
      title={`${titles[action]}: ${target.name}`}
      withBorder
      onClose={() => control.dismiss(key)}
      closeButtonProps={{ 'aria-label': 'Dismiss' }}
    >
      <Group gap="xs" wrap="nowrap" align="flex-start">
        {watching ? <Loader size="1rem" mt={4} aria-hidden="true" /> : null}
        <Text fz="1rem" c="var(--text)" data-stage={stage}>
          {stageWords(attempt)} {detail} {code ? <code className={classes.code}>{code}</code> : null}
        </Text>
      </Group>
      {undoable || stage === 'unknown' ? (
        <Group gap="xs" mt="xs">
          {undoable ? (
            <Button
              size="compact-md"
              variant="default"
              onClick={() => {
                control.dismiss(key);
                control.ask(undo, target);
              }}
            >
              Undo
            </Button>
          ) : (
            <Button size="compact-md" variant="default" onClick={() => control.repeat(attempt)}>
              Ask again
            </Button>
          )}
        </Group>
      ) : null}
    </Notification>
  );
};

/** What was asked for on this page and what came of it. A failure stays until it is dismissed. */
export const AttemptToasts = (): ReactNode => {
  const attempts = useStore(useBoard().control.attempts);
  return (
    <section className={classes.toasts} aria-label="Requests" aria-live="polite">
      {attempts.map((attempt) => (
        <Toast key={attempt.key} attempt={attempt} />
      ))}
    </section>
  );
};
