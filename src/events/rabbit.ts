import { Connection } from 'rabbitmq-client';
import type { Bus } from '../domain/ports/bus.ts';
import { coalesced } from '../lib/coalesced.ts';
import { type BusOptions, exchangeDeclaration, exchangeNameOf } from './bus-options.ts';
import { createHandlers } from './handlers.ts';

import { type BusMessage, readMessage } from './messages.ts';

/** A queue that nobody reads is gone after this; its server reads the log when it comes back. */
const queueExpiresMs = 60_000;
/** One message that waits says all that more of them would. */
const maxQueued = 100;
const heartbeatSeconds = 5;
const firstConnectMs = 5_000;
const closeMs = 2_000;

/**
 * Several servers: a durable topic exchange, a quorum queue a server, publisher confirms. `publish` never waits for the broker nor throws;
 * what could not be sent is sent once the broker is back.
 */
export const createRabbitBus = async (url: string, options: BusOptions): Promise<Bus> => {
  const { clock, log, serverId, storeId } = options;
  const exchange = exchangeNameOf(options);
  const handlers = createHandlers<[]>(log, 'the event bus');
  const queue = `${exchange}.${serverId}`;
  const exchanges = [exchangeDeclaration(exchange)];
  const connection = new Connection({
    url,
    heartbeat: heartbeatSeconds,
    retryLow: 200,
    retryHigh: 5_000,
    connectionName: `tapegraph ${serverId}`,
  });
  let missed = false;
  let isFirst = true;
  let closed = false;

  const report = (what: string) => (error: unknown) => {
    if (!closed) log.warn(`The event bus: ${what}.`, { code: (error as { code?: unknown } | null)?.code ?? 'UNKNOWN' });
  };
  connection.on('error', report('the connection broke, and is made again'));
  connection.on('connection.blocked', () => report('the broker is short of memory or disk and takes no messages')(null));
  connection.on('connection.unblocked', () => void repeatMissed());
  const publisher = connection.createPublisher({ confirm: true, exchanges });

  const send = async (type: BusMessage['type']): Promise<boolean> => {
    if (!connection.ready) return false;
    const envelope = { exchange, routingKey: `${type}.${storeId}`, appId: serverId, durable: true, contentType: 'application/json' };
    try {
      await publisher.send(envelope, JSON.stringify({ type, store: storeId } satisfies BusMessage));
      return true;
    } catch (error) {
      report('a message was not confirmed')(error);
      return false;
    }
  };
  const sendNews = coalesced(async () => {
    missed = !(await send('news'));
  });
  const repeatMissed = async (): Promise<void> => {
    if (missed && !closed) await sendNews();
  };

  /** Stores that others on the same exchange have: each is logged once, and is answered, so that its servers learn of this one. */
  const strangers = new Set<string>();
  const meet = (store: string): void => {
    if (store === storeId || strangers.has(store)) return;
    strangers.add(store);
    log.warn(
      'Another installation, with a store of its own, uses the same exchange on the broker; set a different server.installation for each.',
      { exchange },
    );
    void send('hello');
  };

  const firstReady = Promise.withResolvers<void>();
  let late = false;

  const consumer = connection.createConsumer(
    {
      queue,
      queueOptions: {
        durable: true,
        arguments: { 'x-queue-type': 'quorum', 'x-expires': queueExpiresMs, 'x-max-length': maxQueued, 'x-overflow': 'drop-head' },
      },
      exchanges,
      queueBindings: [`news.${storeId}`, 'hello.*'].map((routingKey) => ({ exchange, queue, routingKey })),
      qos: { prefetchCount: maxQueued },
      concurrency: 1,
    },
    ({ appId, body }) => {
      if (appId === serverId) return;
      const message = readMessage(body);
      if (message?.type === 'hello') meet(message.store);
      else handlers.call();
    },
  );
  consumer.on('error', report('reading it failed, and is tried again'));
  consumer.on('ready', () => {
    firstReady.resolve();
    if (!isFirst || late) handlers.call();
    isFirst = false;
    void send('hello');
    void repeatMissed();
  });

  const cancel = clock.after(firstConnectMs, () => {
    late = true;
    firstReady.resolve();
  });
  await firstReady.promise;
  cancel();
  if (late) log.warn('The event bus cannot be reached; it is retried, and the server starts without it.');

  const disconnect = async (): Promise<void> => {
    await consumer.close();
    await publisher.close();
    if (connection.ready) await connection.queueDelete({ queue });
    await connection.close();
  };
  return {
    publish: () => {
      if (!closed) void sendNews();
    },
    subscribe: handlers.add,
    ping: async () => {
      if (!connection.ready) throw new Error('The event bus is not connected.');
      await connection.queueDeclare({ queue, passive: true });
    },
    close: async () => {
      if (closed) return;
      closed = true;
      const overdue = new Promise<void>((resolve) => {
        const stop = clock.after(closeMs, resolve);
        void disconnect()
          .catch(() => undefined)
          .finally(() => {
            stop();
            resolve();
          });
      });
      await overdue;
      connection.unsafeDestroy();
    },
  };
};
