/** When a caller's credential ends, by a clock that may be set meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../../src/domain/model/principal.ts';
import { createCallers } from '../../src/http/callers.ts';
import { createSlices } from '../../src/lib/slices.ts';
import { createManualClock } from '../../src/vendors/kit/testing/manual-clock.ts';
import { createListLog } from '../support/list-log.ts';

const arrange = () => {
  const clock = createManualClock();
  const callers = createCallers({
    authenticate: (async () => ada(0)) as unknown as Parameters<typeof createCallers>[0]['authenticate'],
    peers: { peerOf: () => ({ client: '127.0.0.1', loopback: true, foreignPage: false }) as never },
    limits: { requestsPerSecond: 100, socketsPerCaller: 10 },
    clock,
    slices: createSlices(clock),
    onKnown: () => undefined,
    log: createListLog().log,
  });
  return { clock, callers };
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
