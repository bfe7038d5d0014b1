/** Starts a simulated gateway and a source that speaks to it, on a clock that the test moves. */
import type { TestContext } from 'node:test';
import { emptyAgent } from '../../../src/domain/model/empty-rows.ts';
import type { Agent } from '../../../src/domain/model/entities.ts';
import type { VendorSource } from '../../../src/domain/ports/vendor.ts';
import type { VendorContext } from '../../../src/domain/ports/vendor-context.ts';
import { type HuaweiSimulator, type HuaweiSwitches, startHuaweiSimulator } from '../../../src/simulators/huawei/index.ts';
import { huawei } from '../../../src/vendors/huawei/index.ts';
import { createManualClock, type ManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';
import { createObservingContext, type ObservingContext } from '../../support/observing-context.ts';

export interface Setting {
  clock: ManualClock;
  simulator: HuaweiSimulator;
  context: ObservingContext;
  source: VendorSource;
  /** Starts the observer; ends by itself after the test. */
  watch(): void;
  /** Moves time on in steps of `stepMs`, letting every answer that is on its way arrive in between. */
  pass(ms: number, stepMs?: number): Promise<void>;
  settle(): Promise<void>;
  /** Waits for `work` while time moves on. */
  during<T>(work: Promise<T>, ms?: number): Promise<T>;
  agent(workNo: string): Agent;
}

export interface SettingOptions {
  agents?: readonly string[];
  switches?: Partial<HuaweiSwitches>;
  settings?: Record<string, unknown>;
  overrides?: Partial<VendorContext>;
  watch?: boolean;
  /** By how much the gateway's clock is ahead of the server's. */
  gatewayAheadMs?: number;
  tls?: { key: string; cert: string };
}

export const never = new AbortController().signal;

export const blankAgent = (workNo: string): Agent => emptyAgent({ source: 'mumbai', externalId: workNo });

/** Turns of the event loop without a new request before the gateway and its client count as quiet. */
const quietTurns = 15;

export const settleWith = async (simulator: HuaweiSimulator, clock: ManualClock): Promise<void> => {
  let quiet = 0;
  let before = '';
  while (quiet < quietTurns) {
    await new Promise((resolve) => setImmediate(resolve));
    const now = `${simulator.requests.length} ${simulator.busy()} ${simulator.sessions.held()} ${clock.pending()}`;
    quiet = now === before ? quiet + 1 : 0;
    before = now;
  }
};

export const settingsFor = (url: string, agents: readonly string[], more: Record<string, unknown> = {}) =>
  huawei.settings.parse({
    name: 'mumbai',
    vendor: 'huawei',
    baseUrl: url,
    circuit: { failures: 1000 },
    signIn: { status: 'READY', queues: 'all', autoAnswer: true },
    agents: agents.map((id) => ({ id, password: `secret-${id}`, phone: `4${id}` })),
    ...more,
  });

export const arrange = async (test: TestContext, options: SettingOptions = {}): Promise<Setting> => {
  const clock = createManualClock();
  const agents = options.agents ?? ['291'];
  const ahead = options.gatewayAheadMs ?? 0;
  const simulator = await startHuaweiSimulator({
    clock: { ...clock, now: () => clock.now() + ahead },
    ...(options.switches ? { switches: options.switches } : {}),
    ...(options.tls ? { tls: options.tls } : {}),
  });
  for (const workNo of agents) simulator.contactCenter.addAgent({ workNo, password: `secret-${workNo}` });
  const context = createObservingContext('mumbai', { clock, ...options.overrides });
  const source = huawei.create(settingsFor(simulator.url, agents, options.settings), context);
  const stop = new AbortController();
  let watched: Promise<void> = Promise.resolve();
  test.after(async () => {
    stop.abort();
    await watched;
    await source.close();
    await simulator.close();
  });
  const settle = () => settleWith(simulator, clock);
  const pass = async (ms: number, stepMs = 100) => {
    for (let left = ms; left > 0; left -= stepMs) {
      await clock.advance(Math.min(stepMs, left));
      await settle();
    }
  };
  const watch = () => {
    watched = source.observer!.run(stop.signal);
  };
  if (options.watch !== false) {
    watch();
    await settle();
  }
  return {
    clock,
    simulator,
    context,
    source,
    watch,
    pass,
    settle,
    during: async (work, ms = 10_000) => {
      let done = false;
      const ended = work.then(
        () => undefined,
        () => undefined,
      );
      void ended.then(() => {
        done = true;
      });
      for (let left = ms; left > 0 && !done; left -= 50) {
        await settle();
        if (!done) await clock.advance(50);
      }
      return work;
    },
    agent: (workNo) => context.agents.get(workNo) ?? blankAgent(workNo),
  };
};
