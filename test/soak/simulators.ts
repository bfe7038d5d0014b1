/** The simulated vendors of the demo, each behind a transport that can be broken, with what they themselves know that they recorded. */
import { systemClock } from '../../src/lib/clock.ts';
import { startActivity as startHuaweiActivity } from '../../src/simulators/huawei/activity.ts';
import { type HuaweiSimulator, startHuaweiSimulator } from '../../src/simulators/huawei/index.ts';
import { createRandom } from '../../src/simulators/kit/random.ts';
import { addPeople, startActivity as startMiralixActivity } from '../../src/simulators/miralix/activity.ts';
import { startMiralixSimulator } from '../../src/simulators/miralix/index.ts';
import { startTencentSimulator } from '../../src/simulators/tencent/index.ts';
import { startActivity } from '../../src/simulators/uptivity/activity.ts';
import type { ContactCenter } from '../../src/simulators/uptivity/contact-center.ts';
import { type SimulatedAgent, startUptivitySimulator } from '../../src/simulators/uptivity/index.ts';
import { breakages, type Fault, type FaultServer, startFaultServer } from '../../src/vendors/kit/testing/fault-server.ts';
import { exceptions } from '../faults/outcomes.ts';
import { requireEveryVendor } from '../vendors/every-vendor.ts';

export interface LivingVendor {
  name: string;
  transport: FaultServer;
  settings: Record<string, unknown> & { vendor: string };
  connect?(serverUrl: string): void;
  /** External ids of everything that the vendor recorded; several where one of them has to be there. */
  recorded(): readonly (readonly string[])[];
  /** Agents who are in a call, or blacked out, of whom nothing is recorded. */
  masked(): readonly string[];
  /** Agents that blackouts can be requested for. */
  blackoutAgents: readonly string[];
  /** Forgets what is kept for tests to look at, so that it does not pass for a leak. */
  forget(): void;
  /** No more calls. */
  rest(): void;
  close(): Promise<void>;
}

