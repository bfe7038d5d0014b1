import type { DemoVendor } from '../kit/demo.ts';
import { createRandom } from '../kit/random.ts';
import { startTencentSimulator } from './server.ts';

export { startTencentSimulator, type TencentSimulator, type TencentSimulatorOptions } from './server.ts';

const demoAgents = [
  ['lululing@example.com', 'Lu Ling', 'service'],
  ['chenwei@example.com', 'Chen Wei', 'service'],
  ['wangfang@example.com', 'Wang Fang', 'service'],
  ['liuyang@example.com', 'Liu Yang', 'sales'],
  ['zhaomin@example.com', 'Zhao Min', 'sales'],
  ['sunjie@example.com', 'Sun Jie', 'sales'],
] as const;

export const tencentDemo: DemoVendor = {
  start: async ({ clock, seed, port }) => {
    const simulator = await startTencentSimulator({
      clock,
      seed,
      port,
      activity: true,
      agents: demoAgents.map(([mail, name, group], index) => ({
        mail,
        name,
        phone: `0086139000000${index}0`,
        skillGroup: { id: group === 'service' ? 1072 : 1073, name: group },
      })),
    });
    const name = 'desk';
    const auth = { type: 'basic' as const, username: 'tccc', password: createRandom(seed + 1).hex(24) };
    return {
      settings: {
        name,
        vendor: 'tencent',
        sdkAppId: simulator.sdkAppId,
        push: { auth },
        api: {
          endpoint: simulator.url,
          secretId: simulator.secretId,
          secretKey: simulator.secretKey,
          pollSeconds: 2,
          reconcileSeconds: 30,
          overlapSeconds: 300,
        },
        mediaHosts: [simulator.mediaHost],
      },
      connect: (serverUrl) => simulator.pusher.pushTo({ url: `${serverUrl.replace(/\/$/, '')}/hooks/${name}`, auth }),
      close: () => simulator.close(),
    };
  },
};
