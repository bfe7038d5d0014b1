import { Connection, type Consumer, type Publisher } from 'rabbitmq-client';
import type { Bus } from '../domain/ports/bus.ts';
import type { Clock } from '../domain/ports/clock.ts';
import { coalesced } from '../lib/coalesced.ts';
import { type BusOptions, exchangeDeclaration, exchangeNameOf } from './bus-options.ts';
import { createHandlers, type Handlers } from './handlers.ts';
import { type BusMessage, readMessage } from './messages.ts';

/** A queue that nobody reads is gone after this; its server reads the log when it comes back. */
const queueExpiresMs = 60_000;
/** One message that waits says all that more of them would. */
const maxQueued = 100;
const heartbeatSeconds = 5;
const firstConnectMs = 5_000;
const closeMs = 2_000;

/** This server's place at the broker. */
interface Link extends BusOptions {
  connection: Connection;
  publisher: Publisher;
  exchangeName: string;
  queue: string;
  handlers: Handlers<[]>;
  /** Stores that others on the same exchange have: each is logged once, and is answered, so that its servers learn of this one. */
  strangers: Set<string>;
  /** True if this server's last news were not confirmed. */
  missed: boolean;
  isClosed: boolean;
}

const report =
  (link: Link, what: string) =>
  (error: unknown): void => {
    if (!link.isClosed) link.log.warn(`The event bus: ${what}.`, { code: (error as { code?: unknown } | null)?.code ?? 'UNKNOWN' });
  };

const connect = (url: string, options: BusOptions): Link => {
  const exchangeName = exchangeNameOf(options);
  const connection = new Connection({
    url,
    heartbeat: heartbeatSeconds,
    retryLow: 200,
    retryHigh: 5_000,
    connectionName: `tapegraph ${options.serverId}`,
  });
  return {
    ...options,
    connection,
    publisher: connection.createPublisher({ confirm: true, exchanges: [exchangeDeclaration(exchangeName)] }),
    exchangeName,
    queue: `${exchangeName}.${options.serverId}`,
    handlers: createHandlers<[]>(options.log, 'the event bus'),
    strangers: new Set(),
    missed: false,
    isClosed: false,
  };
};

/** Returns true if the broker has confirmed the message. */
const send = async (link: Link, type: BusMessage['type']): Promise<boolean> => {
  const { connection, publisher, exchangeName: exchange, storeId, serverId } = link;
  if (!connection.ready) return false;
  const envelope = { exchange, routingKey: `${type}.${storeId}`, appId: serverId, durable: true, contentType: 'application/json' };
  try {
    await publisher.send(envelope, JSON.stringify({ type, store: storeId } satisfies BusMessage));
    return true;
  } catch (error) {
    report(link, 'a message was not confirmed')(error);
    return false;
  }
};

const meet = (link: Link, store: string): void => {
  const { strangers, storeId, log, exchangeName } = link;
  if (store === storeId || strangers.has(store)) return;
  strangers.add(store);
  log.warn(
    'Another installation, with a store of its own, uses the same exchange on the broker; set a different server.installation for each.',
    { exchange: exchangeName },
  );
  void send(link, 'hello');
};

/** Reads this server's queue; `onReady` is called whenever reading begins, again after the broker was away too. */
const consume = (link: Link, onReady: () => void): Consumer => {
  const { connection, exchangeName: exchange, queue, serverId, storeId, handlers } = link;
  const consumer = connection.createConsumer(
    {
      queue,
      queueOptions: {
        durable: true,
        arguments: { 'x-queue-type': 'quorum', 'x-expires': queueExpiresMs, 'x-max-length': maxQueued, 'x-overflow': 'drop-head' },
      },
      exchanges: [exchangeDeclaration(exchange)],
      queueBindings: [`news.${storeId}`, 'hello.*'].map((routingKey) => ({ exchange, queue, routingKey })),
      qos: { prefetchCount: maxQueued },
      concurrency: 1,
    },
    ({ appId, body }) => {
      if (appId === serverId) return;
      const message = readMessage(body);
      if (message?.type === 'hello') meet(link, message.store);
      else handlers.call();
    },
  );
  consumer.on('error', report(link, 'reading it failed, and is tried again'));
  consumer.on('ready', onReady);
  return consumer;
};

/** Resolves with false where `ready` has not come in time: the server then starts without the broker. */
const inTime = (clock: Clock, ready: Promise<void>): Promise<boolean> =>
  new Promise((resolve) => {
    const cancel = clock.after(firstConnectMs, () => resolve(false));
    void ready.then(() => {
      cancel();
      resolve(true);
    });
  });

const disconnect = async ({ connection, publisher, queue }: Link, consumer: Consumer): Promise<void> => {
  await consumer.close();
  await publisher.close();
  if (connection.ready) await connection.queueDelete({ queue });
  await connection.close();
};

/** Ends the connection, which a broker that does not answer holds up no longer than `closeMs`. */
const close = async (link: Link, consumer: Consumer): Promise<void> => {
  if (link.isClosed) return;
  link.isClosed = true;
  await new Promise<void>((resolve) => {
    const cancel = link.clock.after(closeMs, resolve);
    void disconnect(link, consumer)
      .catch(() => undefined)
      .finally(() => {
        cancel();
        resolve();
      });
  });
  link.connection.unsafeDestroy();
};

/**
 * Several servers: a durable topic exchange, a quorum queue a server, publisher confirms. `publish` never waits for the broker nor throws;
 * what could not be sent is sent once the broker is back.
 */
export const createRabbitBus = async (url: string, options: BusOptions): Promise<Bus> => {
  const link = connect(url, options);
  const { connection, handlers, queue, clock, log } = link;
  const sendNews = coalesced(async () => {
    link.missed = !(await send(link, 'news'));
  });
  const repeatMissed = async (): Promise<void> => {
    if (link.missed && !link.isClosed) await sendNews();
  };
  connection.on('error', report(link, 'the connection broke, and is made again'));
  connection.on('connection.blocked', () => report(link, 'the broker is short of memory or disk and takes no messages')(null));
  connection.on('connection.unblocked', () => void repeatMissed());

  const firstReady = Promise.withResolvers<void>();
  /** True once something may have been missed: this server began to read late, or reads again. */
  let mayHaveMissed = false;
  const consumer = consume(link, () => {
    firstReady.resolve();
    if (mayHaveMissed) handlers.call();
    mayHaveMissed = true;
    void send(link, 'hello');
    void repeatMissed();
  });
  if (!(await inTime(clock, firstReady.promise))) {
    mayHaveMissed = true;
    log.warn('The event bus cannot be reached; it is retried, and the server starts without it.');
  }

  return {
    publish: () => {
      if (!link.isClosed) void sendNews();
    },
    subscribe: handlers.add,
    ping: async () => {
      if (!connection.ready) throw new Error('The event bus is not connected.');
      await connection.queueDeclare({ queue, passive: true });
    },
    close: () => close(link, consumer),
  };
};
