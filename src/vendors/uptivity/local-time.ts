import { type Instant, instant } from '../kit/index.ts';

export interface LocalTimeOptions {
  /** IANA name of the zone in which the recorder writes its times. */
  timeZone: string;
  dateOrder: 'MDY' | 'DMY';
}

const dayMs = 86_400_000;
const mostKnownTimes = 10_000;
const pattern = /^\s*(\d{1,2})\/(\d{1,2})\/(\d{4})[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?\s*([AP]M)?\s*$/i;

/** What the zone's clock is ahead of UTC at a moment, in ms. */
const offsetIn = (timeZone: string) => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (epochMilliseconds: number): number => {
    const part = Object.fromEntries(format.formatToParts(epochMilliseconds).map(({ type, value }) => [type, Number(value)]));
    const wall = Date.UTC(part.year!, part.month! - 1, part.day!, part.hour!, part.minute!, part.second!);
    return wall - Math.floor(epochMilliseconds / 1000) * 1000;
  };
};

/**
 * A reader of the vendor's `MM/dd/yyyy HH:mm:ss`, which carries no zone; null for what is no such time. A time that the clocks
 * repeat in autumn is taken for the first of the two; one that they skip in spring, for as much later.
 */
export const createLocalTimeReader = ({ timeZone, dateOrder }: LocalTimeOptions): ((text: string) => Instant | null) => {
  const offsetAt = offsetIn(timeZone);
  const read = (text: string): Instant | null => {
    const match = pattern.exec(text);
    if (!match) return null;
    const [, one, two, year, hourText, minute, second = '0', fraction = '0', half] = match;
    const [month, day] = dateOrder === 'MDY' ? [Number(one), Number(two)] : [Number(two), Number(one)];
    const hour = half === undefined ? Number(hourText) : (Number(hourText) % 12) + (half.toUpperCase() === 'PM' ? 12 : 0);
    if (month < 1 || month > 12 || hour > 23 || Number(minute) > 59 || Number(second) > 59) return null;
    const wall = Date.UTC(Number(year), month - 1, day, hour, Number(minute), Number(second), Number(fraction.padEnd(3, '0')));
    if (day < 1 || new Date(wall).getUTCDate() !== day) return null;
    const before = wall - offsetAt(wall - dayMs);
    const after = wall - offsetAt(wall + dayMs);
    return instant(wall - offsetAt(before) === before || wall - offsetAt(after) !== after ? before : after);
  };
  // The times of calls that go on come with every answer.
  const known = new Map<string, Instant | null>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const time = read(text);
    if (known.size >= mostKnownTimes) known.clear();
    known.set(text, time);
    return time;
  };
};
