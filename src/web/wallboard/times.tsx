import { type ReactNode, useLayoutEffect, useRef } from 'react';
import { useBoard } from './board.ts';
import { clockWords } from './duration-words.ts';

/** Renders a text that depends on the clock. It is written into the page directly: hundreds of them change every second. */
const Ticking = ({ instant, wordsAt }: { instant: string; wordsAt(nowMs: number): string }): ReactNode => {
  const { ticker } = useBoard();
  const element = useRef<HTMLTimeElement>(null);
  const words = useRef(wordsAt);
  words.current = wordsAt;
  useLayoutEffect(() => {
    const write = (): void => {
      const text = words.current(ticker.now());
      if (element.current !== null && element.current.textContent !== text) element.current.textContent = text;
    };
    write();
    return ticker.subscribe(write);
  });
  return <time ref={element} dateTime={instant} />;
};

/** How long it has been, counting up. */
export const Since = ({ instant }: { instant: string }): ReactNode => (
  <Ticking instant={instant} wordsAt={(nowMs) => clockWords(nowMs - Date.parse(instant))} />
);

/** How long is left, counting down to zero. With `from`, it never shows more than what lies between the two. */
export const Until = ({ instant, from }: { instant: string; from?: string }): ReactNode => {
  const endMs = Date.parse(instant);
  const wholeMs = from === undefined ? Number.POSITIVE_INFINITY : endMs - Date.parse(from);
  return <Ticking instant={instant} wordsAt={(nowMs) => clockWords(Math.min(wholeMs, endMs - nowMs) + 999)} />;
};
