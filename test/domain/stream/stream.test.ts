/** Snapshot, then tail: nothing lost, nothing doubled, nothing taken back, however commits, notices and readers interleave. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createHub } from '../../../src/domain/hub.ts';
import { emptyAgent } from '../../../src/domain/model/empty-rows.ts';
import type { Agent } from '../../../src/domain/model/entities.ts';
import { encodeBase64Url } from '../../../src/domain/model/ids.ts';
import { createLiveState } from '../../../src/domain/observe/live-state.ts';
import type { Bus } from '../../../src/domain/ports/bus.ts';
import type { Store } from '../../../src/domain/ports/store.ts';
import { createEventFeed } from '../../../src/domain/stream/event-feed.ts';
import { requirePosition, type StreamEvent, streamOf } from '../../../src/domain/stream/snapshot-then-events.ts';
import { randomIds } from '../../../src/lib/clock.ts';
import { openStore } from '../../../src/storage/index.ts';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';
import { createListLog } from '../../support/list-log.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const at = '2026-01-05T09:00:00.000Z';

/** A server over a real store, whose notices the test carries itself: late, lost and in any order. */
const createServer = async (store: Store) => {
  const clock = createManualClock();
  const { log, lines } = createListLog();
  const liveState = createLiveState();
  await liveState.load(store, ['hq']);
  let wake = () => {};
  const bus: Bus = {
    publish: () => undefined,
    subscribe: (handler) => {
      wake = handler;
      return () => {};
    },
    ping: async () => undefined,
    close: async () => undefined,
  };
  const hub = createHub();
  const eventFeed = createEventFeed({
    store,
    bus,
    hub,
    clock,
    log,
    apply: liveState.apply,
    startAt: liveState.position(),
    pollEveryMs: null,
  });
  const open = (after: string | null = null, matches: (agent: Agent) => boolean = () => true) => {
    const controller = new AbortController();
    const seen: StreamEvent<'agent'>[] = [];
    const stream = streamOf(
      { clock, store, liveState, eventFeed },
      { entityType: 'agent', after, prepare: async () => undefined, snapshot: () => liveState.agentsOf('hq').filter(matches), matches },
      controller.signal,
    );
    const done = (async () => {
      for await (const event of stream) seen.push(event);
    })();
    return { seen, done, close: () => controller.abort() };
  };
  return { clock, lines, liveState, eventFeed, hub, open, wake: () => wake() };
};

const commit = async (store: Store, key: string, version: number): Promise<void> => {
  const state: Agent = { ...emptyAgent({ source: 'hq', externalId: key }), name: String(version), status: 'IDLE' };
  return store.transaction(async (operations) => {
    await operations.agents.put([state]);
    return operations.events.append([{ at, entityType: 'agent', source: 'hq', key, previous: null, warning: null, state }]);
  });
};

type Step = { do: 'commit'; key: string; own: boolean } | { do: 'wake' } | { do: 'open' } | { do: 'turn' };

const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({ do: fc.constant('commit' as const), key: fc.constantFrom('1', '2'), own: fc.boolean() }),
    fc.record({ do: fc.constant('commit' as const), key: fc.constantFrom('1', '2'), own: fc.boolean() }),
    fc.constant({ do: 'wake' as const }),
    fc.constant({ do: 'open' as const }),
    fc.constant({ do: 'turn' as const }),
  ),
  { maxLength: 24 },
);

