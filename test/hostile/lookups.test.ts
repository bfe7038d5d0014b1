/** One caller who looks up agents without end keeps no command and no deadline from its place in front of the vendor. */
import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLiveState } from '../../src/domain/observe/live-state.ts';
import type { AgentLookup, VendorSource } from '../../src/domain/ports/vendor.ts';
import { createVendorReadState } from '../../src/domain/read/context.ts';
import { findAgents } from '../../src/domain/read/find-agents.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { inLane } from '../../src/lib/lane.ts';
import { createTurns } from '../../src/lib/turns.ts';
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

test('of one caller who looks up without end eight look-ups are at the vendor, and another caller\u2019s goes first', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 12 }), async (requests, perRequest) => {
      const atVendor: { value: string; answer: () => void }[] = [];
      const source = {
        name: 'hq',
        maxStalenessMs: 0,
        agents: {
          identifiers: ['PHONE'],
          byIdentifiers: (lookups: readonly AgentLookup[]) =>
            Promise.all(lookups.map(({ value }) => new Promise<null>((resolve) => atVendor.push({ value, answer: () => resolve(null) })))),
        },
      } as unknown as VendorSource;
      const shared = {
        clock: systemClock,
        liveState: createLiveState(),
        sources: new Map([['hq', source]]),
        observe: async () => undefined,
        vendorReads: createVendorReadState(),
        sinceMs: undefined,
      };
      const look = (name: string, values: readonly string[]) =>
        findAgents(
          { ...shared, principal: { name } },
          'hq',
          values.map((value) => ({ identifier: 'PHONE' as const, value })),
        );
      const looking = Array.from({ length: requests }, (_, request) =>
        look(
          'reader',
          Array.from({ length: perRequest }, (_, index) => `${request}-${index}`),
        ),
      );
      const other = look('other', ['mine']);
      const turn = () => new Promise((resolve) => setImmediate(resolve));
      await turn();
      let most = atVendor.filter(({ value }) => value !== 'mine').length;
      assert.ok(most <= 8, `${most} look-ups of one caller are at the vendor`);
      atVendor.find(({ value }) => value === 'mine')!.answer();
      assert.deepEqual(await other, [null]);
      let answered = 1;
      for (let rounds = 0; answered < requests * perRequest + 1 && rounds < 2000; rounds += 1) {
        most = Math.max(most, atVendor.length - answered);
        const waiting = atVendor.slice(answered);
        for (const { answer } of atVendor) answer();
        answered += waiting.length;
        await turn();
      }
      assert.ok(most <= 8, `${most} look-ups of one caller are at the vendor`);
      assert.deepEqual((await Promise.all(looking)).flat(), new Array(requests * perRequest).fill(null));
    }),
    { numRuns: 30 },
  );
});

test('more look-ups than may wait are refused at once', async () => {
  const turns = createTurns(64);
  const never = () => new Promise<void>(() => undefined);
  const taken = Array.from({ length: 1000 }, () => turns.run('reader', never));
  assert.equal(taken.filter((turn) => turn !== null).length, 65);
  assert.equal(await turns.run('other', async () => 'at once'), 'at once');
});

test('no vendor is asked for an identifier of more than 1000 characters, which nobody has', async () => {
  const asked: string[] = [];
  const source = {
    name: 'hq',
    maxStalenessMs: 0,
    agents: {
      identifiers: ['ID', 'PHONE'],
      byIdentifiers: async (lookups: readonly AgentLookup[]) => {
        asked.push(...lookups.map(({ value }) => value));
        return lookups.map(() => null);
      },
    },
  } as unknown as VendorSource;
  const context = {
    clock: systemClock,
    liveState: createLiveState(),
    sources: new Map([['hq', source]]),
    observe: async () => undefined,
    vendorReads: createVendorReadState(),
    sinceMs: undefined,
    principal: { name: 'reader' },
  };
  const lookups = (['ID', 'PHONE'] as const).flatMap((identifier) =>
    [1000, 1001, 200_000].map((length) => ({ identifier, value: identifier.padEnd(length, 'x') })),
  );
  assert.deepEqual(await findAgents(context, 'hq', lookups), new Array(6).fill(null));
  assert.deepEqual(
    asked.map(({ length }) => length),
    [1000, 1000],
  );
});
