import { pino } from 'pino';
import type { Log } from '../domain/ports/log.ts';

/** Words in field names whose values never reach a log line. */
const secretName = /password|secret|token|guid|url|phone|email|authorization|cookie|signature/i;
const deepest = 6;

/** What of an error may be logged: its kind, its message, and where it was thrown. */
const plainError = (error: Error): unknown => ({
  name: error.name,
  code: (error as { code?: unknown }).code,
  message: masked(error.message),
  stack: masked(error.stack?.split('\n').slice(1, 8).join('\n') ?? ''),
});

/** Numbers of seven digits and more, addresses, GUIDs and links, wherever they stand in a text. */
const masked = (text: string): string =>
  text
    .replace(/\b(?:https?|wss?|postgres(?:ql)?|amqps?):\/\/\S+/gi, '[link]')
    .replace(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, '[address]')
    .replace(/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, '[id]')
    .replace(/\+?\d[\d ()-]{5,}\d/g, '[number]');

/** A value as it may be written: texts masked, secrets by their names, errors plain; no deeper than a reader would go. */
const shownValue = (name: string, value: unknown, depth: number): unknown => {
  if (value instanceof Error) return plainError(value);
  if (name === 'correlationId' || value === null || value === undefined) return value;
  if (secretName.test(name)) return '[secret]';
  if (typeof value === 'string') return masked(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') return value;
  if (value instanceof Date) return value.toISOString();
  if (depth === deepest) return '[more]';
  if (Array.isArray(value)) return value.map((one) => shownValue('', one, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([inner, one]) => [inner, shownValue(inner, one, depth + 1)]));
};

const shown = (fields: Readonly<Record<string, unknown>> = {}): object => shownValue('', fields, 0) as object;

/** JSON lines on standard error, so that standard output carries the ready line alone. */
export const createLog = (level: string, write?: (line: string) => void): Log => {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  const logger = write ? pino(options, { write }) : pino(options, pino.destination({ dest: 2, sync: true }));
  return {
    info: (message, fields) => logger.info(shown(fields), masked(message)),
    warn: (message, fields) => logger.warn(shown(fields), masked(message)),
    error: (message, fields) => logger.error(shown(fields), masked(message)),
  };
};
