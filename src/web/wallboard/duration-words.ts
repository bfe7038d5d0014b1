/** `0:07`, `12:34`, `3:05:12`, then `2 d 4 h`; never negative. */
export const clockWords = (durationMs: number): string => {
  const seconds = Math.max(0, Math.floor(durationMs / 1_000));
  const hours = Math.floor(seconds / 3_600);
  const pad = (value: number): string => String(value).padStart(2, '0');
  if (hours >= 24) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
};

/** The local time of day; with the date where that is not today's. */
export const timeWords = (instant: string | number, nowMs: number = Date.now()): string => {
  const date = new Date(instant);
  const today = date.toDateString() === new Date(nowMs).toDateString();
  return date.toLocaleString([], {
    ...(today ? {} : { day: 'numeric', month: 'short' }),
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
};

/** ISO 8601 durations as this API writes them: days, hours, minutes and seconds. Null where the text is none. */
export const durationMs = (iso: string): number | null => {
  const parts = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(iso);
  if (parts === null) return null;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = parts;
  return (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
};
