import { pino } from 'pino';
import type { Log } from './domain/ports.ts';

/** Words of field names whose values never reach a log line. */
const secretPaths = ['password', 'secret', 'token', 'guid', 'url', 'phone', 'email', 'authorization', 'cookie'].flatMap((name) => [
  name,
  `*.${name}`,
]);

/** What of an error may be logged: its kind, its message where it is one of ours, and where it was thrown. */
const plainError = (error: unknown): unknown => {
  if (!(error instanceof Error)) return typeof error;
  const expected = error.name === 'ExpectedError' || error.name === 'ConfigurationError';
  return {
    name: error.name,
    code: (error as { code?: unknown }).code,
    message: expected ? error.message : masked(error.message),
    stack: masked(error.stack?.split('\n').slice(1, 8).join('\n') ?? ''),
  };
};

/** Numbers of seven digits and more, addresses, GUIDs and links, wherever they stand in a text. */
const masked = (text: string): string =>
  text
    .replace(/\b(?:https?|wss?|postgres(?:ql)?|amqps?):\/\/\S+/gi, '[link]')
    .replace(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, '[address]')
    .replace(/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, '[id]')
    .replace(/\+?\d[\d ()-]{5,}\d/g, '[number]');

const shown = (fields: Readonly<Record<string, unknown>> | undefined): object =>
  Object.fromEntries(
    Object.entries(fields ?? {}).map(([name, value]) => [
      name,
      name === 'error' ? plainError(value) : typeof value === 'string' && name !== 'correlationId' ? masked(value) : value,
    ]),
  );

/** JSON lines on standard error, so that standard output carries the ready line alone. */
export const createLog = (level: string, write?: (line: string) => void): Log => {
  const options = { level, base: null, redact: { paths: secretPaths, censor: '[secret]' }, timestamp: pino.stdTimeFunctions.isoTime };
  const logger = write ? pino(options, { write }) : pino(options, pino.destination({ dest: 2, sync: true }));
  return {
    info: (message, fields) => logger.info(shown(fields), masked(message)),
    warn: (message, fields) => logger.warn(shown(fields), masked(message)),
    error: (message, fields) => logger.error(shown(fields), masked(message)),
  };
};
