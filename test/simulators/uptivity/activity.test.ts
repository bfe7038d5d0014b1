import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SimulatedAgent } from '../../../src/simulators/uptivity/index.ts';
import { startUptivitySimulator, uptivityDemo } from '../../../src/simulators/uptivity/index.ts';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';
import { createVendorContext } from '../../../src/vendors/kit/testing/vendor-context.ts';
import { uptivity } from '../../../src/vendors/uptivity/index.ts';
import { startRecorder } from './recorder.ts';

/** Returns the agents as they were after each second of `seconds`. */
const watch = async (seed: number, seconds: number): Promise<SimulatedAgent[][]> => {
  const clock = createManualClock();
  const simulator = await startUptivitySimulator({ clock, seed, agents: 12, activity: true });
  const days: SimulatedAgent[][] = [];
  for (let second = 0; second < seconds; second += 1) {
    days.push(Array.from({ length: 12 }, (_, place) => structuredClone(simulator.agent(place + 1))));
    await clock.advance(1000);
  }
  await simulator.close();
  assert.equal(clock.pending(), 0, 'activity ends with the simulator');
  return days;
};

test('agents take calls, hold, hand over and hang up, the same way for the same seed', async () => {
  const seconds = await watch(7, 240);
  assert.deepEqual(await watch(7, 240), seconds);
  assert.notDeepEqual(await watch(8, 20), seconds.slice(0, 20));

  const changes = seconds.slice(1).filter((agents, place) => JSON.stringify(agents) !== JSON.stringify(seconds[place]));
  assert.ok(changes.length > 60, `something happens every few seconds: ${changes.length} changes in 240 s`);
  const agents = seconds.flat();
  const hadCall = new Map<string, Set<number>>();
  for (const agent of agents) {
    for (const call of agent.ActiveCall ? [agent.ActiveCall, ...agent.InactiveCalls] : agent.InactiveCalls) {
      hadCall.set(call.CallInstance, (hadCall.get(call.CallInstance) ?? new Set()).add(agent.AgentId));
    }
  }
  assert.ok(agents.some(({ ActiveCall }) => ActiveCall === null));
  assert.ok(
    agents.some(({ ActiveCall, InactiveCalls }) => ActiveCall === null && InactiveCalls.length > 0),
    'on hold',
  );
  assert.ok(
    agents.some(({ ActiveCall, InactiveCalls }) => ActiveCall !== null && InactiveCalls.length > 0),
    'a second call',
  );
  assert.ok(
    [...hadCall.values()].some((ids) => ids.size > 1),
    'a call that was handed over',
  );
  for (const { ActiveCall } of agents) {
    if (ActiveCall) assert.deepEqual([ActiveCall.Recordings.length, ActiveCall.ScreenRecordings.length], [1, 1]);
  }
});

test('a call that is handed over is the same call with a new recording', async (t) => {
  const { simulator } = await startRecorder(t, { agents: 2 });
  const [from, to] = [simulator.agent(1), simulator.agent(2)];
  const call = simulator.contactCenter.takeCall(from, 'I');
  const before = call.Recordings[0]!.RecordingIdentifier;
  simulator.contactCenter.hold(from);
  simulator.contactCenter.pickUp(from, to);
  assert.deepEqual([from.ActiveCall, from.InactiveCalls, to.ActiveCall?.CallInstance], [null, [], call.CallInstance]);
  assert.notEqual(to.ActiveCall?.Recordings[0]?.RecordingIdentifier, before);
});

test('the demo gives settings that the vendor takes, and an agent that can be commanded', async (t) => {
  const clock = createManualClock();
  const demo = await uptivityDemo.start({ clock, seed: 3 });
  const source = uptivity.create(uptivity.settings.parse(demo.settings), createVendorContext({ clock }));
  t.after(async () => {
    await source.close();
    await demo.close();
  });
  const signal = new AbortController().signal;
  assert.equal((await source.agents!.list(signal)).length, 12);
  const agent = { externalId: '4' } as Parameters<NonNullable<NonNullable<typeof source.blackouts>['start']>>[0]['agent'];
  assert.deepEqual(await source.blackouts!.start!({ operation: 'START_BLACKOUT', agent }, signal), {});
});
