import type { Clock } from '../kit/index.ts';

interface Round<T> {
  beganAtMs: number;
  answer: Promise<T>;
}

/**
 * One round of reading at a time. Who asks in the millisecond in which it began shares it; who asks later shares the next one, since
 * what was read before it was asked for would be told as younger than it is. A caller who goes away does not end it for the others.
 */
export const inRounds = <T>(read: () => Promise<T>, clock: Clock): (() => Promise<T>) => {
  let running: Round<T> | null = null;
  let next: Promise<T> | null = null;

  const begin = (): Promise<T> => {
    const round = { beganAtMs: clock.now(), answer: read() };
    running = round;
    const end = () => {
      if (running === round) running = null;
    };
    round.answer.then(end, end);
    return round.answer;
  };

  return () => {
    if (running === null) return begin();
    if (running.beganAtMs === clock.now()) return running.answer;
    next ??= running.answer
      .finally(() => {
        next = null;
      })
      .then(() => running?.answer ?? begin());
    return next;
  };
};
