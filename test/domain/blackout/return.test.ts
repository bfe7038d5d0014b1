/** However long a vendor was away at a deadline, the blackout ends within ten seconds of its return, and says meanwhile that it does not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { agent1, alice, createDomainHarness } from '../support/domain-harness.ts';
import type { Fault } from '../support/recorder.ts';

const awaySeconds = [3, 48];
const faults = ['down', 'refused', 'unconnected', 'lost'] as const satisfies Fault[];
const commandDeadlineMs = 4_000;

describe('a stop that does not land', () => {
  for (const support of ['NATIVE', 'EMULATED'] as const) {
    for (const fault of faults) {
      it(`of an ${support} blackout lands within ten seconds of the vendor's return, ${fault} until then`, async (context) => {
        for (const seconds of awaySeconds) {
          const one = await createDomainHarness({ support, settings: { commandDeadlineMs } });
          context.after(() => one.close());
          const { recorder, server, clock } = one;
          const row = async () => (await one.blackouts())[0]!;
          const watch = async (ms: number) => {
            await one.pass(ms);
            await server.show();
            await one.pass(0);
          };
          recorder.call('1', 'call-1');
          recorder.record('1');
          await server.show();
          await one.finish(server.control.startBlackout({ agent: agent1, maxDuration: 5_000 }, alice, 'c'));
          await server.show();
          recorder.break(fault);
          await watch(5_000);
          for (let second = 0; second < seconds; second += 3) await watch(3_000);
          const away = await row();
          assert.equal(away.state, 'STOPPING');
          const warned = away.warnings.some(({ warning }) => warning === 'STOP_FAILING');
          assert.ok(warned || (fault === 'lost' && seconds * 1_000 < commandDeadlineMs));
          recorder.break(null);
          // A command that is on its way still is given up first.
          const untilMs = clock.now() + 10_000 + (fault === 'lost' ? commandDeadlineMs : 0);
          while ((await row()).state !== 'ENDED' && clock.now() < untilMs) await watch(500);
          assert.equal((await row()).state, 'ENDED', `after ${seconds} s`);
        }
      });
    }
  }
});
