import type { SourceHealth } from '../../domain/model/entities.ts';
import type { CircuitState } from '../../domain/model/enums.ts';
import { instant } from '../../domain/model/instant.ts';
import type { Clock } from '../../domain/ports/clock.ts';
import { clockProblem } from './clock-difference.ts';

/** A failure that neither repeats nor is disproved is shown this long. */
const notedForMs = 15 * 60_000;

export interface HealthNotes {
  /** The vendor answered, with any status. */
  contact(): void;
  /** The newest exchange failed, or did not. A failure of a read is shown until what it is `about` works, others until anything does. */
  outcome(failure: string | null, about?: string): void;
  /** Null also clears the failures of exchanges about the same. */
  note(message: string | null, about: string): void;
  /** `clockDifferenceMs` is this server's clock minus the vendor's. */
  health(circuit: CircuitState, clockDifferenceMs: number | null): SourceHealth;
}

/** Keeps the notes on a source's health that its API makes. */
export const createHealthNotes = (source: string, clock: Clock): HealthNotes => {
  let lastContactMs: number | null = null;
  /** The name of the newest exchange where it failed; it is shown as long as nothing works. */
  let failing: string | null = null;
  const noted = new Map<string, { message: string; atMs: number }>();
  const newest = () => [...noted.values()].at(-1)?.message ?? null;

  const keep = (message: string | null, name: string): void => {
    // Last in the map is newest.
    noted.delete(name);
    if (message !== null) noted.set(name, { message, atMs: clock.monotonicMs() });
  };
  /** A name that no note has; without `about`, that of all other exchanges. */
  const exchange = (about = '') => `\u0000exchange ${about}`;

  return {
    contact: () => {
      lastContactMs = clock.now();
    },
    outcome: (failure, about) => {
      failing = failure === null ? null : exchange(about);
      if (failure === null) keep(null, exchange());
      keep(failure, exchange(about));
    },
    note: (message, about) => {
      keep(message, about);
      if (message === null) keep(null, exchange(about));
    },
    health: (circuit, clockDifferenceMs) => {
      const wrongClock = clockProblem(source, clockDifferenceMs);
      for (const [name, { atMs }] of noted) if (name !== failing && clock.monotonicMs() - atMs > notedForMs) noted.delete(name);
      const down = circuit === 'OPEN' || (failing !== null && lastContactMs === null);
      return {
        status: down ? 'DOWN' : noted.size > 0 || wrongClock !== null || circuit === 'HALF_OPEN' ? 'DEGRADED' : 'UP',
        lastContactAt: lastContactMs === null ? null : instant(lastContactMs),
        lastError: newest() ?? wrongClock,
        circuit,
        clockDifferenceMs,
      };
    },
  };
};
