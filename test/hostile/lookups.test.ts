/** One caller who looks up agents without end keeps no command and no deadline from its place in front of the vendor. */
import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { systemClock } from '../../src/clock.ts';
import { inLane } from '../../src/lib/lane.ts';
import { createVendorApi, type VendorRequest } from '../../src/vendors/kit/index.ts';
import { until } from '../support/socket-client.ts';

test('commands, the reads that they need, and what is sent at a deadline are at the vendor while look-ups fill every place', async (t) => {
  const held: ServerResponse[] = [];
  let arrived: string[] = [];
  const server = createServer((request, response) => {
    arrived.push(request.url!);
    if (request.url === '/lookup') held.push(response);
    else response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const lookup: VendorRequest = { operation: 'Look', path: '/lookup' };
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 400 }), async (maxConcurrency, more) => {
      const api = createVendorApi(
        { source: 'hq', baseUrl, timeoutMs: 20_000, maxConcurrency, circuit: { failures: 1000, resetSeconds: 1 } },
        { clock: systemClock, measure: () => undefined },
      );
      arrived = [];
      const looking = Array.from({ length: maxConcurrency + more }, () => api.request(lookup).catch((error: { code: string }) => error));
      await until(() => arrived.length === maxConcurrency, 'look-ups take every place of theirs');
      const answers = await Promise.all([
        api.request({ operation: 'Start', method: 'POST', path: '/start' }),
        inLane('command', () => api.request({ operation: 'Bearers', path: '/bearers' })),
        inLane('deadline', () => api.request({ operation: 'State', path: '/state' })),
        inLane('deadline', () => api.request({ operation: 'Stop', method: 'POST', path: '/stop' })),
        api.request({ operation: 'Stop', method: 'POST', path: '/stop', atDeadline: true }),
      ]);
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200, 200, 200, 200],
      );
      assert.equal(arrived.filter((path) => path === '/lookup').length, maxConcurrency, 'no look-up was let in meanwhile');
      await api.close();
      await Promise.all(looking);
      held.length = 0;
    }),
    { numRuns: 10 },
  );
});
