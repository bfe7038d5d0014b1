/** Two servers over one store: one that sends the commands, one that hears the events. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createEvents } from '../../../src/vendors/huawei/events.ts';
import type { Task } from '../../../src/vendors/huawei/tasks.ts';
import { createVendorClock } from '../../../src/vendors/kit/index.ts';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';
import { createVendorContext } from '../../../src/vendors/kit/testing/vendor-context.ts';
import { sharedStores } from '../../storage/stores.ts';

const key = 'tasks:291';
const fileOf = (task: number) => `Y:/6/0/20261121/291/${task}.V3`;
const event = (eventType: string, content: Record<string, unknown>) => ({
  eventType,
  workNo: '291',
  content: { fileMediaType: '1', ...content },
});
const begins = (task: number) => event('AgentMediaEvent_Record', { taskId: task, fileName: fileOf(task), locationId: '1' });
const fails = (task: number) => event('AgentMediaEvent_Record_Fail', { taskId: task, fileName: fileOf(task), locationId: '1' });
const ends = (task: number) => event('AgentMediaEvent_StopRecordDone', { taskId: task, beginTime: 1_000, endTime: 2_000 });
const started = (task: number): Task => ({
  id: String(task),
  recording: String(task),
  temporary: true,
  call: null,
  running: false,
  beginMs: null,
  endMs: null,
});

for (const [engine, createStore] of sharedStores) {
  describe(engine, () => {
    const servers = async (hourAhead = 0) => {
      const { store, open, close, clock } = await createStore();
      const commanding = createVendorContext({ clock, state: store.vendorState('mumbai') });
      const elsewhere = createManualClock(clock.now() + hourAhead * 3_600_000);
      const hearing = createVendorContext({ clock: elsewhere, state: (await open()).vendorState('mumbai') });
      return {
        close,
        hearing,
        state: commanding.state,
        sender: createEvents({ source: 'mumbai', agents: ['291'], context: commanding, clock: createVendorClock(clock) }),
        hearer: createEvents({ source: 'mumbai', agents: ['291'], context: hearing, clock: createVendorClock(elsewhere) }),
        lastContactMs: () => elsewhere.now(),
      };
    };

    test('what a command started and the event that names it are joined, whichever server is first', async () => {
      const { close, hearing, state, sender, hearer, lastContactMs } = await servers();
      for (let task = 1; task <= 20; task += 1) {
        const [answer] = await Promise.all([
          sender.expect('291', started(task), await sender.tasks('291')),
          hearer.receive({ agent: '291', asOfMs: lastContactMs() }, [begins(task), ends(task - 1)]),
        ]);
        const tasks = await sender.tasks('291');
        const own = tasks.filter(({ id }) => id === String(task));
        assert.deepEqual(
          own.map(({ recording, temporary, running }) => [recording, temporary, running]),
          [[fileOf(task), false, true]],
          `task ${task}`,
        );
        const reported = hearing.observations().flatMap((one) => (one.type === 'recording' ? [one.recording] : []));
        const named = reported.find(({ externalId, state }) => externalId === fileOf(task) && state === 'RECORDING');
        assert.equal(named?.formerId ?? fileOf(task), answer.task.recording, 'the answer is of the recording that the event tells of');
        assert.deepEqual(
          tasks.filter(({ id, endMs }) => Number(id) === task - 1 && endMs === null),
          [],
          'an end is not undone',
        );
      }
      assert.ok(await state.get(key));
      await close();
    });

    for (const hours of [-1, 1]) {
      test(`a clock that is ${hours} h off tells neither a failure that overtook from an old task, nor the other way round`, async () => {
        const { close, sender, hearer, lastContactMs } = await servers(hours);
        await hearer.receive({ agent: '291', asOfMs: lastContactMs() }, [begins(7), ends(7)]);
        const before = await sender.tasks('291');
        const another = await sender.expect('291', started(7), before);
        assert.deepEqual([another.known, another.task.temporary], [false, true], 'the gateway counts from the start again');

        const beforeFailure = await sender.tasks('291');
        await hearer.receive({ agent: '291', asOfMs: lastContactMs() }, [fails(8)]);
        const failed = await sender.expect('291', started(8), beforeFailure);
        assert.deepEqual([failed.known, failed.task.endMs !== null], [true, true]);
        await close();
      });
    }

    test('an event of no known shape becomes a dead letter and changes nothing', async () => {
      const { close, hearing, hearer, lastContactMs } = await servers();
      await hearer.receive({ agent: '291', asOfMs: lastContactMs() }, [begins(1)]);
      const before = await hearer.tasks('291');
      await hearer.receive({ agent: '291', asOfMs: lastContactMs() }, [event('AgentMediaEvent_Record', { taskId: {} })]);
      assert.deepEqual([hearing.deadLetters.length, await hearer.tasks('291')], [1, before]);
      await close();
    });
  });
}
