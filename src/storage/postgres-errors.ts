/** Sentences for what keeps a PostgreSQL database from being used: the thing, the rule and the remedy, without the password. */
import { ExpectedError } from '../domain/model/errors.ts';

interface Place {
  server: string;
  database: string;
  role: string;
}

type Sentence = (place: Place) => string;

const notFound: Sentence = ({ server }) => `the host of ${server} is not known; correct its name or check the name service`;
const silent: Sentence = ({ server }) => `${server} does not answer; start PostgreSQL there, or correct host and port`;
const noPostgres: Sentence = ({ server }) => `${server} closed the connection; correct host and port if it is not PostgreSQL`;
const untrusted: Sentence = ({ server }) =>
  `the certificate of ${server} is not trusted; name its CA with sslrootcert, or correct the host's name`;

const sentences: Readonly<Record<string, Sentence>> = {
  ECONNREFUSED: ({ server }) => `nothing listens at ${server}; start PostgreSQL there, or correct host and port`,
  ENOTFOUND: notFound,
  EAI_AGAIN: notFound,
  ETIMEDOUT: silent,
  EHOSTUNREACH: silent,
  ENETUNREACH: silent,
  ECONNRESET: noPostgres,
  EPIPE: noPostgres,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: untrusted,
  CERT_HAS_EXPIRED: untrusted,
  '28P01': ({ server, role }) => `${server} refuses the password of ${role}; correct it, percent-encoded`,
  '28000': ({ server, role }) => `${server} does not admit ${role}; create the role, or allow it in pg_hba.conf`,
  '3D000': ({ server, database }) => `${server} has no database ${database}; create it (createdb ${database}), or correct its name`,
  '08P01': ({ server, database }) => `${server} does not serve ${database}; add it to the pooler's databases, or correct its name`,
  '42501': ({ database, role }) =>
    `${role} may not create tables in ${database}, or not use those that are there; GRANT CREATE ON SCHEMA public TO it, and make it their owner`,
  '53300': ({ server }) => `${server} accepts no more connections; raise max_connections, or use a pooler`,
  '57P03': ({ server }) => `${server} is starting or stopping; try again`,
  '25006': ({ server }) => `${server} accepts no writes, as a standby; use the primary, or permit them (default_transaction_read_only)`,
};

/** Of errors without a code of their own, by a part of their message. */
const byMessage: readonly (readonly [RegExp, Sentence])[] = [
  [/does not support SSL/, ({ server }) => `${server} does not use TLS; remove sslmode, or switch ssl on there`],
  [/timeout|terminated unexpectedly/i, silent],
  [/password must be a string/, ({ server, role }) => `${server} needs a password for ${role}; add it after the user name`],
];

/**
 * Classes of SQLSTATE (connections, resources, an operator's intervention, the system), and codes: a standby, a transaction that was idle, a lock that
 * was not to be had, and the system's own.
 */
const unavailable = /^(?:08|53|57|58)...$|^(?:25006|25P03|55P03|EAI_AGAIN|E[A-Z]+)$/;

/** Of the driver's errors without a code: other timeouts are not the database's. */
const unanswered = /^(?:timeout ex|Query read timeout|Connection terminated|Client .* not queryable)/;

/** Returns true for an error that says that the database cannot be used, or not written to, just now. */
export const isUnavailable = (error: unknown): boolean => {
  const { code, message = '' } = (error ?? {}) as { code?: unknown; message?: string };
  return typeof code === 'string' ? unavailable.test(code) : unanswered.test(message);
};

const placeIn = (url: string): Place => {
  const { hostname, port, pathname, username } = new URL(url);
  const role = username === '' ? 'the default user' : decodeURIComponent(username);
  return { server: `${hostname}:${port || 5432}`, database: decodeURIComponent(pathname.slice(1)) || role, role };
};

/** `error` as an operator reads it; itself where it is nothing of an operator's. */
export const postgresError = (error: unknown, url: string): unknown => {
  const { code, message = '' } = error as { code?: unknown; message?: string };
  const known = typeof code === 'string' && Object.hasOwn(sentences, code) ? code : null;
  const sentence = known === null ? byMessage.find(([pattern]) => pattern.test(message))?.[1] : sentences[known];
  if (sentence === undefined) return error;
  const text = `The database: ${sentence(placeIn(url))}${known === null ? '' : ` (${known})`}.`;
  return new ExpectedError('INVALID_INPUT', text, { cause: error });
};
