import type { DemoVendor } from '../kit/demo.ts';
import { createRandom } from '../kit/random.ts';
import { startActivity } from './activity.ts';
import { startHuaweiSimulator } from './server.ts';

export { agentStates } from './contact-center.ts';
export { type HuaweiSimulator, startHuaweiSimulator } from './server.ts';
export type { HuaweiSwitches } from './switches.ts';

const staff = ['Asha Rao', 'Vikram Mehta', 'Neha Iyer', 'Rohan Das', 'Priya Nair'].map((name, index) => ({
  name,
  workNo: String(291 + index),
  password: `demo-${291 + index}`,
  phone: String(40038 + index),
}));

/** Five agents of a private cloud that records every call by itself. */
export const huaweiDemo: DemoVendor = {
  start: async ({ clock, seed, port }) => {
    const simulator = await startHuaweiSimulator({ clock, port, switches: { recordDelayMs: 300, fileDelayMs: 2_000 } });
    for (const { workNo, password, name } of staff) simulator.contactCenter.addAgent({ workNo, password, name });
    const end = startActivity({ ...simulator, clock, random: createRandom(seed) });
    return {
      settings: {
        name: 'mumbai',
        vendor: 'huawei',
        signIn: { status: 'READY', queues: 'all', autoAnswer: true },
        baseUrl: simulator.url,
        agents: staff.map(({ workNo, password, phone, name }) => ({ id: workNo, password, phone, name })),
      },
      close: async () => {
        end();
        await simulator.close();
      },
    };
  },
};
