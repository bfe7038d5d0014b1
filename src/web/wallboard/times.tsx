import type { ReactNode } from 'react';
import { useTicking } from './board.ts';
import { clockWords } from './duration-words.ts';

/** How long it has been, counting up. */
export const Since = ({ instant }: { instant: string }): ReactNode => {
  const startMs = Date.parse(instant);
  const words = useTicking((nowMs) => clockWords(nowMs - startMs));
  return <time dateTime={instant}>{words}</time>;
};

/** How long is left, counting down to zero. */
export const Until = ({ instant }: { instant: string }): ReactNode => {
  const endMs = Date.parse(instant);
  const words = useTicking((nowMs) => clockWords(endMs - nowMs + 999));
  return <time dateTime={instant}>{words}</time>;
};