/** When the server last saw each agent of a source, by its own telling. */
const agentSnapshots = async (serverUrl: string, source: string): Promise<ReadonlyMap<string, number>> => {
  const query = `{ agents(first: 50, filter: { sources: ["${source}"] }) { nodes { externalId observedAt } } }`;
  const response = await fetch(`${serverUrl}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { data } = (await response.json()) as { data: { agents: { nodes: { externalId: string; observedAt: string }[] } } };
  return new Map(data.agents.nodes.map(({ externalId, observedAt }) => [externalId, Date.parse(observedAt)]));
};

const lookMs = 500;

/**
 * The vendor shows a recording only while it is made, so nothing happens to an agent before the server has observed what happened last: then
 * there is no recording that it could have missed.
 */
const livingUptivity = async (seed: number): Promise<LivingVendor> => {
  const name = 'hq';
  const simulator = await startUptivitySimulator({ clock: systemClock, seed, agents: 12 });
  const staff = Array.from({ length: 12 }, (_, index) => simulator.agent(index + 1));
  const transport = await startFaultServer(simulator.url);
  const { timeZone, dateOrder, maxAgentBlackoutSeconds } = simulator.switches;
  const recorded = new Set<string>();
  const changedMs = new Map<SimulatedAgent, number>();
  let seen: ReadonlyMap<string, number> = new Map();
  let rest = () => {};

  const note = (...agents: readonly SimulatedAgent[]) => {
    for (const agent of agents) {
      changedMs.set(agent, systemClock.now());
      const { CallInstance = '', Recordings = [], ScreenRecordings = [] } = agent.ActiveCall ?? {};
      for (const { RecordingIdentifier } of Recordings) recorded.add(RecordingIdentifier);
      // As the server calls those to which the vendor gives no identifier before they end.
      for (const _ of ScreenRecordings) recorded.add(`screen:${CallInstance}:${agent.AgentId}`);
    }
  };
  const { contactCenter } = simulator;
  const noted: ContactCenter = {
    takeCall: (agent, direction) => {
      const call = contactCenter.takeCall(agent, direction);
      note(agent);
      return call;
    },
    hold: (agent) => {
      contactCenter.hold(agent);
      note(agent);
    },
    resume: (agent) => {
      contactCenter.resume(agent);
      note(agent);
    },
    pickUp: (from, to) => {
      contactCenter.pickUp(from, to);
      note(from, to);
    },
    hangUp: (agent) => {
      contactCenter.hangUp(agent);
      note(agent);
    },
  };
  const isSeen = (agent: SimulatedAgent) => (seen.get(String(agent.AgentId)) ?? 0) > (changedMs.get(agent) ?? 0);
  return {
    name,
    transport,
    settings: { vendor: 'uptivity', baseUrl: transport.url, timeZone, dateOrder, pollSeconds: 0.5, maxAgentBlackoutSeconds },
    connect: (serverUrl) => {
      let cancel = () => {};
      const look = async () => {
        seen = await agentSnapshots(serverUrl, name).catch(() => seen);
        cancel = systemClock.after(lookMs, look);
      };
      void look();
      const end = startActivity({
        contactCenter: noted,
        clock: systemClock,
        random: createRandom(seed),
        agents: () => staff.filter(isSeen),
      });
      rest = () => {
        cancel();
        end();
      };
    },
    recorded: () => [...recorded].map((id) => [id]),
    masked: () =>
      staff
        .map(({ AgentId }) => AgentId)
        .filter((id) => simulator.isMasked(id))
        .map(String),
    blackoutAgents: staff.map(({ AgentId }) => String(AgentId)),
    forget: simulator.forgetRequests,
    rest: () => rest(),
    close: simulator.close,
  };
};

/**
 * Only the event of its start names a file. Where each of these may have got lost on a connection that broke, the recording may go by the
 * task instead, which the event of its end names; where that too may have got lost, nobody need know of it.
 */
const namedRecordings = ({ contactCenter, sessions }: HuaweiSimulator): readonly (readonly string[])[] => {
  const lostTasks = (lost: string) =>
    new Set(sessions.lost.flatMap(({ eventType, content }) => (eventType === lost ? (content as { taskId: number }).taskId : [])));
  const unnamed = lostTasks('AgentMediaEvent_Record');
  const unended = lostTasks('AgentMediaEvent_StopRecordDone');
  return contactCenter.files().flatMap((file) => {
    const segments = contactCenter.segments.filter(({ fileName }) => fileName === file);
    if (segments.some(({ taskId }) => !unnamed.has(taskId))) return [[file]];
    return segments.filter(({ taskId, endMs }) => endMs !== null && !unended.has(taskId)).map(({ taskId }) => [file, String(taskId)]);
  });
};

const livingHuawei = async (seed: number): Promise<LivingVendor> => {
  const simulator = await startHuaweiSimulator({ clock: systemClock, switches: { recordDelayMs: 300, fileDelayMs: 500 } });
  const staff = ['291', '292', '293', '294', '295'];
  for (const workNo of staff) simulator.contactCenter.addAgent({ workNo, password: `secret-${workNo}` });
  const rest = startHuaweiActivity({ ...simulator, clock: systemClock, random: createRandom(seed) });
  const transport = await startFaultServer(simulator.url);
  const agents = staff.map((id) => ({ id, password: `secret-${id}`, phone: `4${id}` }));
  return {
    name: 'mumbai',
    transport,
    settings: {
      vendor: 'huawei',
      baseUrl: transport.url,
      agents,
      maxAgentBlackoutSeconds: 8,
      signIn: { status: 'READY', queues: 'all', autoAnswer: true },
    },
    recorded: () => namedRecordings(simulator),
    masked: () =>
      staff.filter(
        (id) =>
          simulator.contactCenter.callsOf(id).some(({ talking, held }) => talking && !held) && !simulator.contactCenter.recordingOf(id),
      ),
    blackoutAgents: staff,
    forget: () => undefined,
    rest,
    close: simulator.close,
  };
};

const livingMiralix = async (seed: number): Promise<LivingVendor> => {
  const simulator = await startMiralixSimulator({ clock: systemClock, seed, publishAfterMs: 2000 });
  const { contactCenter } = simulator;
  addPeople(contactCenter);
  const endActivity = startMiralixActivity({ contactCenter, clock: systemClock, random: createRandom(seed) });
  const transport = await startFaultServer(simulator.url);
  const { account, sharedSecret } = simulator;
  return {
    name: 'greenbox',
    transport,
    settings: { vendor: 'miralix', baseUrl: transport.url, account, sharedSecret, version: simulator.switches.version, pollSeconds: 1 },
    recorded: () => contactCenter.recordings.map(({ QueueCallId, RecordingFileName }) => [`${QueueCallId}/${RecordingFileName}`]),
    masked: () => [],
    blackoutAgents: [],
    forget: () => {
      simulator.requests.length = 0;
    },
    // A call that was handed on is over when nobody has it any more.
    rest: () => {
      endActivity();
      for (const { agentId } of [...contactCenter.calls.values()]) contactCenter.clear(agentId);
    },
    close: simulator.close,
  };
};

const livingTencent = async (seed: number): Promise<LivingVendor> => {
  const agents = [1, 2, 3, 4, 5].map((number) => ({ mail: `agent${number}@example.com`, name: `Agent ${number}` }));
  const simulator = await startTencentSimulator({ clock: systemClock, seed, activity: true, agents });
  const transport = await startFaultServer(simulator.url);
  const { sdkAppId, secretId, secretKey } = simulator;
  const auth = { type: 'basic' as const, username: 'tccc', password: 'soak-password' };
  const api = { endpoint: transport.url, secretId, secretKey, pollSeconds: 1, reconcileSeconds: 5, overlapSeconds: 7200 };
  return {
    name: 'desk',
    transport,
    settings: { vendor: 'tencent', sdkAppId, push: { auth }, api, mediaHosts: [simulator.mediaHost] },
    connect: (serverUrl) => simulator.pusher.pushTo({ url: `${serverUrl}/hooks/desk`, auth }),
    recorded: () => simulator.contactCenter.records.filter(({ accept }) => accept > 0).map(({ recordId }) => [recordId]),
    masked: () => [],
    blackoutAgents: [],
    forget: () => undefined,
    rest: () => undefined,
    close: simulator.close,
  };
};

/** Deadlines are short and circuits quick, so that minutes hold many faults. */
const common = { timeoutSeconds: 1, confirmSeconds: 3, circuit: { failures: 5, resetSeconds: 0.5 } };

/** Without those that a command of this vendor cannot tell from a yes. */
export const faultsFor = ({ settings }: Pick<LivingVendor, 'settings'>): readonly Fault[] =>
  breakages.filter((fault) => !exceptions[settings.vendor]?.[fault]?.command?.some(({ code }) => code === 'OK'));

export const startFloors = async (seed: number): Promise<readonly LivingVendor[]> => {
  const vendors = await Promise.all([livingUptivity(seed), livingHuawei(seed), livingMiralix(seed), livingTencent(seed)]);
  requireEveryVendor(
    vendors.map(({ settings }) => settings.vendor),
    'a living vendor of test/soak/floors.ts',
  );
  return vendors.map((vendor) => ({
    ...vendor,
    settings: { ...common, ...vendor.settings, name: vendor.name },
    close: async () => {
      await vendor.transport.close();
      await vendor.close();
    },
  }));
};
