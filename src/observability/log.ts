import { isIP } from 'node:net';
import { pino } from 'pino';
import type { Log } from '../domain/ports/log.ts';
import { replaceNumbers } from '../lib/numbers-in-text.ts';
import { createLineWriter, type LineStream } from './line-writer.ts';

/** Words in field names whose values never reach a log line. */
const secretName = /password|secret|token|guid|url|phone|email|authorization|cookie|signature/i;
/** Ids of the server's own, by which an operator finds what a line is about. */
const readableIds: ReadonlySet<string> = new Set(['correlationId', 'blackout']);
const maxDepth = 6;

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null | undefined)?.code;

/** Returns the parts of an error that may be logged: its kind, its message, and where it was thrown. */
const plainError = (error: Error): unknown => ({
  name: error.name,
  code: codeOf(error) ?? codeOf(error.cause),
  message: masked(error.message),
  stack: framesOf(error),
});

/** More digits than in what callers see: counts, lengths of time and ports stay readable. */
const numberLength = { inRow: 7, grouped: 7 };

/** Numbers however they are grouped, addresses, GUIDs and links, wherever they stand in a text. */
const masked = (text: string): string =>
  replaceNumbers(
    text
      .toWellFormed()
      .replace(/\b(?:https?|wss?|postgres(?:ql)?|amqps?):\/\/\S+/gi, '[link]')
      .replace(/(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g, '[address]')
      .replace(/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, '[id]'),
    numberLength,
    '[number]',
  );

/** Where an error was thrown: names of functions and files of ours, whose lines and columns are no numbers. */
const framesOf = ({ stack = '', message }: Error): string =>
  stack
    .replace(message, () => '')
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
    .slice(0, 7)
    .map((line) => {
      const at = line.search(/:\d{1,7}:\d{1,5}\)?$/);
      return at === -1 ? masked(line) : masked(line.slice(0, at)) + line.slice(at);
    })
    .join('\n');

/** A value as it may be written: texts masked, secrets by their names, errors plain; no deeper than a reader would go. */
const redactedValue = (name: string, value: unknown, depth: number): unknown => {
  if (value instanceof Error) return plainError(value);
  if (name === 'client' && typeof value === 'string' && isIP(value.replace(/\/64$/, '')) !== 0) return value;
  if ((readableIds.has(name) && typeof value === 'string') || value === null || value === undefined) return value;
  if (secretName.test(name)) return '[secret]';
  if (typeof value === 'string') return masked(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') return value;
  if (value instanceof Date) return value.toISOString();
  if (depth === maxDepth) return '[more]';
  if (Array.isArray(value)) return value.map((one) => redactedValue('', one, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([inner, one]) => [inner.toWellFormed(), redactedValue(inner, one, depth + 1)]));
};

const redacted = (fields: Readonly<Record<string, unknown>> = {}): object => redactedValue('', fields, 0) as object;

/** The log of a process, which writes no more than is read. */
interface ProcessLog extends Log {
  /** How many lines were dropped because nobody read them. */
  dropped(): number;
  /** Resolves once every line has been read, or after `ms`. */
  flush(ms: number): Promise<void>;
}

/** JSON lines, of which each is handed on by itself. */
export const createLog = (level: string, write: (line: string) => void): Log => {
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, { write });
  const at = (name: 'info' | 'warn' | 'error') => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    if (logger.isLevelEnabled(name)) logger[name](redacted(fields), masked(message));
  };
  return { info: at('info'), warn: at('warn'), error: at('error') };
};

/** JSON lines on standard error, so that standard output carries the ready line alone. Nothing waits for their reader. */
export const createProcessLog = (level: string, stream: LineStream = process.stderr, maxBytes?: number): ProcessLog => {
  const writer = createLineWriter(
    stream,
    (dropped) => log.warn(`the log is read again; ${dropped} log lines were dropped while nothing read them`, { dropped }),
    maxBytes,
  );
  const log = createLog(level, writer.write);
  return { ...log, dropped: writer.dropped, flush: writer.flush };
};
