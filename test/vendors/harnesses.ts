/** The harness of every vendor of the registry, by its type: whatever runs over all vendors takes them from here. */

import { startHuaweiSimulator } from '../../src/simulators/huawei/index.ts';
import { toneMp3 } from '../../src/simulators/kit/audio.ts';
import { startMiralixSimulator } from '../../src/simulators/miralix/index.ts';
import { startTencentSimulator } from '../../src/simulators/tencent/index.ts';
import { sampleAgent, startUptivitySimulator } from '../../src/simulators/uptivity/index.ts';
import type { VendorHarness } from '../../src/vendors/kit/testing/index.ts';
import { simulatedAgent } from './miralix/fixture.ts';

export const harnesses: Readonly<Record<string, VendorHarness>> = {
  uptivity: {
    start: async (clock) => {
      const agents = [sampleAgent()];
      const simulator = await startUptivitySimulator({ clock, agents });
      return {
        simulator,
        agent: '2',
        settings: (baseUrl) => ({ baseUrl, timeZone: 'America/New_York', pollSeconds: 0.2 }),
        addBearer: () => {
          simulator.put({ ...sampleAgent(), AgentId: 3, AgentPhone: '5004', SystemUsername: 'me', ActiveCall: null });
          return { identifier: 'SYSTEM_USERNAME', value: 'me' };
        },
        repeatable: /\/(Update|Blackout\/)/,
      };
    },
  },
  huawei: {
    start: async (clock) => {
      const simulator = await startHuaweiSimulator({ clock });
      simulator.contactCenter.addAgent({ workNo: '291', password: 'secret-291' });
      const call = simulator.contactCenter.ring('291');
      simulator.contactCenter.talk('291', call.callId);
      simulator.contactCenter.release('291', call.callId);
      const fileName = simulator.contactCenter.files()[0]!;
      return {
        simulator,
        agent: '291',
        forget: simulator.sessions.closeAll,
        settings: (baseUrl) => ({ baseUrl, agents: [{ id: '291', password: 'secret-291', phone: '4291' }] }),
        recording: { fileName, vendorData: {} },
        plays: true,
        startCall: () => simulator.contactCenter.talk('291', simulator.contactCenter.ring('291').callId),
      };
    },
  },
  tencent: {
    start: async (clock) => {
      const simulator = await startTencentSimulator({
        clock,
        agents: [{ mail: 'agent1@example.com', name: 'Agent 1', phone: '00869000777777' }],
      });
      const call = simulator.playCall([...simulator.contactCenter.agents.values()], 2);
      const link = simulator.storage.signedLink(call.recordId);
      const { secretId, secretKey } = simulator;
      return {
        simulator,
        agent: 'agent1@example.com',
        settings: (endpoint) => ({
          sdkAppId: 1_400_264_214,
          api: { ...(endpoint === '' ? {} : { endpoint }), secretId, secretKey, pollSeconds: 0.2, reconcileSeconds: 0.2 },
          mediaHosts: ['127.0.0.1'],
        }),
        recording: { call: 'session', vendorData: { url: new URL(link).pathname, customUrl: null } },
        plays: true,
        addBearer: () => {
          simulator.contactCenter.addAgent({ mail: 'agent2@example.com', name: 'Agent 2', phone: '00869000777777' });
          return { identifier: 'PHONE', value: '00869000777777' };
        },
      };
    },
  },
  miralix: {
    start: async (clock) => {
      const simulator = await startMiralixSimulator({ clock });
      simulator.contactCenter.queues.set(301, 'Support');
      simulator.contactCenter.addAgent(simulatedAgent(1));
      simulator.contactCenter.media.set(47610, toneMp3(1));
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
        plays: true,
        addBearer: () => {
          simulator.contactCenter.addAgent(simulatedAgent(2, { email: simulatedAgent(1).email }));
          return { identifier: 'EMAIL', value: simulatedAgent(1).email };
        },
      };
    },
  },
};
