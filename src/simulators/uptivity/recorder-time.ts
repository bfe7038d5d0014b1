/** The recorder's own clock: it writes times without a zone, and takes times without an offset for its own. */
const parts = (epochMs: number, timeZone: string): Record<string, string> =>
  Object.fromEntries(
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
      .formatToParts(epochMs)
      .map(({ type, value }) => [type, value]),
  );

/** `MM/dd/yyyy HH:mm:ss`, or with the day first. */
export const recorderTime = (epochMs: number, timeZone: string, dateOrder: 'MDY' | 'DMY'): string => {
  const { year, month, day, hour, minute, second } = parts(epochMs, timeZone);
  return `${dateOrder === 'MDY' ? `${month}/${day}` : `${day}/${month}`}/${year} ${hour}:${minute}:${second}`;
};

/** Epoch ms of a .NET DateTimeOffset; null for what is none. */
export const readDateTimeOffset = (text: string, timeZone: string): number | null => {
  if (/(z|[+-]\d{2}:?\d{2})$/i.test(text.trim())) {
    const epochMs = Date.parse(text);
    return Number.isNaN(epochMs) ? null : epochMs;
  }
  const asUtc = Date.parse(`${text.trim().replace(' ', 'T')}Z`);
  if (Number.isNaN(asUtc)) return null;
  const { year, month, day, hour, minute, second } = parts(asUtc, timeZone);
  return asUtc - (Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) - asUtc);
};
