import { epochMs, type Instant, instant } from '../kit/index.ts';

const pattern = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d*))?(Z|[+-]\d\d:?\d\d)?$/i;

/**
 * The instant of a vendor's time, with every fractional digit it came with: the manual says six, servers send seven, and
 * .NET may trim zeros. A time without a zone is UTC, as its field's name says. Null for what is no time.
 */
export const toInstant = (value: string | null | undefined): Instant | null => {
  const match = pattern.exec(value?.trim() ?? '');
  if (!match) return null;
  const [, date, time, digits, zone] = match;
  const offset = !zone || zone.toUpperCase() === 'Z' ? 'Z' : zone;
  const whole = Date.parse(`${date}T${time}${offset}`);
  // JavaScript reads 30 February as 1 March.
  const isDate = !Number.isNaN(whole) && new Date(`${date}T00:00Z`).toISOString().startsWith(date!);
  // .NET's default of a time that was never set.
  if (!isDate || date === '0001-01-01') return null;
  return `${instant(whole).slice(0, 19)}${digits ? `.${digits}` : ''}Z`;
};

const ticks = (value: Instant): number => {
  const fraction = /\.(\d+)Z$/.exec(value)?.[1];
  return epochMs(`${value.slice(0, 19)}Z`) + (fraction ? Number(`0.${fraction}`) * 1000 : 0);
};

/** Whole milliseconds from one to the other; null where one is missing or they are the wrong way round. */
export const millisecondsBetween = (start: Instant | null, end: Instant | null): number | null => {
  if (start === null || end === null) return null;
  const duration = Math.round(ticks(end) - ticks(start));
  return duration >= 0 ? duration : null;
};
