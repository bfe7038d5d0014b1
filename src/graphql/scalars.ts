import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { GraphQLDateTime } from 'graphql-scalars';
import { instant } from '../domain/model/instant.ts';
import { formatDuration, parseDuration } from '../lib/duration.ts';

const refuse = (message: string) => new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });

const fromLiteral =
  <T>(parse: (value: unknown) => T) =>
  (node: ValueNode): T =>
    parse(node.kind === Kind.STRING ? node.value : undefined);

const parseDateTime = (value: unknown): string => {
  try {
    return instant((GraphQLDateTime.parseValue(value) as Date).getTime());
  } catch {
    throw refuse('A DateTime is an RFC 3339 date-time with its offset, such as 2026-01-05T09:30:00Z or 2026-01-05T10:30:00+01:00.');
  }
};

/** Instants are strings in UTC already: they go out as they are, with every digit the vendor gave. */
export const DateTime = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  description:
    'RFC 3339 date-time. Results are always in UTC. Arguments can have any offset, but must have one. Example: `2026-01-05T09:30:00Z`.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: (value) => value as string,
  parseValue: parseDateTime,
  parseLiteral: fromLiteral(parseDateTime),
});

const parseDurationInput = (value: unknown): number => {
  const parsed = typeof value === 'string' ? parseDuration(value) : null;
  if (parsed === null)
    throw refuse('A Duration is an ISO 8601 duration of weeks, days, hours, minutes and seconds, such as PT5M, PT90S or -PT10S.');
  return parsed;
};

/** Milliseconds inside, ISO 8601 outside. */
export const Duration = new GraphQLScalarType<number, string>({
  name: 'Duration',
  description:
    'ISO 8601 duration, such as `PT5M`. Years and months are not accepted, because their length varies. A leading minus sign makes it negative.',
  specifiedByURL: 'https://www.iso.org/standard/70907.html',
  serialize: (value) => formatDuration(value as number),
  parseValue: parseDurationInput,
  parseLiteral: fromLiteral(parseDurationInput),
});

const parseUrl = (value: unknown): string => {
  if (typeof value === 'string' && URL.canParse(value)) return new URL(value).href;
  throw refuse('A URL is absolute, with its scheme and host.');
};

export const Url = new GraphQLScalarType<string, string>({
  name: 'URL',
  description: 'An absolute URL.',
  specifiedByURL: 'https://url.spec.whatwg.org/',
  serialize: (value) => String(value),
  parseValue: parseUrl,
  parseLiteral: fromLiteral(parseUrl),
});