describe('a stream', () => {
  it('ends with what is, tells each row forwards only, and each event at most once, under random interleavings', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const store = await openStore('sqlite::memory:', { clock: createManualClock(), ids: randomIds });
        const server = await createServer(store);
        const streams = [server.open()];
        let version = 0;
        for (const step of script) {
          if (step.do === 'commit') {
            version += 1;
            await commit(store, step.key, version);
            if (step.own) {
              server.hub.emit();
              await server.hub.applied();
              assert.equal(
                server.liveState.agent({ source: 'hq', externalId: step.key })?.name,
                String(version),
                'what is emitted is applied',
              );
            }
          } else if (step.do === 'wake') server.wake();
          else if (step.do === 'open') streams.push(server.open());
          else await turn();
        }
        server.wake();
        const { last } = await store.events.bounds();
        for (let wait = 0; wait < 200 && server.eventFeed.position() < last; wait += 1) await turn();
        for (let wait = 0; wait < 5; wait += 1) await turn();
        assert.equal(server.eventFeed.position(), last);
        for (const { seen, close, done } of streams) {
          close();
          await done;
          const final = new Map<string, number>();
          const ids = seen.filter(({ snapshot }) => !snapshot).map(({ position }) => Number(position));
          assert.deepEqual(
            ids,
            [...new Set(ids)].sort((a, b) => a - b),
            'events in order, once each',
          );
          for (const { row } of seen) {
            const newer = Number(row.name);
            assert.ok(newer >= (final.get(row.externalId) ?? 0), `agent ${row.externalId} went back to ${newer}`);
            final.set(row.externalId, newer);
          }
          for (const agent of server.liveState.agentsOf('hq'))
            assert.equal(final.get(agent.externalId), Number(agent.name), 'the last state was reported');
        }
        server.eventFeed.close();
        await store.close();
      }),
      { numRuns: 120 },
    );
  });

  it('that resumes gets every event behind the one it names, and no snapshot', async () => {
    const store = await openStore('sqlite::memory:', { clock: createManualClock(), ids: randomIds });
    const server = await createServer(store);
    for (let version = 1; version <= 1200; version += 1) await commit(store, String(version % 7), version);
    await server.eventFeed.catchUp();
    const late = await createServer(store);
    for (const one of [server, late]) {
      const { seen, close, done } = one.open('3');
      for (let wait = 0; wait < 50 && seen.length < 1197; wait += 1) await turn();
      close();
      await done;
      assert.deepEqual(
        seen.map(({ position }) => Number(position)),
        Array.from({ length: 1197 }, (_, index) => index + 4),
      );
      assert.ok(seen.every(({ snapshot, gap }) => !snapshot && !gap));
    }
    await store.close();
  });

  it('that names an event that is trimmed, or was never given out, opens anew and says so on its first event', async () => {
    const store = await openStore('sqlite::memory:', { clock: createManualClock(), ids: randomIds });
    const server = await createServer(store);
    for (let version = 1; version <= 10; version += 1) await commit(store, String(version % 2), version);
    await server.eventFeed.catchUp();
    await store.events.trim('2000-01-01T00:00:00.000Z', 4);
    for (const after of ['2', '99']) {
      const { seen, close, done } = server.open(after);
      for (let wait = 0; wait < 10; wait += 1) await turn();
      close();
      await done;
      assert.deepEqual(
        seen.map(({ snapshot, gap }) => [snapshot, gap]),
        [
          [true, true],
          [true, false],
        ],
        `after ${after}`,
      );
    }
    const empty = server.open('2', () => false);
    for (let wait = 0; wait < 5; wait += 1) await turn();
    empty.close();
    await empty.done;
    assert.deepEqual(empty.seen, []);
    await store.close();
  });

  it('survives a log that cannot be read for a while, without another event', async () => {
    const store = await openStore('sqlite::memory:', { clock: createManualClock(), ids: randomIds });
    let broken = true;
    const flaky: Store = {
      ...store,
      events: { ...store.events, after: (...args) => (broken ? Promise.reject(new Error('gone')) : store.events.after(...args)) },
    };
    const server = await createServer(flaky);
    await commit(store, '1', 1);
    const stream = server.open();
    await commit(store, '1', 2);
    server.wake();
    for (let wait = 0; wait < 5; wait += 1) await turn();
    assert.equal(server.eventFeed.position(), 0);
    assert.equal(server.lines[0]!.level, 'warn');
    broken = false;
    await server.clock.advance(1000);
    assert.equal(server.eventFeed.position(), 2);
    stream.close();
    await stream.done;
    assert.deepEqual(
      stream.seen.map(({ row }) => row.name),
      ['1', '2'],
    );
    await store.close();
  });
});

it('positions and event ids are read, and nothing else', () => {
  assert.deepEqual([null, undefined, '0', '42', encodeBase64Url('42:agent:hq:7'), encodeBase64Url('42s:agent:hq:7')].map(requirePosition), [
    null,
    null,
    0,
    42,
    42,
    42,
  ]);
  for (const wrong of ['', '-1', '1.5', '0x1', 'last', '9'.repeat(16), ' 1', encodeBase64Url('42'), encodeBase64Url('Agent:hq:7')]) {
    assert.throws(() => requirePosition(wrong), {
      code: 'INVALID_INPUT',
      message: /after is neither the position nor the id of an event/,
    });
  }
});
