/** When a caller's credential ends, by a clock that may be set meanwhile; and how long a caller waits after a large body. */
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import type { Principal } from '../../src/domain/model/principal.ts';
import { createCallers } from '../../src/http/callers.ts';
import { HttpError, unauthenticated } from '../../src/http/http-error.ts';
import { createSlices } from '../../src/lib/slices.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { createListLog } from '../support/list-log.ts';

const arrange = () => {
  const clock = createManualClock();
  const good = new Set<string>();
  const callers = createCallers({
    authenticate: async (credential) => {
      if (credential === null || !good.has(credential)) throw unauthenticated('The key is not known.');
      return ada(0);
    },
    peers: { peerOf: () => ({ client: '127.0.0.1', loopback: true, foreignPage: false }) as never },
    limits: { requestsPerSecond: 100, socketsPerCaller: 10 },
    clock,
    slices: createSlices(clock),
    onKnown: () => undefined,
    log: createListLog().log,
  });
  return { clock, callers, good };
};
const ada = (expiresAtMs: number): Principal => ({ name: 'ada', scopes: new Set(), sources: null, expiresAtMs });

test('a token that was let in by a clock an hour ahead ends by the right clock', async () => {
  const { clock, callers } = arrange();
  clock.set(3_600_000);
  let ended = 0;
  callers.onExpiry(ada(clock.now() + 10_000), () => (ended += 1));
  clock.set(-3_600_000);
  await clock.advance(3_600_000);
  assert.equal(ended, 0, 'its end is an hour away by the right clock');
  await clock.advance(10_000);
  assert.equal(ended, 1);
});

test('a token ends in time though the clock is set forward, and not where nobody waits any more', async () => {
  const { clock, callers } = arrange();
  let ended = 0;
  callers.onExpiry(ada(clock.now() + 3_600_000), () => (ended += 1));
  const cancel = callers.onExpiry(ada(clock.now() + 3_600_000), () => (ended += 10));
  cancel();
  clock.set(3_590_000);
  await clock.advance(70_000);
  assert.equal(ended, 1);
});

test('a body that costs more than the whole bucket is let in when the bucket is full, and then its caller waits', async () => {
  const { clock, callers } = arrange();
  const [sender, other] = [ada(0), { ...ada(0), name: 'other' }];
  const refusalOf = (work: () => void): string | undefined => {
    try {
      work();
      return undefined;
    } catch (error) {
      assert.ok(error instanceof HttpError);
      assert.deepEqual([error.status, error.code], [429, 'RATE_LIMITED']);
      return error.headers?.['retry-after'];
    }
  };
  /** As one request: 4 KiB beyond the first 16 cost one, and 200 are in the bucket. */
  const send = (principal: Principal, bytes: number) =>
    refusalOf(() => {
      callers.pay(principal);
      callers.reading(principal).pay(bytes);
    });
  const larger = 4096 * 1000;
  assert.equal(send(sender, larger), undefined);
  assert.equal(send(sender, 0), '1', 'nothing is left');
  assert.equal(send(other, larger), undefined, 'another caller has a bucket of their own');
  await clock.advance(1000);
  assert.equal(send(sender, larger), '1', 'another large body waits for a full bucket, of which half is there');
  await clock.advance(1010);
  assert.equal(send(sender, larger), undefined);

  // Bytes that are reported one by one are paid for once.
  await clock.advance(2000);
  callers.pay(sender);
  const reading = callers.reading(sender);
  for (const bytes of [0, 16_384, 20_480, 20_480, larger / 2, larger]) reading.pay(bytes);
  assert.equal(send(sender, 0), '1');
});

test('a header that has proved a caller names them until it is refused itself', async () => {
  const { callers, good } = arrange();
  const request = { headers: { authorization: 'Bearer good' } } as IncomingMessage;
  good.add('good');
  assert.equal(callers.nameOf(request, 'address'), 'address');
  await callers.identify(request);
  assert.equal(callers.nameOf(request, 'address'), 'ada');
  await assert.rejects(callers.identify(request, 'bad'), /not known/);
  assert.equal(callers.nameOf(request, 'address'), 'ada', 'the credential of a connection_init is another');
  good.clear();
  await assert.rejects(callers.identify(request), /not known/);
  assert.equal(callers.nameOf(request, 'address'), 'address');
});
