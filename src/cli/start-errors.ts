/** Errors that prevent a start, a line each: the thing, the rule and the remedy. */
import { createServer } from 'node:net';

/** Reports a problem that the operator can solve; printed without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

const listenMessages: Readonly<Record<string, (host: string, port: number) => string>> = {
  EADDRINUSE: (host, port) =>
    `Port ${port} on ${host} is in use (EADDRINUSE): stop the program that listens there, or choose another with --port or server.port.`,
  EACCES: (_, port) =>
    `Permission to listen on port ${port} is denied (EACCES): ports below 1024 need the right to bind them; choose another with --port or server.port.`,
  EADDRNOTAVAIL: (host) =>
    `${host} is not an address of this machine (EADDRNOTAVAIL): set server.host to one of its addresses, 127.0.0.1 or 0.0.0.0.`,
  ENOTFOUND: (host) => `${host} is not a known name (ENOTFOUND): set server.host to an address of this machine.`,
};

/** Throws `StartError` where the server could not listen. */
export const assertCanListen = (host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const message =
        listenMessages[error.code ?? '']?.(host, port) ??
        `The server cannot listen at ${host}, port ${port} (${error.code}): set server.host to an address of this machine.`;
      reject(new StartError(message, { cause: error }));
    });
    probe.listen(port, host, () => probe.close(() => resolve()));
  });

/** Codes of system errors that the operator can solve. */
const systemCodes: ReadonlySet<string> = new Set([
  ...['EADDRINUSE', 'EADDRNOTAVAIL', 'EACCES', 'EPERM', 'ENOENT', 'EROFS', 'ENOSPC', 'ENOTDIR', 'EISDIR'],
  ...['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
]);

/** Returns true if the error is printed in one line, without its stack. */
export const isOperators = (error: Error): boolean =>
  error instanceof StartError ||
  error.name === 'ConfigurationError' ||
  error.name === 'ExpectedError' ||
  systemCodes.has((error as NodeJS.ErrnoException).code ?? '');
