/** Shares the time of last contact with a source among the servers, so that a server that does not observe it need not call the vendor. */
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { VendorState } from '../ports/vendor-context.ts';
import type { LiveState } from './live-state.ts';

interface LastContactDependencies {
  sources: readonly string[];
  state(source: string): VendorState;
  liveState: Pick<LiveState, 'lastContactMs' | 'recordContact' | 'position'>;
  /** Returns the position up to which this server has applied the event log. */
  reached(): number;
  clock: Clock;
  log: Log;
}

/** The time of last contact with the source (epoch ms), and the last event that was in the log then. */
interface LastContact {
  atMs: number;
  position: number;
}

const key = 'server:reported';
const everyMs = 1000;

const readLastContact = (value: unknown): LastContact | null => {
  const { atMs, position } = (value ?? {}) as Partial<Record<keyof LastContact, unknown>>;
  return typeof atMs === 'number' && typeof position === 'number' ? { atMs, position } : null;
};

/** Writes and reads once a second, until the returned function is called. */
export const shareLastContact = ({ sources, state, liveState, reached, clock, log }: LastContactDependencies): (() => void) => {
  const shared = new Map<string, number>();
  let stopped = false;
  let failing = false;
  let cancel = () => {};

  const share = async (source: string): Promise<void> => {
    const own = liveState.lastContactMs(source);
    // A time that was shared by a clock that was ahead counts as now.
    if (own > Math.min(shared.get(source) ?? 0, clock.now())) {
      await state(source).put(key, { atMs: own, position: liveState.position() } satisfies LastContact);
      shared.set(source, own);
      return;
    }
    const reported = readLastContact(await state(source).get(key));
    // A contact counts once the events that it led to have arrived.
    if (reported === null || reported.atMs <= own || reached() < reported.position) return;
    shared.set(source, reported.atMs);
    liveState.recordContact(source, Math.min(reported.atMs, clock.now()));
  };

  const round = async (): Promise<void> => {
    try {
      await Promise.all(sources.map(share));
      failing = false;
    } catch (error) {
      if (!failing && !stopped) log.warn('the times of last contact cannot be shared; retrying until they can', { error });
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
