import type { ReactNode } from 'react';
import { useTicking } from './board.ts';
import classes from './top-bar.module.css';

/** The time of day, to the minute where space is short. */
export const Clock = (): ReactNode => {
  const time = useTicking((nowMs) => new Date(nowMs).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' }));
  return <time className={classes.clock}>{time}</time>;
};
