/** One line for what keeps a server from starting: the thing, the rule and the remedy. */
import { createServer } from 'node:net';

/** An operator's matter, told without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

const listenMessages: Readonly<Record<string, (host: string, port: number) => string>> = {
  EADDRINUSE: (host, port) =>
    `Port ${port} on ${host} is taken (EADDRINUSE): stop what listens there, or choose another with --port or server.port.`,
  EACCES: (_, port) =>
    `Port ${port} may not be listened on (EACCES): ports below 1024 need the right to bind them; choose another with --port or server.port.`,
  EADDRNOTAVAIL: (host) =>
    `${host} is no address of this machine (EADDRNOTAVAIL): write one that is, 127.0.0.1 or 0.0.0.0 into server.host.`,
  ENOTFOUND: (host) => `${host} is no known name (ENOTFOUND): write an address of this machine into server.host.`,
};

/** Throws `StartError` where the server could not listen. */
export const assertCanListen = (host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const message = listenMessages[error.code ?? '']?.(host, port);
      reject(message === undefined ? error : new StartError(message, { cause: error }));
    });
    probe.listen(port, host, () => probe.close(() => resolve()));
  });

/** What else a system answers that is an operator's matter and not a bug. */
const systemCodes: ReadonlySet<string> = new Set([
  ...['EADDRINUSE', 'EADDRNOTAVAIL', 'EACCES', 'EPERM', 'ENOENT', 'EROFS', 'ENOSPC', 'ENOTDIR', 'EISDIR'],
  ...['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
]);

/** Whether the error is told in a line, without its stack. */
export const isOperators = (error: Error): boolean =>
  error instanceof StartError ||
  error.name === 'ConfigurationError' ||
  error.name === 'ExpectedError' ||
  systemCodes.has((error as NodeJS.ErrnoException).code ?? '');
