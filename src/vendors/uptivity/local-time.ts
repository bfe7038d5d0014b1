import { type Instant, instant } from '../kit/index.ts';

interface LocalTimeOptions {
  /** IANA name of the zone in which the recorder writes its times. */
  timeZone: string;
  dateOrder: 'MDY' | 'DMY';
}

/** Reads a time of the vendor; null for what is none and for what lies ahead of `nowMs` by more than clocks differ. */
export type TimeReader = (text: string, nowMs?: number) => Instant | null;

const dayMs = 86_400_000;
/** By so much clocks may differ. */
export const clocksApartMs = 60_000;
/** .NET writes an unset time as the year 1, which no call began in. */
const firstYear = 1970;
const clock = String.raw`(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,3})\d*)?)?\s*([AP]M)?`;
const local = new RegExp(String.raw`^\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})[\s,T]+${clock}\s*$`, 'i');
const iso = new RegExp(String.raw`^\s*(\d{4})-(\d{1,2})-(\d{1,2})[\sT]+${clock}\s*(Z|[+-]\d{2}:?\d{2})?\s*$`, 'i');

/** Ahead of UTC, in ms, of `+05:30`, `-0500` or `-00:44:30`; anything else is UTC. */
const zoneMs = (zone: string): number => {
  const [, sign, hours, minutes, seconds = '0'] = /^([+-])(\d\d):?(\d\d)(?::(\d\d))?$/.exec(zone) ?? [];
  const ms = ((Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -ms : ms;
};

/**
 * Returns how far the zone is ahead of UTC at a moment, in ms. The calendar takes microseconds, which a list of agents pays thrice a call.
 * A date library would replace no more than this function: which of two times is meant where the clocks change depends on the present moment,
 * which none of them takes. Not every Node that is supported has Temporal.
 */
const calendarOffsetIn = (timeZone: string) => {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  return (epochMilliseconds: number): number => {
    const zone = format.formatToParts(epochMilliseconds).find(({ type }) => type === 'timeZoneName')!.value;
    return zoneMs(zone.replace('GMT', ''));
  };
};

const hourMs = 3_600_000;
const maxHours = 1_000;

/** As `calendarOffsetIn`, which is called only for hours in which the zone's clocks change. */
const offsetIn = (timeZone: string) => {
  const calendarOffset = calendarOffsetIn(timeZone);
  /** By hour; null where the clocks change within it. */
  const offsets = new Map<number, number | null>();
  const ofHour = (hour: number): number | null => {
    const [first, last] = [calendarOffset(hour * hourMs), calendarOffset((hour + 1) * hourMs)];
    if (offsets.size >= maxHours) offsets.clear();
    offsets.set(hour, first === last ? first : null);
    return offsets.get(hour)!;
  };
  return (epochMilliseconds: number): number => {
    const hour = Math.floor(epochMilliseconds / hourMs);
    const known = offsets.get(hour);
    return (known === undefined ? ofHour(hour) : known) ?? calendarOffset(epochMilliseconds);
  };
};

interface WallTime {
  /** As if the zone were UTC. */
  wallMs: number;
  /** Ahead of UTC, in ms, where the text says so. */
  offsetMs: number | null;
}

const readWallTime = (text: string, dateOrder: 'MDY' | 'DMY'): WallTime | null => {
  const isIso = iso.exec(text);
  const match = isIso ?? local.exec(text);
  if (!match) return null;
  const [, one, two, three, hourText, minute, second = '0', fraction = '0', half, zone] = match;
  const [year, month, day] = isIso
    ? [Number(one), Number(two), Number(three)]
    : dateOrder === 'MDY'
      ? [Number(three), Number(one), Number(two)]
      : [Number(three), Number(two), Number(one)];
  const hour = half === undefined ? Number(hourText) : (Number(hourText) % 12) + (half.toUpperCase() === 'PM' ? 12 : 0);
  if (year < firstYear || month < 1 || month > 12 || hour > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const wallMs = Date.UTC(year, month - 1, day, hour, Number(minute), Number(second), Number(fraction.padEnd(3, '0')));
  if (day < 1 || new Date(wallMs).getUTCDate() !== day) return null;
  return { wallMs, offsetMs: zone === undefined ? null : zoneMs(zone) };
};

/**
 * Reads the vendor's `MM/dd/yyyy HH:mm:ss`, which carries no zone, with dots or dashes too, and ISO 8601 with or without a zone. A time that the
 * clocks repeat in autumn is the later of the two unless that lies ahead; one that they skip in spring is as much later.
 */
export const createLocalTimeReader = ({ timeZone, dateOrder }: LocalTimeOptions): TimeReader => {
  const offsetAt = offsetIn(timeZone);
  return (text, nowMs = Number.POSITIVE_INFINITY) => {
    const read = readWallTime(text, dateOrder);
    if (read === null) return null;
    const { wallMs, offsetMs } = read;
    const earlier = offsetMs === null ? wallMs - offsetAt(wallMs - dayMs) : wallMs - offsetMs;
    const later = offsetMs === null ? wallMs - offsetAt(wallMs + dayMs) : earlier;
    // The two differ only around a change; in spring neither, in autumn both may be what the zone's clock showed.
    const shown = [earlier, later].filter((epochMs) => offsetMs !== null || wallMs - offsetAt(epochMs) === epochMs);
    const candidates = (shown.length > 0 ? shown : [earlier]).filter((epochMs) => epochMs <= nowMs + clocksApartMs);
    return candidates.length === 0 ? null : instant(Math.max(...candidates));
  };
};
