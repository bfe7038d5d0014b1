/** The simulated vendors of the demo, each behind a door that can be broken, with what they themselves know that they recorded. */
import { systemClock } from '../../src/clock.ts';
import { startHuaweiSimulator } from '../../src/simulators/huawei/index.ts';
import { liveOn as huaweiLife } from '../../src/simulators/huawei/life.ts';
import { startMiralixSimulator } from '../../src/simulators/miralix/index.ts';
import { fillOffice, liveOn as miralixLife } from '../../src/simulators/miralix/life.ts';
import { startTencentSimulator } from '../../src/simulators/tencent/index.ts';
import { startUptivitySimulator } from '../../src/simulators/uptivity/index.ts';
import { type FaultServer, startFaultServer } from '../support/fault-server.ts';

export interface LivingVendor {
  name: string;
  door: FaultServer;
  settings: Record<string, unknown>;
  connect?(serverUrl: string): void;
  /** External ids of what the vendor recorded and shows or tells of, also to one who was not there at the time. */
  recorded(): readonly string[];
  /** Agents that blackouts can be asked for. */
  blackoutAgents: readonly string[];
  /** Forgets what is kept for tests to look at, so that it does not pass for a leak. */
  forget(): void;
  /** No more calls. */
  rest(): void;
  close(): Promise<void>;
}

const livingUptivity = async (seed: number): Promise<LivingVendor> => {
  const simulator = await startUptivitySimulator({ clock: systemClock, seed, agents: 12, life: true });
  const door = await startFaultServer(simulator.url);
  const { timeZone, dateOrder } = simulator.switches;
  return {
    name: 'hq',
    door,
    settings: { vendor: 'uptivity', baseUrl: door.url, timeZone, dateOrder, pollSeconds: 0.5, maxAgentBlackoutSeconds: 8 },
    // A recording shows only while it is made: one between two polls leaves no trace at the vendor.
    recorded: () => [],
    blackoutAgents: Array.from({ length: 12 }, (_, index) => String(index + 1)),
    forget: simulator.forgetRequests,
    rest: () => undefined,
    close: simulator.close,
  };
};

const livingHuawei = async (seed: number): Promise<LivingVendor> => {
  const simulator = await startHuaweiSimulator({ clock: systemClock, switches: { recordDelayMs: 300, fileDelayMs: 500 } });
  const staff = ['291', '292', '293', '294', '295'];
  for (const workNo of staff) simulator.floor.addAgent({ workNo, password: `secret-${workNo}` });
  const rest = huaweiLife(simulator, systemClock, seed);
  const door = await startFaultServer(simulator.url);
  const agents = staff.map((id) => ({ id, password: `secret-${id}`, phone: `4${id}` }));
  return {
    name: 'mumbai',
    door,
    settings: { vendor: 'huawei', baseUrl: door.url, agents, maxAgentBlackoutSeconds: 8 },
    recorded: () => simulator.floor.files(),
    blackoutAgents: staff,
    forget: () => undefined,
    rest,
    close: simulator.close,
  };
};

const livingMiralix = async (seed: number): Promise<LivingVendor> => {
  const simulator = await startMiralixSimulator({ clock: systemClock, seed, publishAfterMs: 2000 });
  fillOffice(simulator.office);
  const rest = miralixLife(simulator.office, systemClock, seed);
  const door = await startFaultServer(simulator.url);
  const { account, sharedSecret } = simulator;
  return {
    name: 'greenbox',
    door,
    settings: { vendor: 'miralix', baseUrl: door.url, account, sharedSecret, version: simulator.switches.version, pollSeconds: 1 },
    recorded: () => simulator.office.recordings.map(({ QueueCallId, RecordingFileName }) => `${QueueCallId}/${RecordingFileName}`),
    blackoutAgents: [],
    forget: () => {
      simulator.requests.length = 0;
    },
    rest,
    close: simulator.close,
  };
};

const livingTencent = async (seed: number): Promise<LivingVendor> => {
  const agents = [1, 2, 3, 4, 5].map((number) => ({ mail: `agent${number}@example.com`, name: `Agent ${number}` }));
  const simulator = await startTencentSimulator({ clock: systemClock, seed, life: true, agents });
  const door = await startFaultServer(simulator.url);
  const { sdkAppId, secretId, secretKey } = simulator;
  const auth = { type: 'basic' as const, username: 'tccc', password: 'soak-password' };
  const api = { endpoint: door.url, secretId, secretKey, pollSeconds: 1, reconcileSeconds: 5, overlapSeconds: 7200 };
  return {
    name: 'desk',
    door,
    settings: { vendor: 'tencent', sdkAppId, push: { auth }, api, mediaHosts: [simulator.mediaHost] },
    connect: (serverUrl) => simulator.pusher.pushTo({ url: `${serverUrl}/hooks/desk`, auth }),
    recorded: () => simulator.floor.records.filter(({ accept }) => accept > 0).map(({ recordId }) => recordId),
    blackoutAgents: [],
    forget: () => undefined,
    rest: () => undefined,
    close: simulator.close,
  };
};

/** Deadlines are short and circuits quick, so that minutes hold many faults. */
const common = { timeoutSeconds: 1, confirmSeconds: 3, circuit: { failures: 5, resetSeconds: 0.5 } };

export const startFloors = async (seed: number): Promise<readonly LivingVendor[]> => {
  const vendors = await Promise.all([livingUptivity(seed), livingHuawei(seed), livingMiralix(seed), livingTencent(seed)]);
  return vendors.map((vendor) => ({
    ...vendor,
    settings: { ...common, ...vendor.settings, name: vendor.name },
    close: async () => {
      await vendor.door.close();
      await vendor.close();
    },
  }));
};
