/** Asks whether a broker lets the server in, in sentences for its operator. */
import { Connection } from 'rabbitmq-client';
import { ExpectedError } from '../domain/model/errors.ts';

const sentences: Readonly<Record<string, (server: string, vhost: string) => string>> = {
  ECONNREFUSED: (server) => `nothing listens at ${server}; start RabbitMQ there, or correct host and port`,
  ENOTFOUND: (server) => `the host of ${server} is not known; correct its name or check the name service`,
  EAI_AGAIN: (server) => `the host of ${server} is not known; correct its name or check the name service`,
  ACCESS_REFUSED: (server) => `${server} refuses the user name or password; correct them, percent-encoded`,
  NOT_ALLOWED: (server, vhost) => `${server} has no virtual host ${vhost}, or does not admit this user; create it, or correct its name`,
  EPROTO: (server) => `${server} does not use TLS; use amqp:// instead of amqps://, or switch TLS on there`,
  CONN_CLOSE: (server) => `${server} closed the connection; correct host and port if it is not RabbitMQ`,
  ECONNRESET: (server) => `${server} closed the connection; correct host and port if it is not RabbitMQ`,
};

const messageOf = (url: string, error: unknown): string => {
  const { hostname, port, protocol, pathname } = new URL(url);
  const server = `${hostname}:${port || (protocol === 'amqps:' ? 5671 : 5672)}`;
  const { code } = (error ?? {}) as { code?: unknown };
  const known = typeof code === 'string' && Object.hasOwn(sentences, code) ? code : null;
  const sentence =
    known === null
      ? `${server} does not answer; start RabbitMQ there, or correct host and port`
      : sentences[known]!(server, decodeURIComponent(pathname.slice(1)) || '/');
  return `The broker: ${sentence}${typeof code === 'string' ? ` (${code})` : ''}.`;
};

/** Throws where the broker lets nobody in within some seconds; sends nothing. */
export const checkRabbit = async (url: string, maxMs = 5_000): Promise<void> => {
  const connection = new Connection({ url, connectionName: 'tapegraph check', connectionTimeout: maxMs });
  const answered = Promise.withResolvers<void>();
  connection.once('connection', () => answered.resolve());
  connection.on('error', answered.reject);
  const timer = setTimeout(() => answered.reject(null), maxMs);
  try {
    await answered.promise;
  } catch (cause) {
    throw new ExpectedError('INVALID_INPUT', messageOf(url, cause), { cause });
  } finally {
    clearTimeout(timer);
    await Promise.race([connection.close(), new Promise((resolve) => setTimeout(resolve, 500).unref())]).catch(() => undefined);
    connection.unsafeDestroy();
  }
};
