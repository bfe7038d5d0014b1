/** How far a vendor's clock is from this server's, measured by what the vendor sends: its events' own times, else its HTTP Date. */
import type { Clock } from '../../domain/ports/clock.ts';

export interface VendorClock {
  /** Takes in the Date header of an answer that has just arrived; one that is days off is no measure. */
  noteDate(header: string | undefined): void;
  /**
   * Takes in an event's own time, epoch ms by the vendor's clock. `mayBeLate` where it may have waited before it was delivered: then the
   * clock is believed to be further behind than was measured only once a later event says the same.
   */
  noteEvent(vendorMs: number, arrivedMs: number, mayBeLate?: boolean): void;
  /** This server's clock minus the vendor's, in ms; null where nothing could be measured. It moves only by more than the measure errs. */
  differenceMs(): number | null;
  /** By how many ms at most a time that was corrected is still off. */
  errorMs(): number;
  /** A time of the vendor's clock in this server's, both epoch ms. */
  toOurs(vendorMs: number): number;
  /** A time of this server's clock in the vendor's, both epoch ms. */
  toVendors(ourMs: number): number;
}

/** A clock that is further off than this is a clock without a date: nothing is corrected by it. */
const maxCorrectedMs = 24 * 3_600_000;
/** A difference that is worth a look. */
const noticeableDifferenceMs = 5_000;

/** A Date has whole seconds: on average it is half of one behind, and this is its resolution. */
const dateFloorMs = 500;
const dateResolutionMs = 1_500;
/** The longest usual delay of an event. */
const eventResolutionMs = 50;
/** Few, so that a clock that is set, or drifts, is soon followed. */
const maxEvents = 5;
const maxDates = 20;
/** Events that waited, and are delivered one by one when the wait is over, seldom agree as closely for as long. */
const agreeingMs = 500;
const apartMs = 2_000;
const forgottenAfterMs = 15 * 60_000;
/** Within these the difference stays as it is, so that times that are reported again do not move with each measurement. */
const steadyByEventsMs = 100;
const steadyByDatesMs = 1_500;
/** The further error of a Date header and of an answer's delay. */
const dateErrorMs = 500;

/** Epoch ms of a time in seconds or milliseconds, distinguished by magnitude: no recorder reports times of 1970 or of the year 5000. */
export const epochMsByMagnitude = (value: number): number => (value >= 1_000_000_000 && value < 100_000_000_000 ? value * 1000 : value);

interface Sample {
  differenceMs: number;
  atMs: number;
}

export const createVendorClock = (clock: Pick<Clock, 'now' | 'monotonicMs'>): VendorClock => {
  let events: readonly Sample[] = [];
  let dates: readonly Sample[] = [];
  let doubtful: Sample | null = null;

  const recent = (samples: readonly Sample[]) => samples.filter(({ atMs }) => clock.monotonicMs() - atMs <= forgottenAfterMs);
  const smallest = (samples: readonly Sample[]): number | null =>
    samples.length === 0 ? null : Math.min(...samples.map(({ differenceMs }) => differenceMs));

  let steadyMs: number | null = null;

  const isByEvents = () => recent(events).length > 0;
  const measuredMs = (): number | null => {
    const byEvents = smallest(recent(events));
    if (byEvents !== null) return Math.abs(byEvents) <= eventResolutionMs ? 0 : byEvents;
    const byDates = smallest(recent(dates));
    if (byDates === null) return null;
    return Math.abs(byDates - dateFloorMs) < dateResolutionMs ? 0 : byDates - dateFloorMs;
  };
  const follow = (): void => {
    const measured = measuredMs();
    const toleranceMs = isByEvents() ? steadyByEventsMs : steadyByDatesMs;
    if (measured !== null && (steadyMs === null || Math.abs(measured - steadyMs) > toleranceMs)) steadyMs = measured;
  };
  const correctionMs = (): number => {
    const difference = steadyMs ?? 0;
    return Math.abs(difference) <= maxCorrectedMs ? difference : 0;
  };

  return {
    noteDate: (header) => {
      const sentMs = header === undefined ? Number.NaN : Date.parse(header);
      const isPlausible = !Number.isNaN(sentMs) && Math.abs(clock.now() - sentMs) <= maxCorrectedMs;
      if (!isPlausible) return;
      dates = [...dates, { differenceMs: clock.now() - sentMs, atMs: clock.monotonicMs() }].slice(-maxDates);
      follow();
    },
    noteEvent: (vendorMs, arrivedMs, mayBeLate = false) => {
      const sample = { differenceMs: arrivedMs - vendorMs, atMs: clock.monotonicMs() };
      if (mayBeLate && sample.differenceMs > (steadyMs ?? 0) + eventResolutionMs) {
        if (doubtful === null || Math.abs(doubtful.differenceMs - sample.differenceMs) >= agreeingMs) doubtful = sample;
        if (sample.atMs - doubtful.atMs < apartMs) return;
      }
      doubtful = null;
      events = [...events, sample].slice(-maxEvents);
      follow();
    },
    differenceMs: () => steadyMs,
    errorMs: () => (isByEvents() ? steadyByEventsMs + eventResolutionMs : steadyByDatesMs + dateErrorMs),
    toOurs: (vendorMs) => vendorMs + correctionMs(),
    toVendors: (ourMs) => ourMs - correctionMs(),
  };
};

/** Returns the health note about a difference; null where it is small. */
export const clockProblem = (source: string, differenceMs: number | null): string | null => {
  if (differenceMs === null || Math.abs(differenceMs) <= noticeableDifferenceMs) return null;
  const seconds = Math.round(Math.abs(differenceMs) / 1000);
  const how = `${source}: the vendor's clock is ${seconds} s ${differenceMs > 0 ? 'behind' : 'ahead of'} this server's`;
  return Math.abs(differenceMs) > maxCorrectedMs
    ? `${how}, which is too far to be corrected; correct the vendor's clock.`
    : `${how}; its times are corrected accordingly. Correct the vendor's clock.`;
};
