import type { TestContext } from 'node:test';
import { emptyAgent } from '../../../src/domain/model/empty-rows.ts';
import type { Agent } from '../../../src/domain/model/entities.ts';
import type { AgentSnapshot, Observation } from '../../../src/domain/model/observation.ts';
import type { VendorCommand } from '../../../src/domain/ports/vendor.ts';
import { startUptivitySimulator, type UptivitySimulatorOptions } from '../../../src/simulators/uptivity/index.ts';
import { createManualClock } from '../../../src/vendors/kit/testing/manual-clock.ts';
import { createVendorContext } from '../../../src/vendors/kit/testing/vendor-context.ts';
import { uptivity } from '../../../src/vendors/uptivity/index.ts';

/** Never aborts. */
export const patience = new AbortController().signal;

export const settingsOf = (baseUrl: string, changes: Record<string, unknown> = {}) =>
  uptivity.settings.parse({ name: 'hq', vendor: 'uptivity', baseUrl, timeZone: 'America/New_York', ...changes });

/** A simulator, and a source that is configured for it; both are closed with the test. */
export const startPair = async (
  test: TestContext,
  options: Omit<UptivitySimulatorOptions, 'clock'> = {},
  settings: Record<string, unknown> = {},
) => {
  const clock = createManualClock();
  const simulator = await startUptivitySimulator({ clock, ...options });
  const context = createVendorContext({ clock });
  const source = uptivity.create(settingsOf(simulator.url, settings), context);
  test.after(async () => {
    await source.close();
    await simulator.close();
  });
  return { clock, simulator, context, source };
};

/** An agent as the domain would hand it to a command. */
export const agentOf = (externalId: string): Agent => emptyAgent({ source: 'hq', externalId });

export const commandFor = (
  operation: VendorCommand['operation'],
  externalId = '2',
  extras: Omit<VendorCommand, 'operation' | 'agent'> = {},
): VendorCommand => ({ operation, agent: agentOf(externalId), ...extras });

/** The observations of one type. */
export const ofType = <T extends Observation['type']>(agentSnapshot: AgentSnapshot | null | undefined, type: T) =>
  (agentSnapshot?.observations ?? []).filter((observation): observation is Extract<Observation, { type: T }> => observation.type === type);
