import type { Server } from 'node:http';
import type { Clock } from '../../domain/ports/clock.ts';
import { listen, shut } from '../kit/listen.ts';
import { createRandom, type Random } from '../kit/random.ts';
import { startActivity } from './activity.ts';
import { idleAgent, type SimulatedAgent } from './agent.ts';
import { createApi } from './api.ts';
import { type Blackouts, createBlackouts, type MaskedInterval } from './blackouts.ts';
import { recordingCommands } from './commands.ts';
import { type ContactCenter, createContactCenter } from './contact-center.ts';
import { createFaults, type Faults, type PlannedFault } from './faults.ts';
import { type BasicCredentials, createNode, type SeenRequest } from './node.ts';
import { type UptivitySwitches, usualSwitches } from './switches.ts';
import { createTracker, type Tracker } from './tracker.ts';

export interface UptivitySimulatorOptions {
  clock: Clock;
  seed?: number;
  /** How many idle agents, with ids from 1, or exactly these. */
  agents?: number | readonly SimulatedAgent[];
  /** Lets agents take calls, hold, transfer and hang up by themselves. */
  activity?: boolean;
  /** Asks for HTTP Basic. */
  credentials?: BasicCredentials | null;
  /** API servers of the one recorder; they share agents, and pass each other their blackouts. */
  nodes?: number;
  /** Of the first node; the others, and the first when absent, take free ones. */
  port?: number | undefined;
  /** Comes before `/api`, such as `/recorder`. */
  pathPrefix?: string;
  switches?: Partial<UptivitySwitches>;
}

