/** A real vendor module against its simulator, joined to the domain over a real store, on the machine's clock or the test's. */
import type { TestContext } from 'node:test';
import { defaultControlSettings } from '../../../src/domain/control/context.ts';
import { createDomain } from '../../../src/domain/create-domain.ts';
import type { ObservationBatch } from '../../../src/domain/model/observation.ts';
import { knownToVendor } from '../../../src/domain/observe/known-to-vendor.ts';
import { createLiveState, type LiveState } from '../../../src/domain/observe/live-state.ts';
import type { Clock } from '../../../src/domain/ports/clock.ts';
import type { Log } from '../../../src/domain/ports/log.ts';
import type { Store } from '../../../src/domain/ports/store.ts';
import type { VendorSource } from '../../../src/domain/ports/vendor.ts';
import type { VendorContext } from '../../../src/domain/ports/vendor-context.ts';
import { randomIds, systemClock } from '../../../src/lib/clock.ts';
import { openStore } from '../../../src/storage/index.ts';
import { createLocalBus } from '../../support/local-bus.ts';
import { sha256 } from '../../support/sha256.ts';
import { type Commands, commandsOf } from './commands.ts';

export interface Joined {
  store: Store;
  liveState: LiveState;
  control: Commands;
  source: VendorSource;
  observe(batch: ObservationBatch): Promise<void>;
  /** Waits until `check` holds, looking again with every few events; throws with `what` when it never does. */
  until(what: string, check: () => boolean | Promise<boolean>): Promise<void>;
}

const silent: Log = { info: () => {}, warn: () => {}, error: (message, fields) => console.error(message, fields) };
const patienceMs = 8_000;

export const join = async (
  test: TestContext,
  name: string,
  create: (context: VendorContext) => VendorSource,
  { storeUrl = 'sqlite::memory:', clock = systemClock }: { storeUrl?: string | undefined; clock?: Clock } = {},
): Promise<Joined> => {
  const ids = randomIds;
  const store = await openStore(storeUrl, { clock, ids });
  const liveState = createLiveState();
  await liveState.load(store, [name]);
  const sources = new Map<string, VendorSource>();
  const domain = createDomain({
    bus: createLocalBus().open(),
    store,
    clock,
    ids,
    log: silent,
    sources,
    liveState,
    hash: sha256,
    settings: { ...defaultControlSettings, sweepMs: 200 },
    pollEveryMs: null,
  });
  const source = create({
    clock,
    log: silent,
    observe: (batch) => domain.observe(name, batch),
    state: store.vendorState(name),
    deadLetter: async () => {},
    known: knownToVendor(name, { store, liveState }),
    measure: () => {},
    outageEnded: (sinceMs) => domain.onOutageEnded(name, sinceMs),
  });
  sources.set(name, source);
  await domain.start();
  const ending = new AbortController();
  const watching = source.observer?.run(ending.signal);
  test.after(async () => {
    ending.abort();
    await watching;
    await domain.stop();
    domain.eventFeed.close();
    await source.close();
    await store.close();
  });
  return {
    store,
    liveState,
    control: commandsOf(domain),
    source,
    observe: (batch) => domain.observe(name, batch),
    until: async (what, check) => {
      const endMs = Date.now() + patienceMs;
      while (!(await check())) {
        if (Date.now() > endMs) throw new Error(`Waited in vain until ${what}.`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
  };
};
