import type { TestContext } from 'node:test';
import { type MiralixSimulatorOptions, type SimulatedAgent, startMiralixSimulator } from '../../../src/simulators/miralix/index.ts';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';
import { createVendorContext } from '../../../src/vendors/kit/testing/vendor-context.ts';
import { miralix } from '../../../src/vendors/miralix/index.ts';

export const simulatedAgent = (id: number, fields: Partial<SimulatedAgent> = {}): SimulatedAgent => ({
  id,
  forename: 'Agent',
  surname: String(id),
  email: `agent${id}@company.local`,
  sipUri: `sip:lp${id}@company.local`,
  syncId: `f4fd9e5f-017d-4350-adf8-${String(id).padStart(12, '0')}`,
  phone: `+4583${String(id).padStart(6, '0')}`,
  userId: 9000 + id,
  department: 'Support',
  tags: [],
  queues: [301],
  loggedIn: true,
  ...fields,
});

/** A simulated server with `agents` agents in queue 301, and a source that speaks to it on a clock that stands still. */
export const startMiralix = async (
  test: TestContext,
  options: {
    agents?: number;
    simulator?: Partial<MiralixSimulatorOptions>;
    settings?: Record<string, unknown>;
    /** By how much the vendor's clock is ahead of the server's. */
    aheadMs?: number;
  } = {},
) => {
  const clock = createManualClock();
  const simulator = await startMiralixSimulator({
    clock: { ...clock, now: () => clock.now() + (options.aheadMs ?? 0) },
    ...options.simulator,
  });
  simulator.contactCenter.queues.set(301, 'Support');
  for (let id = 1; id <= (options.agents ?? 1); id += 1) simulator.contactCenter.addAgent(simulatedAgent(id));
  const context = createVendorContext({ clock });
  const settings = miralix.settings.parse({
    name: 'greenbox',
    vendor: 'miralix',
    baseUrl: simulator.url,
    account: simulator.account,
    sharedSecret: simulator.sharedSecret,
    version: simulator.switches.version,
    ...options.settings,
  });
  const source = miralix.create(settings, context);
  test.after(async () => {
    await source.close();
    await simulator.close();
  });
  return { clock, simulator, contactCenter: simulator.contactCenter, context, source, settings };
};

export const never = new AbortController().signal;
