/** Requests are signed by the time that is right now, whatever the clock was when the server started. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentsOf, never, startTencent } from './fixture.ts';

const hour = 3_600_000;

test('a server that started an hour ahead signs right by the vendor’s Date, and by its own clock once that is set right', async (t) => {
  const { simulator, source, clock } = await startTencent(t, { simulator: { agents: agentsOf(1) }, aheadMs: -hour });
  await source.agents!.list(never).catch(() => undefined);
  assert.equal((await source.agents!.list(never)).length, 1, 'signed by the vendor’s clock');
  clock.set(-hour);
  // From now on the simulator is another hour behind, as seen from here: the next Dates say so.
  await clock.advance(20_000);
  await source.agents!.list(never).catch(() => undefined);
  assert.equal((await source.agents!.list(never)).length, 1);
  assert.ok(simulator.api.callsMade('DescribeStaffInfoList') > 0);
});
