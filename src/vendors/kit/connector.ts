/** How a source's connections are made, and whom they trust. */
import { readFileSync } from 'node:fs';
import type { TLSSocket } from 'node:tls';
import { buildConnector } from 'undici';
import { ExpectedError } from '../../domain/model/errors.ts';
import type { Clock } from '../../domain/ports/clock.ts';
import { otherFingerprint } from './transport-failures.ts';
import type { VendorApiOptions } from './vendor-request.ts';

/** A PEM file; one that cannot be read is a fault of the configuration. */
const certificateIn = (file: string, source: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new ExpectedError(
      'INVALID_INPUT',
      `Source ${source}: caFile ${missing ? 'names no file' : 'cannot be read'}; give the path of the CA's certificate in PEM.`,
      { cause },
    );
  }
};

const plainHex = (fingerprint: string): string => fingerprint.replaceAll(':', '').toUpperCase();

/**
 * With a fingerprint, a connection to a server with another certificate is closed before anything is sent. `onFailed` is told the host and port to
 * which a connection did not come about, and when it was begun (monotonic), also after everybody who waited for it has given up, as happens where
 * a machine is off.
 */
export const connectorOf = (
  options: VendorApiOptions,
  clock: Pick<Clock, 'monotonicMs'>,
  onFailed: (host: string, beganMs: number) => void,
): buildConnector.connector => {
  const { source, timeoutMs, caFile, lookup, tlsServerName, tlsFingerprint } = options;
  const connect = buildConnector({
    timeout: timeoutMs,
    ...(caFile === undefined ? {} : { ca: certificateIn(caFile, source) }),
    ...(lookup === undefined ? {} : { lookup }),
    // A resumed session shows no certificate.
    ...(tlsFingerprint === undefined ? {} : { rejectUnauthorized: false, maxCachedSessions: 0 }),
  });
  return (target, callback) => {
    const beganMs = clock.monotonicMs();
    connect(tlsServerName === undefined ? target : { ...target, servername: tlsServerName }, (error, socket) => {
      if (error || !socket) {
        onFailed(target.host ?? target.hostname, beganMs);
        return callback(error ?? new Error('no connection'), null);
      }
      const shown = tlsFingerprint === undefined ? null : ((socket as Partial<TLSSocket>).getPeerCertificate?.().fingerprint256 ?? '');
      if (shown === null || plainHex(shown) === plainHex(tlsFingerprint!)) return callback(null, socket);
      socket.destroy();
      callback(Object.assign(new Error('the certificate has another fingerprint'), { code: otherFingerprint }), null);
    });
  };
};
