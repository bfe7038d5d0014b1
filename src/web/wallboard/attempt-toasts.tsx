import { Button, CloseButton, Group, Loader, Text } from '@mantine/core';
import { type ReactNode, useEffect, useLayoutEffect, useState } from 'react';
import classes from './attempt-toasts.module.css';
import { useBoard, useStore } from './board.ts';
import { type Action, type Attempt, undoOf } from './control.ts';

const titles: Readonly<Record<Action, string>> = {
  startRecording: 'Start recording',
  stopRecording: 'Stop recording',
  startBlackout: 'Black out',
  stopBlackout: 'End blackout',
};

const goneAfterMs = 8_000;

/** About the room that the newest toast and the line of the earlier ones take. */
const toastWidthPx = 440;
const toastHeightPx = 150;

const stageText = ({ stage, watching }: Attempt): string => {
  if (stage === 'sent') return 'Sent. Waiting for the recorder…';
  if (stage === 'confirmed') return 'Confirmed by the recorder.';
  if (stage === 'accepted') return watching ? 'Accepted by the recorder.' : 'Accepted. This recorder reports no confirmation.';
  return stage === 'unknown' ? 'Unknown.' : 'Failed.';
};

const isDone = ({ stage }: Attempt): boolean => stage === 'confirmed' || stage === 'accepted';

const Toast = ({ attempt }: { attempt: Attempt }): ReactNode => {
  const { control } = useBoard();
  const { key, action, target, stage, detail, code } = attempt;
  const done = isDone(attempt);
  const [isHeld, setIsHeld] = useState(false);
  useEffect(() => {
    if (!done || isHeld) return;
    const timer = setTimeout(() => control.dismiss(key), goneAfterMs);
    return () => clearTimeout(timer);
  }, [control, done, isHeld, key]);
  const undo = undoOf[action];
  const takeBack = () => {
    control.dismiss(key);
    if (undo !== undefined) control.send(undo, target);
  };
  return (
    <div
      role="alert"
      className={classes.toast}
      data-stage={stage}
      onPointerEnter={() => setIsHeld(true)}
      onPointerLeave={() => setIsHeld(false)}
    >
      <div className={classes.head}>
        <strong>
          {titles[action]}: <bdi>{target.name}</bdi>
        </strong>
        <CloseButton aria-label="Dismiss" onClick={() => control.dismiss(key)} />
      </div>
      <Group gap="xs" wrap="nowrap" align="flex-start" justify="space-between">
        <Text fz="1rem" c="var(--text)" data-stage={stage}>
          {stage === 'sent' ? <Loader size="0.9rem" mr={6} aria-hidden="true" /> : null}
          {stageText(attempt)} {detail} {code ? <code className={classes.code}>{code}</code> : null}
        </Text>
        {undo !== undefined && done ? (
          <Button size="compact-md" variant="default" className={classes.button ?? ''} onClick={takeBack}>
            Undo
          </Button>
        ) : null}
        {stage === 'unknown' ? (
          <Button size="compact-md" variant="default" className={classes.button ?? ''} onClick={() => control.repeat(attempt)}>
            Retry
          </Button>
        ) : null}
      </Group>
    </div>
  );
};

const summary = (attempts: readonly Attempt[]): string => {
  const failed = attempts.filter(({ stage }) => stage === 'failed' || stage === 'unknown').length;
  return `${attempts.length} earlier ${attempts.length === 1 ? 'request' : 'requests'}${failed > 0 ? `, ${failed} failed` : ''}`;
};

/** The left side where the tile of the newest request would lie under the toasts on the right. */
const useSide = (newest: Attempt | undefined): 'left' | 'right' => {
  const [side, setSide] = useState<'left' | 'right'>('right');
  const target = newest?.target.id;
  const key = newest?.key;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each request is placed once, and stays where it is
  useLayoutEffect(() => {
    if (target === undefined) return;
    const tile = document
      .querySelector(`[data-agent="${CSS.escape(target)}"]`)
      ?.closest('article')
      ?.getBoundingClientRect();
    const underToasts = tile !== undefined && tile.right > innerWidth - toastWidthPx && tile.bottom > innerHeight - toastHeightPx;
    setSide(underToasts && innerWidth > 2 * toastWidthPx ? 'left' : 'right');
  }, [key]);
  return side;
};

/** The requests of this page and their outcomes. Only the newest is shown whole, the others fold. A failure stays until it is dismissed, a success while the pointer is on it. */
export const AttemptToasts = (): ReactNode => {
  const attempts = useStore(useBoard().control.attempts);
  const [unfolded, setUnfolded] = useState(false);
  const side = useSide(attempts.at(-1));
  const earlier = attempts.slice(0, -1);
  const shown = unfolded ? attempts : attempts.slice(-1);
  return (
    <section className={classes.toasts} data-side={side} aria-label="Requests" aria-live="polite">
      {earlier.length === 0 ? null : (
        <Button variant="default" className={classes.fold ?? ''} aria-expanded={unfolded} onClick={() => setUnfolded(!unfolded)}>
          {unfolded ? 'Show only the newest request' : summary(earlier)}
        </Button>
      )}
      {shown.map((attempt) => (
        <Toast key={attempt.key} attempt={attempt} />
      ))}
    </section>
  );
};
