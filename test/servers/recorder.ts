/** A simulated recorder that knows which server each request came from. */
import type { TestContext } from 'node:test';
import { systemClock } from '../../src/lib/clock.ts';
import { startUptivitySimulator, type UptivitySimulator } from '../../src/simulators/uptivity/index.ts';
import { eventually, type ServerProcess } from './cluster.ts';

export interface Recorder {
  simulator: UptivitySimulator;
  /** The block of `sources:` by which one server reaches it. */
  blockFor(server: string, changes?: Record<string, unknown>): Record<string, unknown>;
  /** Names the servers that called a route such as `/api/Agent/GetAll`, oldest first. */
  askers(route: string): readonly string[];
  /** Names the servers that polled, consecutive polls as one entry. A name is there twice where two observed at once, or where it came back. */
  observers(): readonly string[];
  /** Resolves when a read at this server costs no call to the vendor. */
  informed(server: ServerProcess): Promise<void>;
  /** Commands that the vendor was sent. */
  commands(route: 'StartForAgent' | 'StopForAgent'): number;
}

export const startRecorder = async (test: TestContext, agents = 3): Promise<Recorder> => {
  const simulator = await startUptivitySimulator({ clock: systemClock, agents });
  test.after(simulator.close);
  const askers = (route: string) =>
    simulator.requests
      .filter(({ url }) => url.toLowerCase().startsWith(route.toLowerCase()))
      .map(({ headers }) => String(headers['x-server']));
  return {
    simulator,
    blockFor: (server, changes = {}) => ({
      name: 'hq',
      vendor: 'uptivity',
      baseUrl: simulator.url,
      auth: { type: 'headers', headers: { 'x-server': server } },
      timeZone: 'America/New_York',
      pollSeconds: 0.25,
      ...changes,
    }),
    askers,
    observers: () => {
      // Each command reads the list first: the last one read by its server before it is no poll.
      const polls: (string | null)[] = [];
      for (const { method, url, headers } of simulator.requests) {
        const server = String(headers['x-server']);
        if (/^\/api\/Agent\/GetAll/i.test(url)) polls.push(server);
        else if (method === 'POST' && polls.includes(server)) polls[polls.lastIndexOf(server)] = null;
      }
      return polls.filter((name): name is string => name !== null).filter((name, index, all) => name !== all[index - 1]);
    },
    informed: async (server) => {
      await eventually(`${server.name} knows of the source`, async () => {
        const countRequests = () => askers('/api').filter((name) => name === server.name).length;
        const before = countRequests();
        await server.ask('{ agents { nodes { externalId } } }');
        return countRequests() === before;
      });
    },
    commands: (route) => simulator.callsMade(`POST /api/Blackout/${route}`),
  };
};

export const agentRef = (id: number) => ({ key: { source: 'hq', identifier: 'ID', value: String(id) } });

export const startBlackout = `mutation ($input: StartBlackoutInput!) {
  startBlackout(input: $input) { __typename ... on BlackoutSuccess { replayed blackout { id } } ... on Problem { code message } } }`;
export const stopBlackout = `mutation ($input: StopBlackoutInput!) {
  stopBlackout(input: $input) { __typename ... on BlackoutSuccess { blackout { id } } ... on Problem { code message } } }`;

/** The fields that a subscriber of blackouts requests. */
export const blackoutFields = 'previousState warning blackout { id state endedBy agent { externalId } }';
