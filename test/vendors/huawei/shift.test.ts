import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrange } from './gateway.ts';

const minute = 60_000;

test('a day of 40 calls, a kick, rotating GUIDs and a gateway restart ends with exactly the recordings that were made', async (context) => {
  const staff = ['291', '292', '293', '294'];
  const { simulator, context: server, pass } = await arrange(context, { agents: staff, switches: { strictGuids: true } });
  const { contactCenter } = simulator;
  await pass(2_000);
  assert.deepEqual([...simulator.sessions.signedIn()].sort(), staff);

  for (let round = 0; round < 10; round += 1) {
    const calls = staff.map((workNo) => ({ workNo, callId: contactCenter.ring(workNo).callId }));
    await pass(2_000, 200);
    for (const { workNo, callId } of calls) contactCenter.talk(workNo, callId);
    await pass(2_000, 200);
    if (round === 3) simulator.kick('292');
    if (round === 6) simulator.restart();
    await pass(130_000, 2_000);
    if (round % 3 === 1) {
      contactCenter.hold('293', calls[2]!.callId);
      await pass(2_000, 200);
      contactCenter.retrieve('293', calls[2]!.callId);
    }
    await pass(2_000, 200);
    for (const { workNo, callId } of calls) contactCenter.release(workNo, callId);
    await pass(3_000, 200);
  }
  await pass(minute, 5_000);

  const made = contactCenter.segments;
  assert.equal(made.length, 40);
  assert.deepEqual([...server.recordings.keys()].sort(), made.map(({ fileName }) => fileName).sort());
  for (const segment of made) {
    const recording = server.recordings.get(segment.fileName)!;
    assert.equal(recording.state, 'STOPPED');
    assert.equal(recording.agent, segment.workNo);
    assert.equal(recording.call, segment.callId);
    assert.equal(recording.startedAt, new Date(segment.beginMs).toISOString());
    assert.equal(recording.endedAt, new Date(segment.endMs!).toISOString());
    assert.equal(recording.durationMs, segment.endMs! - segment.beginMs);
  }
  assert.equal(server.calls.size, 40);
  assert.ok([...server.calls.values()].every(({ state, endedAt }) => state === 'ENDED' && endedAt !== null));
  assert.ok(staff.every((workNo) => server.agents.get(workNo)?.status === 'IDLE' && server.agents.get(workNo)?.activeCall === null));
  assert.equal(simulator.sessions.overlappingPolls(), 0);
  assert.equal(simulator.calls('login'), 4 + 1 + 4);
  assert.deepEqual(server.deadLetters, []);
  const guidsOf = (workNo: string) =>
    new Set(simulator.requests.flatMap((seen) => (seen.workNo === workNo ? (seen.headers.guid ?? []) : [])));
  for (const workNo of staff) assert.ok(guidsOf(workNo).size >= 20, 'at least two rotations a call');
});
