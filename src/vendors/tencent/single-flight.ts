import type { Clock } from '../kit/index.ts';

interface Flight<T> {
  beganAtMs: number;
  answer: Promise<T>;
}

/**
 * One read at a time. Who asks in the millisecond in which it began shares it; who asks later shares the next one, since
 * what was read before it was asked for would be reported as younger than it is. A caller who goes away does not end it for the others.
 */
export const singleFlight = <T>(read: () => Promise<T>, clock: Clock): (() => Promise<T>) => {
  let running: Flight<T> | null = null;
  let next: Promise<T> | null = null;

  const begin = (): Promise<T> => {
    const flight = { beganAtMs: clock.now(), answer: read() };
    running = flight;
    const end = () => {
      if (running === flight) running = null;
    };
    flight.answer.then(end, end);
    return flight.answer;
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
