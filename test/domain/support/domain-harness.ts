/** The domain over a real store and a recorder, on a clock that the test moves; it can be killed and started again. */

import { randomUUID } from 'node:crypto';
import type { BlackoutContext } from '../../../src/domain/blackout/context.ts';
import { type ControlSettings, defaultControlSettings } from '../../../src/domain/control/context.ts';
import { createDomain, type Domain } from '../../../src/domain/create-domain.ts';
import type { Blackout, ControlCommand } from '../../../src/domain/model/entities.ts';
import type { LiveEvent } from '../../../src/domain/model/events.ts';
import type { Principal } from '../../../src/domain/model/principal.ts';
import { createLiveState, type LiveState } from '../../../src/domain/observe/live-state.ts';
import type { Clock, Ids } from '../../../src/domain/ports/clock.ts';
import type { Log } from '../../../src/domain/ports/log.ts';
import type { Store } from '../../../src/domain/ports/store.ts';
import type { VendorSource } from '../../../src/domain/ports/vendor.ts';
import { openStore } from '../../../src/storage/index.ts';
import { createManualClock, type ManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';
import { createLocalBus } from '../../support/local-bus.ts';
import { sha256 } from '../../support/sha256.ts';
import { type Commands, commandsOf } from './commands.ts';
import { createRecorder, type Recorder, type RecorderOptions } from './recorder.ts';

export const alice: Principal = { name: 'alice', scopes: new Set(), sources: null, expiresAtMs: null };
export const bob: Principal = { ...alice, name: 'bob' };
export const agent1 = { source: 'hq', identifier: 'ID' as const, value: '1' };

export interface Server {
  control: Commands & Pick<Domain, 'start' | 'stop' | 'idle'>;
  /** Memory of blackouts, by id. */
  held: Pick<BlackoutContext, 'retries' | 'unwrittenStops'>;
  observe: Pick<Domain, 'observe' | 'onOutageEnded'>;
  /** Reduces the vendor's answer about everyone. */
  show(): Promise<void>;
  /** Nothing that this server does from now on has an effect. */
  kill(): void;
}

/** Counts what a server does outside its process, and stops it dead before the n-th deed. */
export interface Fuse {
  deeds: number;
  burnsAt: number;
  dead: boolean;
}

interface LogLine {
  level: 'info' | 'warn' | 'error';
  message: string;
  fields: Readonly<Record<string, unknown>> | undefined;
}

const createListLog = (): Log & { lines: LogLine[] } => {
  const lines: LogLine[] = [];
  const at = (level: LogLine['level']) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    lines.push({ level, message, fields });
  };
  return { lines, info: at('info'), warn: at('warn'), error: at('error') };
};

class Killed extends Error {}

const guard = async <T>(fuse: Fuse, deed: () => Promise<T>): Promise<T> => {
  if (fuse.dead) return new Promise<T>(() => {});
  if (fuse.deeds++ === fuse.burnsAt) {
    fuse.dead = true;
    throw new Killed();
  }
  const result = await deed();
  return fuse.dead ? new Promise<T>(() => {}) : result;
};

const fusedStore = (store: Store, fuse: Fuse): Store => ({
  ...store,
  transaction: (work) => guard(fuse, () => store.transaction(work)),
  leases: {
    acquire: (...args) => (fuse.dead ? new Promise(() => {}) : store.leases.acquire(...args)),
    release: (...args) => guard(fuse, () => store.leases.release(...args)),
  },
});

const fusedSource = (source: VendorSource, fuse: Fuse): VendorSource => {
  const control = Object.fromEntries(
    Object.entries(source.control ?? {}).map(([name, handler]) => [
      name,
      (...args: Parameters<typeof handler>) => guard(fuse, () => handler(...args)),
    ]),
  );
  const { blackouts } = source;
  return {
    ...source,
    control,
    ...(blackouts?.start
      ? {
          blackouts: {
            ...blackouts,
            start: (...args: Parameters<typeof blackouts.start>) => guard(fuse, () => blackouts.start!(...args)),
            stop: (...args: Parameters<typeof blackouts.start>) => guard(fuse, () => blackouts.stop!(...args)),
          },
        }
      : {}),
  };
};

