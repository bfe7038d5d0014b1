/** The harness of every vendor of the registry, by its type: whatever runs over all vendors takes them from here. */
import { startHuaweiSimulator } from '../../src/simulators/huawei/index.ts';
import { startMiralixSimulator } from '../../src/simulators/miralix/index.ts';
import { startTencentSimulator } from '../../src/simulators/tencent/index.ts';
import { sampleAgent, startUptivitySimulator } from '../../src/simulators/uptivity/index.ts';
import type { VendorHarness } from '../../src/vendors/kit/testing/index.ts';
import { officeAgent } from './miralix/fixture.ts';

export const harnesses: Readonly<Record<string, VendorHarness>> = {
  uptivity: {
    start: async (clock) => ({
      simulator: await startUptivitySimulator({ clock, agents: [sampleAgent()] }),
      agent: '2',
      settings: (baseUrl) => ({ baseUrl, timeZone: 'America/New_York', pollSeconds: 0.2 }),
    }),
  },
  huawei: {
    start: async (clock) => {
      const simulator = await startHuaweiSimulator({ clock });
      simulator.floor.addAgent({ workNo: '291', password: 'secret-291' });
      return {
        simulator,
        agent: '291',
        forget: simulator.sessions.closeAll,
        settings: (baseUrl) => ({ baseUrl, agents: [{ id: '291', password: 'secret-291', phone: '4291' }] }),
        recording: { fileName: 'Y:/6/0/20260105/291/0900000.V3', vendorData: {} },
      };
    },
  },
  tencent: {
    start: async (clock) => {
      const simulator = await startTencentSimulator({ clock, agents: [{ mail: 'agent1@example.com', name: 'Agent 1' }] });
      const { secretId, secretKey } = simulator;
      return {
        simulator,
        agent: 'agent1@example.com',
        settings: (endpoint) => ({
          sdkAppId: 1_400_264_214,
          api: { ...(endpoint === '' ? {} : { endpoint }), secretId, secretKey, pollSeconds: 0.2, reconcileSeconds: 0.2 },
          mediaHosts: ['127.0.0.1'],
        }),
        recording: { call: 'session', vendorData: { url: '/recording.mp3', customUrl: null } },
      };
    },
  },
  miralix: {
    start: async (clock) => {
      const simulator = await startMiralixSimulator({ clock });
      simulator.office.queues.set(301, 'Support');
      simulator.office.addAgent(officeAgent(1));
      return {
        simulator,
        agent: '1',
        settings: (baseUrl) => ({
          baseUrl,
          account: simulator.account,
          sharedSecret: simulator.sharedSecret,
          version: simulator.switches.version,
          listTimeoutSeconds: 0.5,
          pollSeconds: 0.2,
        }),
        recording: { externalId: '47610/a.mp3', call: '47610', fileName: 'a.mp3', vendorData: { id: 47610, direct: false } },
      };
    },
  },
};