export interface UptivitySimulator {
  /** The base URL of the first node; `urls` has those of all. */
  url: string;
  urls: readonly string[];
  /** May be changed at any time. */
  switches: UptivitySwitches;
  setCredentials(credentials: BasicCredentials | null): void;
  contactCenter: ContactCenter;
  /** The agent as the API shows it, to be changed in place; throws for an unknown id. */
  agent(id: number): SimulatedAgent;
  /** Puts an agent into the tracker, in place of the one with the same id and phone. */
  put(agent: SimulatedAgent): void;
  /** Every entry of the tracker, an id's several ones too. */
  tracker(): readonly SimulatedAgent[];
  /** Takes an agent's entries out of the tracker: all, or the one with this phone. */
  remove(id: number, phone?: string): void;
  /** Empties the tracker. */
  forget(): void;
  /** The returned function takes the fault back. */
  inject(fault: PlannedFault): () => void;
  clearFaults(): void;
  /** Requests of a route, such as `GET /api/Agent/GetAll`, in any case; of all routes without one. */
  callsMade(route?: string): number;
  /** The last thousand, oldest first. */
  requests: readonly SeenRequest[];
  forgetRequests(): void;
  /** When the audio of an agent was silent and the screen black, as a node sees it. */
  maskedIntervals(agentId: number, node?: number): readonly MaskedInterval[];
  isMasked(agentId: number, node?: number): boolean;
  /** Stops and starts the API servers on their ports; the tracker and the blackouts persist. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const maxRequests = 1000;

/** The state behind a simulated recorder. */
interface Recorder {
  clock: Clock;
  switches: UptivitySwitches;
  tracker: Tracker;
  faults: Faults;
  /** One a node. */
  blackouts: readonly Blackouts[];
  contactCenter: ContactCenter;
  answer: ReturnType<typeof createApi>;
  credentials: BasicCredentials | null;
  pathPrefix: string;
  /** Requests by route. */
  counts: Map<string, number>;
  requests: SeenRequest[];
  servers: readonly Server[];
}

const putAgents = ({ put }: Tracker, agents: number | readonly SimulatedAgent[]): void => {
  const wanted = typeof agents === 'number' ? Array.from({ length: agents }, (_, index) => idleAgent(index + 1)) : agents;
  for (const agent of wanted) put(structuredClone(agent));
};

const createRecorder = (options: UptivitySimulatorOptions, random: Random): Recorder => {
  const { clock, agents = 0, pathPrefix = '', nodes = 1, credentials = null } = options;
  const switches: UptivitySwitches = { ...usualSwitches, ...options.switches };
  const tracker = createTracker(switches);
  putAgents(tracker, agents);
  const blackouts = Array.from({ length: nodes }, () => createBlackouts(switches));
  const onCallEnd = ({ AgentId }: SimulatedAgent) => {
    if (switches.blackoutsEndWithCall) for (const node of blackouts) node.stop(AgentId, clock.now(), clock.now());
  };
  const contactCenter = createContactCenter({ clock, random, switches, onCallEnd });
  const answer = createApi({ clock, switches, tracker, commands: recordingCommands({ switches, random }), blackouts });
  const state = { clock, switches, tracker, blackouts, contactCenter, answer, credentials, pathPrefix };
  return { ...state, faults: createFaults(), counts: new Map(), requests: [], servers: [] };
};

const noteRequest = ({ counts, requests }: Recorder, route: string, request: SeenRequest): void => {
  counts.set(route, (counts.get(route) ?? 0) + 1);
  requests.push(request);
  if (requests.length > maxRequests) requests.shift();
};

/** Opens a server a node; 0 is a free port. */
const openServers = (recorder: Recorder, ports: readonly number[]): Promise<number[]> => {
  const { clock, pathPrefix, faults } = recorder;
  recorder.servers = ports.map((_, node) =>
    createNode({
      clock,
      pathPrefix,
      faults,
      credentials: () => recorder.credentials,
      onRequest: (route, request) => noteRequest(recorder, route, request),
      answer: (request) => recorder.answer(request, node),
    }),
  );
  return Promise.all(recorder.servers.map((server, node) => listen(server, ports[node]!)));
};

const shutServers = async ({ servers }: Recorder): Promise<void> => void (await Promise.all(servers.map(shut)));

const restart = async (recorder: Recorder, ports: readonly number[]): Promise<void> => {
  const { tracker, blackouts } = recorder;
  await shutServers(recorder);
  // Through JSON, since what outlives a process is what can be written down.
  const kept = JSON.parse(JSON.stringify({ agents: tracker.agents, blackouts: blackouts.map((node) => node.snapshot()) }));
  tracker.agents = kept.agents;
  blackouts.forEach((node, index) => {
    node.restore(kept.blackouts[index]);
  });
  await openServers(recorder, ports);
};

const callsMade = ({ counts }: Recorder, route: string | undefined): number =>
  route === undefined ? [...counts.values()].reduce((sum, count) => sum + count, 0) : (counts.get(route.toLowerCase()) ?? 0);

/** The parts of a simulator that look at the recorder's agents, or change them. */
const trackerControls = ({ tracker }: Recorder): Pick<UptivitySimulator, 'agent' | 'put' | 'tracker' | 'remove' | 'forget'> => ({
  agent: (id) => {
    const agent = tracker.byId(id);
    if (!agent) throw new Error(`the simulated tracker holds no agent ${id}`);
    return agent;
  },
  put: tracker.put,
  tracker: () => tracker.agents,
  remove: (id, phone) => {
    tracker.agents = tracker.agents.filter((agent) => agent.AgentId !== id || (phone !== undefined && agent.AgentPhone !== phone));
  },
  forget: () => {
    tracker.agents = [];
  },
});

/** A recorder with the Recording API of NICE Uptivity, after the vendor's own page. */
export const startUptivitySimulator = async (options: UptivitySimulatorOptions): Promise<UptivitySimulator> => {
  const { clock, seed = 1, nodes = 1 } = options;
  const random = createRandom(seed);
  const recorder = createRecorder(options, random);
  const { switches, contactCenter, tracker, faults, blackouts, counts, requests, pathPrefix } = recorder;
  const ports = await openServers(recorder, [options.port ?? 0, ...Array<number>(nodes - 1).fill(0)]);
  const urls = ports.map((port) => `http://127.0.0.1:${port}${pathPrefix}`);
  const endActivity = options.activity ? startActivity({ contactCenter, clock, random, agents: () => tracker.agents }) : () => {};

  return {
    url: urls[0]!,
    urls,
    switches,
    setCredentials: (wanted) => {
      recorder.credentials = wanted;
    },
    contactCenter,
    ...trackerControls(recorder),
    inject: faults.plan,
    clearFaults: faults.clear,
    callsMade: (route) => callsMade(recorder, route),
    requests,
    forgetRequests: () => {
      counts.clear();
      requests.length = 0;
    },
    maskedIntervals: (agentId, node = 0) => blackouts[node]!.masked(agentId, clock.now()),
    isMasked: (agentId, node = 0) => blackouts[node]!.isMasked(agentId, clock.now()),
    restart: () => restart(recorder, ports),
    close: async () => {
      endActivity();
      await shutServers(recorder);
    },
  };
};
