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
  /** The newest exchange failed, or did not. A failure of `read`, an operation, is shown until that works, others until anything does. */
  outcome(failure: string | null, read?: string): void;
  note(message: string | null, about: string): void;
  /** `clockDifferenceMs` is this server's clock minus the vendor's. */
  health(circuit: CircuitState, clockDifferenceMs: number | null): SourceHealth;
}

/** Keeps the notes on a source's health that its API makes. */
export const createHealthNotes = (source: string, clock: Clock): HealthNotes => {
  let lastContactMs: number | null = null;
  let failing = false;
  const noted = new Map<string, { message: string; atMs: number }>();
  const newest = () => [...noted.values()].at(-1)?.message ?? null;

  const note = (message: string | null, about: string): void => {
    // Last in the map is newest.
    noted.delete(about);
    if (message !== null) noted.set(about, { message, atMs: clock.monotonicMs() });
  };
  /** A name that no note has; without `read`, that of all other exchanges. */
  const exchange = (read = '') => `\u0000exchange ${read}`;

  return {
    contact: () => {
      lastContactMs = clock.now();
    },
    outcome: (failure, read) => {
      failing = failure !== null;
      if (!failing) note(null, exchange());
      note(failure, exchange(read));
    },
    note,
    health: (circuit, clockDifferenceMs) => {
      const wrongClock = clockProblem(source, clockDifferenceMs);
      for (const [about, { atMs }] of noted) if (about !== exchange() && clock.monotonicMs() - atMs > notedForMs) noted.delete(about);
      const down = circuit === 'OPEN' || (failing && lastContactMs === null);
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
