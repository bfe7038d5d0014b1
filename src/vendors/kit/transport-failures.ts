/** Describes failures below HTTP without an address. */
import { ExpectedError } from '../../domain/model/errors.ts';

const unknownCa = 'its certificate is of an unknown CA; name the CA in caFile';

/** The code of the error for a certificate that is not the trusted one. */
export const otherFingerprint = 'OTHER_FINGERPRINT';

/** Before a connection stood: then the vendor saw nothing of the request. */
const unconnected: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ENOTFOUND: 'its host name is not known',
  EAI_AGAIN: 'its host name could not be looked up',
  EHOSTUNREACH: 'its host cannot be reached',
  ENETUNREACH: 'its network cannot be reached',
  UND_ERR_CONNECT_TIMEOUT: 'the connection could not be made in time',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed; name its CA in caFile',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownCa,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownCa,
  SELF_SIGNED_CERT_IN_CHAIN: unknownCa,
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; compare the clocks',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  [otherFingerprint]: 'its certificate has another fingerprint than tlsFingerprint',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS at this port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS at this port',
};

const broken: Readonly<Record<string, string>> = {
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection broke',
  UND_ERR_SOCKET: 'the connection broke',
};

const codeOf = (error: unknown): string => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
};

export const plainCause = (error: unknown): string => {
  const code = codeOf(error);
  if (code.startsWith('HPE_')) return 'its answer is not HTTP';
  return unconnected[code] ?? broken[code] ?? 'the connection failed';
};

export const failedToConnect = (error: unknown): boolean => codeOf(error) in unconnected;

/** A connection that stood and broke, as a kept-alive one does when it is used just as the vendor closes it. */
const brokeOff = (error: ExpectedError): boolean => codeOf(error.cause) in broken;

/** The errors of a vendor that is overloaded or restarts. */
const passingStatuses: ReadonlySet<string | null> = new Set(['429', '502', '503', '504']);

/** Returns true if the same read has a fair chance at once: it broke off, or the vendor says that it is busy. */
export const isPassing = (error: unknown): error is ExpectedError =>
  error instanceof ExpectedError && error.code === 'VENDOR_UNAVAILABLE' && (brokeOff(error) || passingStatuses.has(error.vendorCode));
