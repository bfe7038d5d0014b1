import assert from 'node:assert/strict';
import { after, describe, it, test } from 'node:test';
import { defaultControlSettings } from '../../../src/domain/control/context.ts';
import { epochMs } from '../../../src/domain/model/instant.ts';
import { agent1, alice, createDomainHarness, type DomainHarness } from '../support/domain-harness.ts';

const made: DomainHarness[] = [];
after(async () => {
  for (const one of made) await one.close();
});

const { leaseMs } = defaultControlSettings;

/** The same command sent twice by different servers lies at least a lease apart. */
const assertNoneTwiceWithinALease = (one: DomainHarness) => {
  const last = new Map<string, number>();
  for (const { operation, atMs } of one.recorder.received) {
    const before = last.get(operation);
    if (before !== undefined) assert.ok(atMs - before >= leaseMs, `${operation} was sent again after ${atMs - before} ms`);
    last.set(operation, atMs);
  }
};

const prepared = async (support: 'NATIVE' | 'EMULATED') => {
  const one = await createDomainHarness({ support, reads: false });
  made.push(one);
  one.recorder.call('1', 'call-1');
  one.recorder.record('1');
  await one.server.show();
  return one;
};

/** Lets time pass; every second the server that lives observes the vendor. */
const live = async (one: DomainHarness, server: { show(): Promise<void> }, seconds: number) => {
  for (let second = 0; second < seconds; second += 1) {
    await one.pass(1_000);
    await server.show();
  }
  await one.pass(1);
};

/** Lets a doomed server do what it can. */
const doomed = async (one: DomainHarness, work: Promise<unknown>) => {
  work.catch(() => undefined);
  await one.pass(0);
};

/** How many deeds (commits, vendor commands, releases) the whole of it takes: there is a test for the gap before each, and one for none. */
const deedsOf = { NATIVE: { start: 4, stop: 4, deadline: 4 }, EMULATED: { start: 5, stop: 5, deadline: 5 } } as const;

for (const support of ['NATIVE', 'EMULATED'] as const) {
  test('a step that is due is tried twice a lease while another server holds the agent, and no more', async (context) => {
    const one = await createDomainHarness();
    context.after(() => one.close());
    one.server.kill();
    let tries = 0;
    const { control, show } = await one.boot({
      over: (store) => ({
        ...store,
        leases: {
          ...store.leases,
          acquire: (...lease) => {
            tries += 1;
            return store.leases.acquire(...lease);
          },
        },
      }),
    });
    one.recorder.call('1', 'call-1');
    one.recorder.record('1');
    await show();
    await one.finish(control.startBlackout({ agent: agent1, maxDuration: 10_000 }, alice, 'c'));
    await one.pass(9_000);
    assert.equal(await one.store.leases.acquire('blackout:hq:1', 'another', 2 * leaseMs), true);
    tries = 0;
    for (let passedMs = 0; passedMs < 2 * leaseMs; passedMs += 100) await one.pass(100);
    assert.ok(tries >= 3 && tries <= 6, `${tries} tries`);
    await one.pass(leaseMs);
    const [row] = await one.blackouts();
    assert.deepEqual([row!.state, row!.endedBy, one.recorder.isMasked('1')], ['ENDED', 'DEADLINE', false]);
  });

  describe(`a server killed during an ${support} blackout`, () => {
    for (let deed = 0; deed <= deedsOf[support].start; deed += 1) {
      it(`before deed ${deed} of the start leaves the agent masked, or never requested it`, async () => {
        const one = await prepared(support);
        one.server.kill();
        const dying = await one.boot({ burnsAt: deed, start: false });
        await doomed(one, dying.control.startBlackout({ agent: agent1, maxDuration: 40_000, idempotencyKey: 'k' }, alice, 'c'));
        assert.equal(dying.fuse.dead, deed < deedsOf[support].start);
        dying.kill();
        const next = await one.boot();
        await live(one, next, 10);
        const [row] = await one.blackouts();
        if (row) {
          assert.equal(row.state, 'ACTIVE');
          assert.ok(one.recorder.isMasked('1'), 'masked where the row says so');
          if (support === 'EMULATED') assert.equal(row.confirmation, 'CONFIRMED');
          const again = await next.control.startBlackout({ agent: agent1, maxDuration: 40_000, idempotencyKey: 'k' }, alice, 'c2');
          assert.equal(again.replayed, true);
          assert.equal(again.blackout.id, row.id);
        } else {
          assert.equal(one.recorder.isMasked('1'), false, 'nothing was sent before it was written down');
        }
        assertNoneTwiceWithinALease(one);
        await live(one, next, 50);
        assert.equal(one.recorder.isMasked('1'), false, 'and it ends at its deadline');
        assert.ok((await one.blackouts()).every(({ state }) => state === 'ENDED'));
        assert.ok((await one.commands()).every(({ completedAt }) => completedAt !== null));
      });
    }

    for (let deed = 0; deed <= deedsOf[support].stop; deed += 1) {
      it(`before deed ${deed} of the stop leaves it stopped, or never requested it`, async () => {
        const one = await prepared(support);
        await one.server.control.startBlackout({ agent: agent1 }, alice, 'c');
        await live(one, one.server, 2);
        one.server.kill();
        const dying = await one.boot({ burnsAt: deed, start: false });
        await doomed(one, dying.control.stopBlackout({ agent: agent1, idempotencyKey: 'k' }, alice, 'c'));
        assert.equal(dying.fuse.dead, deed < deedsOf[support].stop);
        dying.kill();
        const next = await one.boot();
        await live(one, next, 12);
        const [row] = await one.blackouts();
        const hasStop = (await one.commands()).some(({ operation }) => operation === 'STOP_BLACKOUT');
        assert.equal(row!.state, hasStop ? 'ENDED' : 'ACTIVE');
        assert.equal(one.recorder.isMasked('1'), !hasStop);
        assertNoneTwiceWithinALease(one);
        await live(one, next, 60);
        assert.equal(one.recorder.isMasked('1'), false);
        assert.equal((await one.blackouts())[0]!.endedBy, hasStop ? 'OPERATOR' : 'DEADLINE');
        assert.ok((await one.commands()).every(({ completedAt }) => completedAt !== null));
      });
    }

    for (let deed = 0; deed <= deedsOf[support].deadline; deed += 1) {
      it(`before deed ${deed} after the deadline leaves it stopped within a lease`, async () => {
        const one = await prepared(support);
        const { blackout } = await one.server.control.startBlackout({ agent: agent1, maxDuration: 20_000 }, alice, 'c');
        await live(one, one.server, 12);
        one.server.kill();
        const dying = await one.boot({ start: false });
        await one.clock.advance(epochMs(blackout.deadline) - one.clock.now());
        dying.fuse.burnsAt = dying.fuse.deeds + deed;
        await doomed(one, dying.control.start());
        assert.equal(dying.fuse.dead, deed < deedsOf[support].deadline);
        dying.kill();
        const next = await one.boot();
        await live(one, next, 2 * (leaseMs / 1_000));
        const [row] = await one.blackouts();
        assert.deepEqual([row!.state, row!.endedBy], ['ENDED', 'DEADLINE']);
        assert.equal(one.recorder.isMasked('1'), false);
        assertNoneTwiceWithinALease(one);
      });
    }
  });
}
