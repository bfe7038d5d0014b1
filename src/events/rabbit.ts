import { Connection } from 'rabbitmq-client';
import type { LiveEvent } from '../domain/model/entities.ts';
import type { Bus } from '../domain/ports/bus.ts';
import { createHandlers } from './handlers.ts';
import type { BusTools } from './index.ts';
import { readEvents, runs } from './messages.ts';

/** A queue that nobody reads is gone after this; its server reads the log when it comes back. */
const queueExpiresMs = 30 * 60_000;
const mostQueued = 100_000;
/** Messages that the broker has not confirmed yet; past this the bus is too slow to wait for. */
const mostUnconfirmed = 10_000;
const heartbeatSeconds = 5;
const firstConnectMs = 5_000;
const closeMs = 2_000;
const gapKey = 'gap.server';

/**
 * Several servers: a durable topic exchange, a quorum queue a server, publisher confirms. This server's own events reach its
 * handlers at once and without the broker. `publish` never waits for the broker nor throws: what could not be sent is made
 * good by a notice to all servers, once the broker is back, that they must read the log.
 */
export const createRabbitBus = async (url: string, { clock, log, serverId, exchange = 'tapegraph.events' }: BusTools): Promise<Bus> => {
  const handlers = createHandlers<[readonly LiveEvent[]]>(log, 'events');
  const gaps = createHandlers<[]>(log, 'gaps');
  const queue = `${exchange}.${serverId}`;
  const exchanges = [{ exchange, type: 'topic', durable: true }];
  const connection = new Connection({
    url,
    heartbeat: heartbeatSeconds,
    retryLow: 200,
    retryHigh: 5_000,
    connectionName: `tapegraph ${serverId}`,
  });
  let unconfirmed = 0;
  let missed = false;
  let readies = 0;
  let closed = false;

  const report = (what: string) => (error: unknown) => {
    if (!closed) log.warn(`The event bus: ${what}.`, { code: (error as { code?: unknown } | null)?.code ?? 'UNKNOWN' });
  };
  connection.on('error', report('the connection broke, and is made again'));
  connection.on('connection.blocked', () => report('the broker is short of memory or disk and takes no events')(null));
  connection.on('connection.unblocked', () => void announceGap());
  const publisher = connection.createPublisher({ confirm: true, exchanges });

  const send = async (routingKey: string, body: unknown): Promise<boolean> => {
    if (!connection.ready || unconfirmed >= mostUnconfirmed) return false;
    unconfirmed += 1;
    try {
      await publisher.send({ exchange, routingKey, appId: serverId, durable: true, contentType: 'application/json' }, JSON.stringify(body));
      return true;
    } catch (error) {
      report('an event was not confirmed')(error);
      return false;
    } finally {
      unconfirmed -= 1;
    }
  };

  const announceGap = async (): Promise<void> => {
    if (!missed || closed) return;
    missed = false;
    if (!(await send(gapKey, []))) missed = true;
  };

  const firstReady = Promise.withResolvers<void>();
  let late = false;

  const consumer = connection.createConsumer(
    {
      queue,
      queueOptions: {
        durable: true,
        arguments: { 'x-queue-type': 'quorum', 'x-expires': queueExpiresMs, 'x-max-length': mostQueued, 'x-overflow': 'drop-head' },
      },
      exchanges,
      queueBindings: [{ exchange, queue, routingKey: '#' }],
      qos: { prefetchCount: 500 },
      concurrency: 1,
    },
    (message) => {
      if (message.appId === serverId) return;
      if (message.routingKey === gapKey) return gaps.call();
      const events = readEvents(message.body);
      if (events !== null) return handlers.call(events);
      log.warn('The event bus brought a message that holds no events; the log is read instead.');
      gaps.call();
    },
  );
  consumer.on('error', report('reading it failed, and is tried again'));
  consumer.on('ready', () => {
    readies += 1;
    firstReady.resolve();
    if (readies > 1 || late) gaps.call();
    void announceGap();
  });

  const cancel = clock.after(firstConnectMs, () => {
    late = true;
    firstReady.resolve();
  });
  await firstReady.promise;
  cancel();
  if (late) log.warn('The event bus cannot be reached; it is tried again and again, and the server starts without it.');

  const disconnect = async (): Promise<void> => {
    await consumer.close();
    await publisher.close();
    if (connection.ready) await connection.queueDelete({ queue });
    await connection.close();
  };
  return {
    publish: async (events) => {
      if (events.length === 0 || closed) return;
      queueMicrotask(() => {
        if (!closed) handlers.call(events);
      });
      for (const run of runs(events)) {
        void send(run.routingKey, run.events).then((sent) => {
          if (!sent) missed = true;
          if (!sent && connection.ready && unconfirmed === 0) return announceGap();
        });
      }
    },
    subscribe: handlers.add,
    onGap: gaps.add,
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
