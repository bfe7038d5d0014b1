import type { DemoVendor } from '../kit/demo.ts';
import { createRandom } from '../kit/random.ts';
import { addPeople, startActivity } from './activity.ts';
import { startMiralixSimulator } from './server.ts';

export type { SimulatedAgent } from './contact-center.ts';
export { type MiralixSimulatorOptions, startMiralixSimulator } from './server.ts';

/** Five agents in two queues, on a server of version 7.2; recordings appear four seconds after their conversations. */
export const miralixDemo: DemoVendor = {
  start: async ({ clock, seed, port }) => {
    const simulator = await startMiralixSimulator({ clock, seed, port, publishAfterMs: 4000 });
    addPeople(simulator.contactCenter);
    const end = startActivity({ ...simulator, clock, random: createRandom(seed) });
    return {
      settings: {
        name: 'greenbox',
        vendor: 'miralix',
        baseUrl: simulator.url,
        account: simulator.account,
        sharedSecret: simulator.sharedSecret,
        version: simulator.switches.version,
        pollSeconds: 3,
      },
      close: async () => {
        end();
        await simulator.close();
      },
    };
  },
};
