/** Tests what was maskable between a stop that the vendor did not answer and the start that called it off. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../../../src/domain/model/instant.ts';
import { agent1, alice, createDomainHarness } from '../support/domain-harness.ts';

test('a native blackout that is started over tells what its stop may have let through', async (context) => {
  const one = await createDomainHarness({ settings: { commandDeadlineMs: 1_000 } });
  context.after(() => one.close());
  const { server, recorder, clock } = one;
  recorder.call('1', 'call-1');
  recorder.record('1');
  await server.show();
  await server.control.startBlackout({ agent: agent1, maxDuration: 50_000 }, alice, 'c');
  await clock.advance(2_000);
  recorder.faults.push('deaf', 'down', 'down', 'down', 'down');
  const stopMs = clock.now();
  await one.finish(server.control.stopBlackout({ agent: agent1 }, alice, 'c'));
  assert.equal(recorder.isMasked('1'), false, 'the stop has landed');
  await one.pass(1_500);
  recorder.faults.length = 0;
  const { blackout } = await one.finish(server.control.startBlackout({ agent: agent1 }, alice, 'c'));
  const againMs = clock.now();
  assert.equal(blackout.state, 'ACTIVE');
  const [row] = await one.blackouts();
  assert.deepEqual(row!.exposures, [{ recording: 'rec-1', startsAt: instant(stopMs), endsAt: instant(againMs) }]);
  assert.ok(row!.warnings.some(({ warning }) => warning === 'EXPOSED'));
});

test('a start that was given up exposes nothing once it is over', async (context) => {
  const one = await createDomainHarness({ support: 'EMULATED', reads: false, settings: { commandDeadlineMs: 1_000 } });
  context.after(() => one.close());
  const { server, recorder } = one;
  recorder.call('1', 'call-1');
  recorder.record('1');
  await server.show();
  recorder.break('lost');
  await assert.rejects(one.finish(server.control.startBlackout({ agent: agent1 }, alice, 'c')));
  recorder.break(null);
  await one.pass(20_000);
  await server.show();
  const [row] = await one.blackouts();
  assert.deepEqual([row!.state, row!.exposures], ['FAILED', []]);
});

test('what the platform recorded while nobody ran is reported, also of a blackout that was being stopped then', async (context) => {
  const one = await createDomainHarness({ support: 'EMULATED', reads: false });
  context.after(() => one.close());
  const { server, recorder, clock } = one;
  recorder.call('1', 'call-1');
  recorder.record('1');
  await server.show();
  await server.control.startBlackout({ agent: agent1 }, alice, 'c');
  await server.show();
  recorder.failNext('START_RECORDING', 'refused', 'refused');
  const stopped = await server.control.stopBlackout({ agent: agent1 }, alice, 'c');
  assert.equal(stopped.blackout.state, 'STOPPING');
  server.kill();
  await clock.advance(500);
  const fromMs = clock.now();
  const tape = recorder.record('1');
  await clock.advance(2_000);
  recorder.stopTape(tape);
  const toMs = clock.now();
  await clock.advance(500);
  const next = await one.boot({ start: false });
  const ended = { externalId: tape.id, kind: 'AUDIO' as const, agent: '1', call: 'call-1', state: 'STOPPED' as const };
  const times = { startedAt: instant(fromMs), endedAt: instant(toMs) };
  await next.observe.observe('hq', { observations: [{ type: 'recording', recording: { ...ended, ...times } }], asOfMs: clock.now() });
  await next.control.startBlackout({ agent: agent1 }, alice, 'c');
  await next.show();
  const [row] = await one.blackouts();
  assert.equal(row!.state, 'ACTIVE');
  assert.deepEqual(
    row!.exposures.filter(({ recording }) => recording === tape.id),
    [{ recording: tape.id, startsAt: instant(fromMs), endsAt: instant(toMs) }],
  );
});
