import type { DemoVendor } from '../kit/demo.ts';
import { createRandom } from '../kit/random.ts';
import { startUptivitySimulator } from './server.ts';

export { idleAgent, type SimulatedAgent, sampleAgent } from './agent.ts';
export type { Fault } from './faults.ts';
export { startUptivitySimulator, type UptivitySimulator, type UptivitySimulatorOptions } from './server.ts';

/** Twelve agents at work, as the demo's source `hq`. */
export const uptivityDemo: DemoVendor = {
  start: async ({ clock, seed, port }) => {
    const credentials = { username: 'api', password: createRandom(seed).hex(16) };
    const simulator = await startUptivitySimulator({ clock, seed, agents: 12, activity: true, credentials, port });
    return {
      settings: {
        name: 'hq',
        vendor: 'uptivity',
        baseUrl: simulator.url,
        auth: { type: 'basic', ...credentials },
        timeZone: simulator.switches.timeZone,
        dateOrder: simulator.switches.dateOrder,
        pollSeconds: 1,
        maxAgentBlackoutSeconds: simulator.switches.maxAgentBlackoutSeconds,
      },
      close: simulator.close,
    };
  },
};
