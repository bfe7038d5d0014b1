import type { Clock } from '../kit/index.ts';

interface Flight<T> {
  beganAtMs: number;
  answer: Promise<T>;
}

/**
 * One read at a time. A caller in the millisecond in which it began shares it; a later caller shares the next one, since
 * an answer that was read before the request would be reported as younger than it is. A caller who goes away does not end it for the others.
 * Unlike those of `lib`, it ends with one failure for all who wait: a vendor that is down is not asked once more by each of them.
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
