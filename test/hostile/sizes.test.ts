/** Tests that a request larger than most is paid for like several, so that nobody keeps the server reading. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRateLimit } from '../../src/http/rate.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { startServer } from '../support/graphql-server.ts';

test('no caller gets more out of a bucket than it holds, whatever each request costs', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 200 }), (perSecond, costs) => {
      const rate = createRateLimit(perSecond, createManualClock());
      const paid = costs.filter((cost) => rate.take('reader', cost) === 0).map((cost) => Math.min(cost, perSecond * 2));
      assert.ok(paid.reduce((sum, cost) => sum + cost, 0) <= perSecond * 2);
      assert.equal(rate.take('other', 500), 0, 'another caller has a bucket of its own');
    }),
  );
});

test('large documents are bounded in number, small ones are not kept back by their size', async (t) => {
  const limits = { requestsPerSecond: 50, bodyBytes: 262_144 };
  const answered = async (bytes: number) => {
    const server = await startServer({ limits });
    t.after(server.close);
    const query = `{ __typename } # ${'x'.repeat(bytes)}`;
    const statuses = await Promise.all(Array.from({ length: 30 }, () => server.ask({ query }).then(({ status }) => status)));
    return { ok: statuses.filter((status) => status === 200).length, refused: statuses.filter((status) => status === 429).length };
  };
  assert.deepEqual(await answered(10_000), { ok: 30, refused: 0 });
  const large = await answered(250_000);
  assert.equal(large.ok + large.refused, 30);
  assert.ok(large.ok >= 1 && large.ok <= 3, `${large.ok} of 250 kB were read`);
});
