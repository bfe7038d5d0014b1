import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { after, describe, test } from 'node:test';
import { Connection } from 'rabbitmq-client';
import type { Bus } from '../../src/domain/ports/bus.ts';
import type { Log } from '../../src/domain/ports/log.ts';
import { openBus } from '../../src/events/index.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { rabbitUrl } from '../support/services.ts';

const silent = (lines: string[] = []): Log => ({
  info: (message) => lines.push(message),
  warn: (message) => lines.push(message),
  error: (message) => lines.push(message),
});

/** How often a bus woke its server, to be waited for. */
const listen = (bus: Bus) => {
  let wakes = 0;
  let changed = Promise.withResolvers<void>();
  const stop = bus.subscribe(() => {
    wakes += 1;
    changed.resolve();
    changed = Promise.withResolvers();
  });
  const until = async (condition: () => boolean) => {
    while (!condition()) await changed.promise;
  };
  return { stop, until, wakes: () => wakes };
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
  open(serverId: string, options?: { log?: Log; storeId?: string; installation?: string }): Promise<Bus>;
}

const rabbit = async (url?: string): Promise<Setting> => {
  const exchange = newExchange();
  const broker = url ?? (await rabbitUrl());
  return {
    open: (serverId, { log = silent(), storeId = 'store', installation } = {}) => {
      if (installation !== undefined) exchanges.push(`${exchange}.${installation}`);
      return openBus(broker, { clock: systemClock, log, serverId, storeId, exchange, installation });
    },
  };
};

/** A TCP proxy of the broker that can be cut, as a broker's death or a partition looks from here. */
const cuttableProxy = async () => {
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

const untilCutOff = async (bus: Bus) => {
  const answers = () =>
    bus.ping().then(
      () => true,
      () => false,
    );
  while (await answers()) await new Promise((done) => setImmediate(done));
};

test('in memory there is nobody else to wake', async () => {
  const bus = await openBus('memory:', { clock: systemClock, log: silent(), serverId: 'one', storeId: 'store' });
  const ear = listen(bus);
  bus.publish();
  await new Promise((done) => setImmediate(done));
  assert.equal(ear.wakes(), 0);
  await bus.ping();
  await bus.close();
});

describe('RabbitMQ between servers', () => {
  test('each wakes the others and not itself, however many handlers throw or leave', async () => {
    const setting = await rabbit();
    const lines: string[] = [];
    const [left, right] = [await setting.open('left'), await setting.open('right', { log: silent(lines) })];
    right.subscribe(() => {
      throw new Error('a bug');
    });
    const [own, other, gone] = [listen(left), listen(right), listen(right)];
    gone.stop();
    left.publish();
    await other.until(() => other.wakes() > 0);
    right.publish();
    await own.until(() => own.wakes() > 0);
    assert.deepEqual([other.wakes(), gone.wakes(), lines], [1, 0, ['A handler of the event bus threw.']]);
    for (const bus of [left, right, left]) await bus.close();
    left.publish();
  });

  test('a broker that goes away: publish goes on, both sides are woken when it is back, and then it works again', async () => {
    const proxy = await cuttableProxy();
    const setting = await rabbit(proxy.url);
    const [left, right] = [await setting.open('left'), await setting.open('right')];
    const [near, far] = [listen(left), listen(right)];
    proxy.cut();
    await untilCutOff(left);
    left.publish();
    proxy.mend();
    await near.until(() => near.wakes() > 0);
    await far.until(() => far.wakes() > 0);
    await left.ping();
    const before = far.wakes();
    left.publish();
    await far.until(() => far.wakes() > before);
    for (const bus of [left, right]) await bus.close();
    proxy.close();
  });

  test('only the sender is cut off: the others are woken once it is back', async () => {
    const proxy = await cuttableProxy();
    const exchange = newExchange();
    const tools = { clock: systemClock, log: silent(), exchange, storeId: 'store' };
    const cutOff = await openBus(proxy.url, { ...tools, serverId: 'cut-off' });
    const steady = await openBus(await rabbitUrl(), { ...tools, serverId: 'steady' });
    const ear = listen(steady);
    proxy.cut();
    await untilCutOff(cutOff);
    cutOff.publish();
    assert.equal(ear.wakes(), 0);
    proxy.mend();
    await ear.until(() => ear.wakes() > 0);
    await cutOff.close();
    await steady.close();
    proxy.close();
  });

  test('a broker that is not there yet: the server starts, says so, and catches up', async () => {
    const proxy = await cuttableProxy();
    proxy.cut();
    const lines: string[] = [];
    const setting = await rabbit(proxy.url);
    const bus = await setting.open('early', { log: silent(lines) });
    const ear = listen(bus);
    await assert.rejects(bus.ping(), /not connected/);
    assert.ok(lines.some((line) => /cannot be reached/.test(line)));
    proxy.mend();
    await ear.until(() => ear.wakes() === 1);
    await bus.ping();
    await bus.close();
    proxy.close();
  });

  test('two installations on one exchange: both are warned, neither wakes the other, and names keep them apart', async () => {
    const setting = await rabbit();
    const recordWarnings = () => {
      const first = Promise.withResolvers<string>();
      const lines: string[] = [];
      const warn = (line: string) => {
        lines.push(line);
        first.resolve(line);
      };
      const log: Log = { info: () => undefined, error: () => undefined, warn };
      return { log, lines, first: first.promise };
    };
    const [mine, theirs, named] = [recordWarnings(), recordWarnings(), recordWarnings()];
    const one = await setting.open('one', { log: mine.log, storeId: 'mine' });
    const ear = listen(one);
    const two = await setting.open('two', { log: theirs.log, storeId: 'theirs' });
    for (const line of [await mine.first, await theirs.first]) assert.match(line, /server\.installation/);
    const three = await setting.open('three', { log: named.log, storeId: 'third', installation: 'branch' });
    const four = await setting.open('four', { storeId: 'mine' });
    two.publish();
    three.publish();
    four.publish();
    await ear.until(() => ear.wakes() > 0);
    assert.deepEqual([ear.wakes(), mine.lines.length, theirs.lines.length, named.lines.length], [1, 1, 1, 0]);
    for (const bus of [one, two, three, four]) await bus.close();
  });

  test('the queue of a server that was killed expires within a minute', async () => {
    const setting = await rabbit();
    const bus = await setting.open('killed');
    const connection = new Connection(await rabbitUrl());
    const queue = `${exchanges.at(-1)}.killed`;
    const declare = (expires: number) =>
      connection.queueDeclare({
        queue,
        durable: true,
        arguments: { 'x-queue-type': 'quorum', 'x-expires': expires, 'x-max-length': 100, 'x-overflow': 'drop-head' },
      });
    await declare(60_000);
    await assert.rejects(declare(60_001), /PRECONDITION_FAILED/);
    await connection.close();
    await bus.close();
  });
});

test('a URL that names no bus', async () => {
  const opening = openBus('kafka://root:password@host', { clock: systemClock, log: silent(), serverId: 'x', storeId: 'store' });
  await assert.rejects(opening, (error: Error) => {
    assert.match(error.message, /memory: or amqp/);
    assert.doesNotMatch(error.message, /password/);
    return true;
  });
});
