/** ISO 8601 durations of weeks, days, hours, minutes and seconds, as whole milliseconds. */

const pattern = /^([+-]?)P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const unitsMs = [604_800_000, 86_400_000, 3_600_000, 60_000, 1000];

/** Null for what is no such duration; years and months have no fixed length and are none. */
export const parseDuration = (text: string): number | null => {
  const match = pattern.exec(text);
  if (!match || !/\d/.test(text) || text.endsWith('T')) return null;
  const total = unitsMs.reduce((sum, unit, index) => sum + Number(match[index + 2] ?? 0) * unit, 0);
  return Math.round(match[1] === '-' ? -total : total);
};

/** Such as `PT5M` or `PT1H0.5S`; a negative one starts with a minus sign. */
export const formatDuration = (milliseconds: number): string => {
  const whole = Math.abs(Math.round(milliseconds));
  const hours = Math.floor(whole / 3_600_000);
  const minutes = Math.floor((whole % 3_600_000) / 60_000);
  const seconds = (whole % 60_000) / 1000;
  const text = `${hours ? `${hours}H` : ''}${minutes ? `${minutes}M` : ''}${seconds ? `${seconds}S` : ''}`;
  return `${milliseconds < 0 && whole > 0 ? '-' : ''}PT${text || '0S'}`;
};