export interface DomainHarness {
  clock: ManualClock;
  store: Store;
  recorder: Recorder;
  server: Server;
  events: LiveEvent[];
  log: ReturnType<typeof createListLog>;
  /** Another server over the same store; `burnsAt` kills it before that deed, `over` comes between it and the store. */
  boot(options?: { burnsAt?: number; start?: boolean; over?: (store: Store) => Store }): Promise<Server & { fuse: Fuse }>;
  /** Sets the servers' clock off from the vendor's, as a clock that jumps. */
  jump(ms: number): void;
  /** Moves the clock until the promise settles. */
  finish<T>(promise: Promise<T>, stepMs?: number): Promise<T>;
  /** Moves time on, with everything that is due done. */
  pass(ms: number): Promise<void>;
  commands(): Promise<readonly ControlCommand[]>;
  blackouts(): Promise<readonly Blackout[]>;
  close(): Promise<void>;
}

export interface DomainHarnessOptions extends Partial<Omit<RecorderOptions, 'clock'>> {
  settings?: Partial<ControlSettings>;
  source?: Partial<VendorSource>;
  storeUrl?: string;
}

export const createDomainHarness = async (options: DomainHarnessOptions = {}): Promise<DomainHarness> => {
  const clock = createManualClock();
  const ids: Ids = { next: () => randomUUID() };
  const store = await openStore(options.storeUrl ?? 'sqlite::memory:', { clock, ids });
  const recorder = createRecorder({ clock, ...options });
  recorder.addAgent('1');
  recorder.addAgent('2');
  const source = { ...recorder.source, ...options.source };
  const log = createListLog();
  const events: LiveEvent[] = [];
  const bus = createLocalBus();
  const servers: (Server & { fuse: Fuse })[] = [];
  const liveStates: LiveState[] = [];

  let skewMs = 0;
  const serverClock: Clock = { ...clock, now: () => clock.now() + skewMs };

  const boot: DomainHarness['boot'] = async ({ burnsAt = -1, start: startsNow = true, over = (same: Store) => same } = {}) => {
    const fuse: Fuse = { deeds: 0, burnsAt, dead: false };
    const ownStore = fusedStore(over(store), fuse);
    const ownSource = fusedSource(source, fuse);
    const liveState = createLiveState();
    await liveState.load(store, ['hq']);
    liveStates.push(liveState);
    const end = bus.open();
    const domain = createDomain({
      store: ownStore,
      bus: {
        ...end,
        subscribe: (handler) =>
          end.subscribe(() => {
            if (!fuse.dead) handler();
          }),
      },
      clock: { ...serverClock, after: (ms: number, callback: () => void) => clock.after(ms, () => fuse.dead || callback()) },
      ids,
      log,
      sources: new Map([['hq', ownSource]]),
      liveState,
      hash: sha256,
      settings: { ...defaultControlSettings, ...options.settings },
      pollEveryMs: null,
      onEvents: (committed) => {
        if (!fuse.dead) events.push(...committed.filter(({ id }) => id > (events.at(-1)?.id ?? 0)));
      },
    });
    const { observe, onOutageEnded, start, stop, idle } = domain;
    const server = {
      control: { ...commandsOf(domain), start, stop, idle },
      held: domain.control,
      observe: { observe, onOutageEnded },
      fuse,
      show: async () => {
        if (fuse.dead) return;
        await observe('hq', {
          observations: recorder.agentSnapshots().flatMap(({ observations }) => observations),
          asOfMs: serverClock.now(),
          complete: true,
        });
      },
      kill: () => {
        fuse.dead = true;
      },
    };
    servers.push(server);
    if (startsNow) await start();
    return server;
  };

  const server = await boot();
  const settle = async () => {
    for (let turn = 0; turn < 8; turn += 1) await clock.advance(0);
  };
  const pass = async (ms: number) => {
    await settle();
    await clock.advance(ms);
    await settle();
  };
  const finish: DomainHarness['finish'] = async (promise, stepMs = 1_000) => {
    let over = false;
    const mark = () => {
      over = true;
    };
    promise.then(mark, mark);
    for (let turn = 0; turn < 200 && !over; turn += 1) {
      await clock.advance(0);
      if (!over) await clock.advance(turn < 3 ? 0 : stepMs);
    }
    if (!over) throw new Error('It did not settle.');
    return promise;
  };
  return {
    clock,
    store,
    recorder,
    server,
    events,
    log,
    boot,
    pass,
    jump: (ms) => {
      skewMs += ms;
      // As the server does that watches its clock.
      if (ms < 0) for (const liveState of liveStates) liveState.clampTo(serverClock.now());
    },
    finish,
    commands: async () => (await store.commands.pages([{ filter: {}, first: 100, after: null }]))[0]!.items,
    blackouts: async () => (await store.blackouts.pages([{ filter: {}, first: 100, after: null }]))[0]!.items,
    close: async () => {
      for (const one of servers) {
        if (!one.fuse.dead) await finish(one.control.stop());
      }
      await store.close();
    },
  };
};
