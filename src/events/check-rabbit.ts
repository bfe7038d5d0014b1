/** Asks whether a broker lets the server in and do its work, in sentences for its operator. */
import { randomUUID } from 'node:crypto';
import { connect as connectPlainly, isIP } from 'node:net';
import { connect as connectByTls } from 'node:tls';
import { Connection } from 'rabbitmq-client';
import { ExpectedError } from '../domain/model/errors.ts';
import { exchangeDeclaration } from './bus-options.ts';

interface Place {
  server: string;
  vhost: string;
  exchange: string;
}

type Sentence = (place: Place) => string;

const notFound: Sentence = ({ server }) => `the host of ${server} is not known; correct its name or check the name service`;
const noRabbit: Sentence = ({ server }) => `${server} closed the connection; correct host and port if it is not RabbitMQ`;

const sentences: Readonly<Record<string, Sentence>> = {
  ECONNREFUSED: ({ server }) => `nothing listens at ${server}; start RabbitMQ there, or correct host and port`,
  ENOTFOUND: notFound,
  EAI_AGAIN: notFound,
  ACCESS_REFUSED: ({ server }) => `${server} refuses the user name or password; correct them, percent-encoded`,
  NOT_ALLOWED: ({ server, vhost }) => `${server} has no virtual host ${vhost}, or does not admit this user; create it, or correct its name`,
  NOT_AMQP: ({ server }) => `${server} does not speak AMQP; correct host and port (5672, or 5671 for amqps, in most installations)`,
  EPROTO: ({ server }) => `${server} does not use TLS; use amqp:// instead of amqps://, or switch TLS on there`,
  CONN_CLOSE: noRabbit,
  ECONNRESET: noRabbit,
};

/** Once the user is let in. */
const usageSentences: Readonly<Record<string, Sentence>> = {
  ACCESS_REFUSED: ({ server, exchange }) =>
    `the user lacks rights on ${server}; permit it to configure, write and read what begins with ${exchange} (rabbitmqctl set_permissions)`,
  PRECONDITION_FAILED: ({ server, exchange }) =>
    `${server} has an exchange ${exchange} that is not a durable topic exchange; delete it, or name another in bus.exchange`,
};

const silent: Sentence = ({ server }) => `${server} does not answer; start RabbitMQ there, or correct host and port`;

const refusal = (place: Place, error: unknown, known: typeof sentences): ExpectedError => {
  const { code } = (error ?? {}) as { code?: unknown };
  const sentence = typeof code === 'string' && Object.hasOwn(known, code) ? known[code]! : silent;
  return new ExpectedError('INVALID_INPUT', `The broker: ${sentence(place)}${typeof code === 'string' ? ` (${code})` : ''}.`, {
    cause: error,
  });
};

const protocolHeader = Buffer.from('AMQP\0\0\x09\x01', 'latin1');
/** The type of a frame with a method, such as the broker's first. */
const frameStart = 1;

/** Throws where no AMQP comes back: the client that is used otherwise reads whatever length the bytes seem to say. */
const refuseOtherProtocol = ({ hostname, isTls, port }: { hostname: string; isTls: boolean; port: number }, maxMs: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const host = hostname.replace(/^\[|\]$/g, '');
    const socket = isTls
      ? connectByTls({ host, port, timeout: maxMs, ...(isIP(host) ? {} : { servername: host }) })
      : connectPlainly({ host, port, timeout: maxMs });
    const end = (error: Error | null) => {
      reject(error);
      socket.destroy();
    };
    socket.on('error', end);
    socket.once('timeout', () => end(null));
    socket.once('close', () => reject(Object.assign(new Error('closed'), { code: 'CONN_CLOSE' })));
    socket.once('data', (bytes) => {
      if (bytes[0] === frameStart || bytes.subarray(0, 4).equals(protocolHeader.subarray(0, 4))) resolve();
      end(Object.assign(new Error('no AMQP'), { code: 'NOT_AMQP' }));
    });
    socket.write(protocolHeader);
  });

/** Resolves once the user is let in. */
const admitted = (connection: Connection): Promise<void> =>
  new Promise((resolve, reject) => {
    connection.once('connection', resolve);
    connection.on('error', reject);
  });

/** Does once what a server does, with an exchange and a queue that the broker deletes with the connection. */
const tryOut = async (connection: Connection, exchange: string): Promise<void> => {
  const name = `${exchange}.check-${randomUUID()}`;
  await connection.exchangeDeclare({ exchange: name, type: 'topic', autoDelete: true });
  await connection.queueDeclare({ queue: name, exclusive: true });
  await connection.queueBind({ exchange: name, queue: name, routingKey: '#' });
  const publisher = connection.createPublisher({ confirm: true });
  await publisher.send({ exchange: name, routingKey: 'check' }, '');
  await publisher.close();
  await connection.basicGet({ queue: name, noAck: true });
  const isThere = await connection.exchangeDeclare({ exchange, passive: true }).then(
    () => true,
    () => false,
  );
  if (isThere) await connection.exchangeDeclare(exchangeDeclaration(exchange));
};

const close = async (connection: Connection | null): Promise<void> => {
  if (connection === null) return;
  await Promise.race([connection.close(), new Promise((resolve) => setTimeout(resolve, 500).unref())]).catch(() => undefined);
  connection.unsafeDestroy();
};

/** Throws where a start could not use the broker; leaves nothing behind on it. */
export const checkRabbit = async (url: string, exchange: string, maxMs = 5_000): Promise<void> => {
  const { hostname, port: givenPort, protocol, pathname } = new URL(url);
  const isTls = protocol === 'amqps:';
  const port = Number(givenPort) || (isTls ? 5671 : 5672);
  const place = { server: `${hostname}:${port}`, vhost: decodeURIComponent(pathname.slice(1)) || '/', exchange };
  const overdue = Promise.withResolvers<never>();
  overdue.promise.catch(() => undefined);
  const timer = setTimeout(() => overdue.reject(null), maxMs);
  let known = sentences;
  let connection: Connection | null = null;
  try {
    await refuseOtherProtocol({ hostname, isTls, port }, maxMs);
    connection = new Connection({ url, connectionName: 'tapegraph check', connectionTimeout: maxMs });
    await Promise.race([admitted(connection), overdue.promise]);
    known = usageSentences;
    await Promise.race([tryOut(connection, exchange), overdue.promise]);
  } catch (cause) {
    throw refusal(place, cause, known);
  } finally {
    clearTimeout(timer);
    await close(connection);
  }
};
