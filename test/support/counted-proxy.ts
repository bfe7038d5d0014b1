/** A TCP proxy of a database that counts the round trips which follow one another: all that is on its way meanwhile goes together. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { TestContext } from 'node:test';

interface CountedProxy {
  /** The database's URL through this proxy. */
  url: string;
  roundTrips(): number;
}

/** Nothing more is on its way when nothing came for so long. Where the machine is busier than that, more are counted, not fewer. */
const quietMs = 15;

export const openCountedProxy = async (test: TestContext, databaseUrl: string): Promise<CountedProxy> => {
  const target = new URL(databaseUrl);
  let count = 0;
  let timer: NodeJS.Timeout | undefined;
  let held: (() => void)[] = [];
  const pass = () => {
    count += 1;
    for (const send of held.splice(0)) send();
  };
  const server = createServer((near) => {
    const far = connect({ host: target.hostname, port: Number(target.port) || 5432 });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const)
      one.on('error', () => undefined).on('close', () => other.destroy());
    far.pipe(near);
    near.on('data', (chunk) => {
      held.push(() => far.write(chunk));
      clearTimeout(timer);
      timer = setTimeout(pass, quietMs);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => {
    held = [];
    server.close();
  });
  const { port } = server.address() as { port: number };
  return {
    url: Object.assign(new URL(target), { hostname: '127.0.0.1', port: String(port) }).href,
    roundTrips: () => count,
  };
};
