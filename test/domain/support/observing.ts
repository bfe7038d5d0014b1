/** The real store, live state that reads live state, and the events reported of it. */

import { createHub } from '../../../src/domain/hub.ts';
import type { LiveEvent } from '../../../src/domain/model/events.ts';
import type { Observation } from '../../../src/domain/model/observation.ts';
import { createLiveState } from '../../../src/domain/observe/live-state.ts';
import { createObserve } from '../../../src/domain/observe/observe.ts';
import type { Store } from '../../../src/domain/ports/store.ts';
import { createEventFeed } from '../../../src/domain/stream/event-feed.ts';
import { randomIds } from '../../../src/lib/clock.ts';
import { openStore } from '../../../src/storage/index.ts';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';
import { createListLog } from '../../support/list-log.ts';
import { createLocalBus } from '../../support/local-bus.ts';

export const startObserving = async (change: (store: Store) => Store = (store) => store, clock = createManualClock(), kept?: Store) => {
  const opened = kept ?? (await openStore('sqlite::memory:', { clock, ids: randomIds }));
  const store = change(opened);
  const liveState = createLiveState();
  const reported: LiveEvent[] = [];
  const hub = createHub();
  const { observe, onEvents } = createObserve({
    store,
    clock,
    liveState,
    emit: hub.emit,
    applied: hub.applied,
    takesCommands: () => false,
    awaited: () => [],
    noteJudged: () => undefined,
    onObserved: async () => undefined,
  });
  createEventFeed({
    hub,
    store: opened,
    bus: createLocalBus().open(),
    clock,
    log: createListLog().log,
    startAt: (await opened.events.bounds()).last,
    pollEveryMs: null,
    apply: (events) => {
      liveState.apply(events);
      onEvents(events);
      reported.push(...events);
    },
  });
  return { clock, store: opened, liveState, reported, observe };
};

export const reportedAgent = (agent: string, call: string | null): Observation[] => [
  { type: 'agent', agent: { externalId: agent, status: call === null ? 'IDLE' : 'ON_CALL', activeCall: call, inactiveCalls: [] } },
  ...(call === null ? [] : ([{ type: 'call', call: { externalId: call, state: 'ACTIVE', agents: [agent] } }] satisfies Observation[])),
  { type: 'liveness', agent, calls: call === null ? [] : [call], recordings: [] },
];
