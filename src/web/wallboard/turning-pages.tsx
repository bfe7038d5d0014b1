import { ActionIcon } from '@mantine/core';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { createPortal } from 'react-dom';
import classes from './agents.module.css';
import { useBoard, useStore } from './board.ts';
import type { AgentGroup } from './board-order.ts';
import { NextIcon, PauseIcon, PlayIcon, PreviousIcon } from './icons.tsx';
import { pagesOf } from './pages.ts';

/** Where the top bar leaves room for the controls, so that they cover no agent. */
export const pageControlsId = 'page-controls';

interface TurningPagesProps {
  groups: readonly AgentGroup[];
  perPage: number;
  render(groups: readonly AgentGroup[]): ReactNode;
}

/** Turns the pages by itself until somebody pauses it. A single page has no controls. */
export const TurningPages = ({ groups, perPage, render }: TurningPagesProps): ReactNode => {
  const { pageSeconds } = useStore(useBoard().settings);
  const pages = useMemo(() => pagesOf(groups, perPage), [groups, perPage]);
  const [index, setIndex] = useState(0);
  const [paused, setPaused] = useState(false);
  const count = pages.length;
  const shown = Math.min(index, count - 1);
  useEffect(() => {
    if (paused || count < 2) return;
    const timer = setTimeout(() => setIndex((shown + 1) % count), pageSeconds * 1_000);
    return () => clearTimeout(timer);
  }, [paused, count, shown, pageSeconds]);
  const controls = document.getElementById(pageControlsId);
  const turn = (by: number) => setIndex((shown + by + count) % count);
  return (
    <>
      {render(pages[shown] ?? [])}
      {count < 2 || controls === null
        ? null
        : createPortal(
            <nav className={classes.pages} aria-label="Pages">
              <ActionIcon variant="default" size={36} aria-label="Previous page" onClick={() => turn(-1)}>
                <PreviousIcon />
              </ActionIcon>
              <span role="status">
                Page {shown + 1} of {count}
              </span>
              <ActionIcon variant="default" size={36} aria-label={paused ? 'Turn pages' : 'Pause'} onClick={() => setPaused(!paused)}>
                {paused ? <PlayIcon /> : <PauseIcon />}
              </ActionIcon>
              <ActionIcon variant="default" size={36} aria-label="Next page" onClick={() => turn(1)}>
                <NextIcon />
              </ActionIcon>
            </nav>,
            controls,
          )}
    </>
  );
};
