import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { after, describe, test } from 'node:test';
import { Connection } from 'rabbitmq-client';
import { systemClock } from '../../src/clock.ts';
import type { LiveEvent } from '../../src/domain/model/entities.ts';
import type { Bus } from '../../src/domain/ports/bus.ts';
import type { Log } from '../../src/domain/ports/log.ts';
import { openBus } from '../../src/events/index.ts';
import { rabbitUrl } from '../support/services.ts';

const event = (id: number, fields: Partial<LiveEvent> = {}): LiveEvent => ({
  id,
  at: '2026-01-05T09:00:00.000Z',
  entityType: 'agent',
  source: 'hq',
  key: '291',
  previous: null,
  warning: null,
  state: { name: 'Jürgen 中文' },
  ...fields,
});

const silent = (lines: string[] = []): Log => ({
  info: (message) => lines.push(message),
  warn: (message) => lines.push(message),
  error: (message) => lines.push(message),
});

/** What a bus hears, to be waited for. */
const listen = (bus: Bus) => {
  const heard: LiveEvent[] = [];
  let gaps = 0;
  let changed = Promise.withResolvers<void>();
  const wake = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  const stop = bus.subscribe((events) => {
    heard.push(...events);
    wake();
  });
  bus.onGap(() => {
    gaps += 1;
    wake();
  });
  const until = async (condition: () => boolean) => {
    while (!condition()) await changed.promise;
  };
  return { heard, stop, until, gaps: () => gaps };
};

const exchanges: string[] = [];
const newExchange = (): string => {
  const name = `test.${randomUUID()}`;
  exchanges.push(name);
  return name;
};
after(async () => {
  const connection = new Connection(await rabbitUrl());
  for (const exchange of exchanges) await connection.exchangeDelete({ exchange });
  await connection.close();
});

interface Setting {
  open(serverId: string, log?: Log): Promise<Bus>;
}

const memory = async (): Promise<Setting> => ({
  open: (serverId, log = silent()) => openBus('memory:', { clock: systemClock, log, serverId }),
});

const rabbit = async (url?: string): Promise<Setting> => {
  const exchange = newExchange();
  const broker = url ?? (await rabbitUrl());
  return { open: (serverId, log = silent()) => openBus(broker, { clock: systemClock, log, serverId, exchange }) };
};

/** A way to the broker that can be cut, which is what a broker's death or a partition looks like from here. */
const cuttableWay = async () => {
  const broker = new URL(await rabbitUrl());
  const sockets = new Set<Socket>();
  let open = true;
  const server = createServer((near) => {
    if (!open) return void near.destroy();
    const far = connect({ host: broker.hostname, port: Number(broker.port) || 5672 });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        near.destroy();
        far.destroy();
        sockets.delete(socket);
      });
    }
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const cut = () => {
    open = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: Object.assign(new URL(broker), { hostname: '127.0.0.1', port: String(port) }).href,
    cut,
    mend: () => {
      open = true;
    },
    close: () => {
      cut();
      server.close();
    },
  };
};

for (const [name, create] of [
  ['in memory', memory],
  ['RabbitMQ', rabbit],
] as const) {
  describe(`the bus: ${name}`, () => {
    test('every handler gets every event, in order, as it was', async () => {
      const bus = await (await create()).open('one');
      const [first, second] = [listen(bus), listen(bus)];
      const events = Array.from({ length: 300 }, (_, index) => event(index + 1, { entityType: index % 3 ? 'call' : 'agent' }));
      await bus.publish(events.slice(0, 7));
      await bus.publish([]);
      for (const one of events.slice(7)) await bus.publish([one]);
      await first.until(() => first.heard.length === events.length);
      await second.until(() => second.heard.length === events.length);
      assert.deepEqual(first.heard, events);
      assert.deepEqual(second.heard, events);
      assert.equal(first.gaps(), 0);
      await bus.ping();
      await bus.close();
    });

    test('publish answers before handlers run; one that throws harms nobody; one that left hears nothing', async () => {
      const lines: string[] = [];
      const bus = await (await create()).open('one', silent(lines));
      bus.subscribe(() => {
        throw new Error('a bug');
      });
      const [stays, leaves] = [listen(bus), listen(bus)];
      leaves.stop();
      const published = bus.publish([event(1)]);
      assert.equal(stays.heard.length, 0);
      await published;
      await stays.until(() => stays.heard.length === 1);
      assert.equal(leaves.heard.length, 0);
      assert.equal(lines.length, 1);
      await bus.close();
      await bus.close();
      await bus.publish([event(2)]);
    });
  });
}

describe('RabbitMQ between servers', () => {
  test('each hears the others and itself, once', async () => {
    const setting = await rabbit();
    const buses = [await setting.open('a'), await setting.open('b'), await setting.open('c')];
    const ears = buses.map(listen);
    await Promise.all(buses.map((bus, index) => bus.publish([event(index * 2 + 1), event(index * 2 + 2, { entityType: 'blackout' })])));
    for (const ear of ears) {
      await ear.until(() => ear.heard.length === 6);
      assert.deepEqual(ear.heard.map((one) => one.id).sort(), [1, 2, 3, 4, 5, 6]);
    }
    for (const bus of buses) await bus.close();
  });

  test('a broker that goes away: publish goes on, both sides learn of the gap, and then it works again', async () => {
    const way = await cuttableWay();
    const setting = await rabbit(way.url);
    const [left, right] = [await setting.open('left'), await setting.open('right')];
    const [near, far] = [listen(left), listen(right)];
    way.cut();
    while (
      await left.ping().then(
        () => true,
        () => false,
      )
    )
      await new Promise((done) => setImmediate(done));
    await left.publish([event(1)]);
    await near.until(() => near.heard.length === 1);
    way.mend();
    await near.until(() => near.gaps() > 0);
    await far.until(() => far.gaps() > 0);
    await left.ping();
    await left.publish([event(2)]);
    await far.until(() => far.heard.some((one) => one.id === 2));
    for (const bus of [left, right]) await bus.close();
    way.close();
  });

  test('only the sender is cut off: the others are told to read the log', async () => {
    const way = await cuttableWay();
    const exchange = newExchange();
    const tools = { clock: systemClock, log: silent(), exchange };
    const cutOff = await openBus(way.url, { ...tools, serverId: 'cut-off' });
    const steady = await openBus(await rabbitUrl(), { ...tools, serverId: 'steady' });
    const ear = listen(steady);
    way.cut();
    while (
      await cutOff.ping().then(
        () => true,
        () => false,
      )
    )
      await new Promise((done) => setImmediate(done));
    await cutOff.publish([event(1)]);
    assert.equal(ear.gaps(), 0);
    way.mend();
    await ear.until(() => ear.gaps() > 0);
    await cutOff.close();
    await steady.close();
    way.close();
  });

  test('a broker that is not there yet: the server starts, says so, and catches up', async () => {
    const way = await cuttableWay();
    way.cut();
    const lines: string[] = [];
    const setting = await rabbit(way.url);
    const bus = await setting.open('early', silent(lines));
    const ear = listen(bus);
    await assert.rejects(bus.ping(), /not connected/);
    assert.ok(lines.some((line) => /cannot be reached/.test(line)));
    way.mend();
    await ear.until(() => ear.gaps() === 1);
    await bus.ping();
    await bus.close();
    way.close();
  });
});

test('a URL that names no bus', async () => {
  await assert.rejects(openBus('kafka://root:password@host', { clock: systemClock, log: silent(), serverId: 'x' }), (error: Error) => {
    assert.match(error.message, /memory: or amqp/);
    assert.doesNotMatch(error.message, /password/);
    return true;
  });
});
