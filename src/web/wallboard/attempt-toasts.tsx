import { Button, CloseButton, Loader, Popover } from '@mantine/core';
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

/** About the room that the newest toast and the button of the earlier ones take. */
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
      <p className={classes.words} title={[stageText(attempt), detail, code].filter(Boolean).join(' ')}>
        <strong>
          {titles[action]}: <bdi>{target.name}</bdi>
        </strong>{' '}
        {stage === 'sent' ? <Loader size="0.9rem" mr={6} aria-hidden="true" /> : null}
        <span>
          {stageText(attempt)} {detail} {code ? <code className={classes.code}>{code}</code> : null}
        </span>
      </p>
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
      <CloseButton aria-label="Dismiss" className={classes.button ?? ''} onClick={() => control.dismiss(key)} />
    </div>
  );
};

const summary = (attempts: readonly Attempt[]): string => {
  const failed = attempts.filter(({ stage }) => stage === 'failed' || stage === 'unknown').length;
  return `${attempts.length} earlier ${attempts.length === 1 ? 'request' : 'requests'}${failed > 0 ? `, ${failed} failed` : ''}`;
};

/** Where the page has no line for requests: above the tiles if the tile of the newest request would lie under a toast below. */
const useSide = (newest: Attempt | undefined): 'top' | 'bottom' => {
  const [side, setSide] = useState<'top' | 'bottom'>('bottom');
  const target = newest?.target.id;
  const key = newest?.key;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each request is placed once, and stays where it is
  useLayoutEffect(() => {
    if (target === undefined) return;
    const tile = document.querySelector(`[data-agent="${CSS.escape(target)}"]`)?.closest('article');
    const isUnder = tile ? tile.getBoundingClientRect().bottom > innerHeight - toastHeightPx : false;
    setSide(isUnder ? 'top' : 'bottom');
  }, [key]);
  return side;
};

/**
 * The requests of this page and their outcomes, in a line that covers no tile; over the page where that is small and where the drawer
 * covers the line. Only the newest is shown, the others fold. A failure stays until it is dismissed, a success while the pointer is on it.
 */
export const AttemptToasts = ({ overDrawer }: { overDrawer: boolean }): ReactNode => {
  const attempts = useStore(useBoard().control.attempts);
  const [unfolded, setUnfolded] = useState(false);
  const newest = attempts.at(-1);
  const side = useSide(newest);
  const earlier = attempts.slice(0, -1);
  return (
    <section className={classes.toasts} data-over={overDrawer || undefined} data-side={side} aria-label="Requests" aria-live="polite">
      {newest === undefined ? null : <Toast key={newest.key} attempt={newest} />}
      {earlier.length === 0 ? null : (
        <Popover opened={unfolded} onChange={setUnfolded} position="bottom-end" width="min(34rem, 95vw)" shadow="md" withinPortal={false}>
          <Popover.Target>
            <Button variant="default" size="compact-md" className={classes.button ?? ''} onClick={() => setUnfolded(!unfolded)}>
              {summary(earlier)}
            </Button>
          </Popover.Target>
          <Popover.Dropdown className={classes.earlier ?? ''}>
            {earlier.toReversed().map((attempt) => (
              <Toast key={attempt.key} attempt={attempt} />
            ))}
          </Popover.Dropdown>
        </Popover>
      )}
    </section>
  );
};
