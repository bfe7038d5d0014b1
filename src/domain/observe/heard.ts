/** What one server hears of a source, the others learn by the store: a server that does not observe it need not ask the vendor then. */
import type { Clock, Log, VendorState } from '../ports.ts';
import type { Tracker } from './tracker.ts';

export interface HeardDependencies {
  sources: readonly string[];
  state(source: string): VendorState;
  tracker: Pick<Tracker, 'heardAtMs' | 'hear' | 'position'>;
  /** Up to where this server has taken in the event log. */
  reached(): number;
  clock: Clock;
  log: Log;
}

/** What is kept: when the source was heard from (epoch ms), and up to which event that is told in the log. */
interface Heard {
  atMs: number;
  position: number;
}

const key = 'server:heard';
const everyMs = 1000;

const readHeard = (value: unknown): Heard | null => {
  const { atMs, position } = (value ?? {}) as Partial<Record<keyof Heard, unknown>>;
  return typeof atMs === 'number' && typeof position === 'number' ? { atMs, position } : null;
};

/** Tells and asks once a second, until the returned function is called. */
export const shareHeard = ({ sources, state, tracker, reached, clock, log }: HeardDependencies): (() => void) => {
  const shared = new Map<string, number>();
  let stopped = false;
  let failing = false;
  let cancel = () => {};

  const share = async (source: string): Promise<void> => {
    const own = tracker.heardAtMs(source);
    if (own > (shared.get(source) ?? 0)) {
      await state(source).put(key, { atMs: own, position: tracker.position() } satisfies Heard);
      shared.set(source, own);
      return;
    }
    const heard = readHeard(await state(source).get(key));
    // What was heard counts once the events that tell it have come.
    if (heard === null || heard.atMs <= own || reached() < heard.position) return;
    shared.set(source, heard.atMs);
    tracker.hear(source, heard.atMs);
  };

  const round = async (): Promise<void> => {
    try {
      await Promise.all(sources.map(share));
      failing = false;
    } catch (error) {
      if (!failing && !stopped) log.warn('when sources were heard from cannot be shared; trying again until it can', { error });
      failing = true;
    }
    if (!stopped) cancel = clock.after(everyMs, () => void round());
  };
  void round();
  return () => {
    stopped = true;
    cancel();
  };
};
