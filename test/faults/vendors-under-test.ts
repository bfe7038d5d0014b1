/** Every vendor behind a door that can be broken, with every operation that its source has. */

import { systemClock } from '../../src/clock.ts';
import type { Recording } from '../../src/domain/model/entities.ts';
import type { Clock } from '../../src/domain/ports/clock.ts';
import type { OpenedMedia, VendorCommand, VendorSource } from '../../src/domain/ports/vendor.ts';
import { startHuaweiSimulator } from '../../src/simulators/huawei/index.ts';
import { startMiralixSimulator } from '../../src/simulators/miralix/index.ts';
import { startTencentSimulator } from '../../src/simulators/tencent/index.ts';
import { sampleAgent, startUptivitySimulator } from '../../src/simulators/uptivity/index.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { type FaultServer, startFaultServer } from '../support/fault-server.ts';
import { createVendorContext, type RecordedVendorContext } from '../support/vendor-context.ts';
import { officeAgent } from '../vendors/miralix/fixture.ts';
import { agentOf } from '../vendors/uptivity/source.ts';

export type Kind = 'read' | 'command' | 'media';

export interface VendorOperation {
  name: string;
  kind: Kind;
  run(signal: AbortSignal): Promise<unknown>;
}

export interface VendorUnderTest {
  source: VendorSource;
  door: FaultServer;
  context: RecordedVendorContext;
  operations: readonly VendorOperation[];
  /** Signing the agent out, after which most others have no session to be sent with; null where nobody signs in. */
  signOut: VendorOperation | null;
  /** What a vendor that starts anew no longer knows: its sessions. */
  forget(): void;
  close(): Promise<void>;
}

export interface VendorOptions {
  settings?: Settings;
  /** The source speaks to it instead of to the door. */
  url?: string;
  /** By how much the vendor's clock is ahead of ours. */
  aheadMs?: number;
  /** What the source is to find in its store, such as a session that another one opened. */
  context?: RecordedVendorContext;
}

export const timeoutSeconds = 0.3;

type Settings = Readonly<Record<string, unknown>>;

interface Pair {
  simulator: { url: string; close(): Promise<void> };
  agent: string;
  settings(url: string): Settings;
  forget?(): void;
  recording?: Partial<Recording>;
}

const starts: Readonly<Record<string, (clock: Clock) => Promise<Pair>>> = {
  uptivity: async (clock) => ({
    simulator: await startUptivitySimulator({ clock, agents: [sampleAgent()] }),
    agent: '2',
    settings: (baseUrl) => ({ baseUrl, timeZone: 'America/New_York', pollSeconds: 0.2 }),
  }),
  huawei: async (clock) => {
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
  tencent: async (clock) => {
    const simulator = await startTencentSimulator({ clock, agents: [{ mail: 'agent1@example.com', name: 'Agent 1' }] });
    const { secretId, secretKey } = simulator;
    return {
      simulator,
      agent: 'agent1@example.com',
      settings: (endpoint) => ({
        sdkAppId: 1_400_264_214,
        api: { endpoint, secretId, secretKey, pollSeconds: 0.2, reconcileSeconds: 0.2 },
        mediaHosts: ['127.0.0.1'],
      }),
      recording: { call: 'session', vendorData: { url: '/recording.mp3', customUrl: null } },
    };
  },
  miralix: async (clock) => {
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
        listTimeoutSeconds: timeoutSeconds,
        pollSeconds: 0.2,
      }),
      recording: { externalId: '47610/a.mp3', call: '47610', fileName: 'a.mp3', vendorData: { id: 47610, direct: false } },
    };
  },
};

export const vendorTypes = Object.keys(starts);

/** A vendor behind a door, for a server that is configured with `block`. */
export const startBehindDoor = async (type: string) => {
  const { simulator, agent, settings } = await starts[type]!(systemClock);
  const door = await startFaultServer(simulator.url);
  return {
    door,
    agent,
    block: { name: type, vendor: type, ...settings(door.url) },
    close: async () => {
      await door.close();
      await simulator.close();
    },
  };
};

const recordingOf = (source: string, agent: string, fields: Partial<Recording>): Recording => ({
  source,
  externalId: '1',
  kind: 'AUDIO',
  state: 'AVAILABLE',
  vendorState: null,
  isDuplicate: false,
  agent,
  call: null,
  party: 'MIXED',
  endpoint: null,
  fileName: null,
  startedAt: new Date(systemClock.now() - 7_200_000).toISOString(),
  endedAt: new Date(systemClock.now() - 3_600_000).toISOString(),
  durationMs: null,
  availableUntil: null,
  formerId: null,
  vendorData: null,
  ...fields,
});

const drain = async (media: OpenedMedia): Promise<number> => {
  let bytes = 0;
  for await (const chunk of media.body) bytes += chunk.length;
  return bytes;
};

const operationsOf = (source: VendorSource, agent: string, recording: Recording | null) => {
  const found: VendorOperation[] = [];
  let signOut: VendorOperation | null = null;
  const add = (kind: Kind, name: string, run: VendorOperation['run']) => found.push({ name, kind, run });
  const command = (operation: VendorCommand['operation']): VendorCommand => ({
    operation,
    agent: { ...agentOf(agent), source: source.name },
    ...(operation === 'START_SCREEN_RECORDING' || operation === 'START_RECORDING' ? {} : { metadata: [] }),
    ...(/HELD|PARKED/.test(operation) ? { call: 'a' } : {}),
  });
  if (source.agents) {
    add('read', 'agents.list', (signal) => source.agents!.list(signal));
    add('read', 'agents.byIdentifiers', (signal) => source.agents!.byIdentifiers([{ identifier: 'ID', value: agent }], signal));
  }
  if (source.recordings) add('read', 'recordings.list', (signal) => source.recordings!.list({ agents: [agent] }, signal));
  for (const [operation, handler] of Object.entries(source.control ?? {})) {
    const run: VendorOperation['run'] = (signal) => handler(command(operation as VendorCommand['operation']), signal);
    if (operation === 'SIGN_OUT_AGENT') signOut = { name: operation, kind: 'command', run };
    else add('command', operation, run);
  }
  for (const [operation, handler] of [
    ['START_BLACKOUT', source.blackouts?.start],
    ['STOP_BLACKOUT', source.blackouts?.stop],
  ] as const) {
    if (handler) add('command', operation, (signal) => handler(command(operation), signal));
  }
  if (source.media && recording) add('media', 'media.open', async (signal) => drain(await source.media!.open(recording, { signal })));
  return { operations: found, signOut };
};

export const startVendor = async (
  type: string,
  { settings: more = {}, url, aheadMs = 0, context = createVendorContext({ clock: systemClock }) }: VendorOptions = {},
): Promise<VendorUnderTest> => {
  const pair = await starts[type]!({ ...systemClock, now: () => systemClock.now() + aheadMs });
  const door = await startFaultServer(pair.simulator.url);
  const module = vendorModules.find((one) => one.type === type)!;
  const name = `${type}-source`;
  const settings = module.settings.parse({
    name,
    vendor: type,
    timeoutSeconds,
    circuit: { failures: 1000 },
    ...pair.settings(url ?? door.url),
    ...more,
  });
  const source = module.create(settings, context);
  const { vendorData } = pair.recording ?? {};
  const link = (vendorData as { url?: unknown } | undefined)?.url;
  const told = typeof link === 'string' ? { vendorData: { ...(vendorData as object), url: `${url ?? door.url}${link}` } } : {};
  const recording = pair.recording ? recordingOf(name, pair.agent, { ...pair.recording, ...told } as Partial<Recording>) : null;
  const { operations, signOut } = operationsOf(source, pair.agent, recording);
  const shut = async () => {
    await source.close();
    await door.close();
    await pair.simulator.close();
  };
  let closing: Promise<void> | null = null;
  return {
    source,
    door,
    context,
    operations,
    signOut,
    forget: pair.forget ?? (() => undefined),
    close: () => (closing ??= shut()),
  };
};

/** Signs in where a vendor needs that before it takes anything else. */
export const prepare = async ({ source, operations }: VendorUnderTest): Promise<void> => {
  if (source.control?.SIGN_IN_AGENT) await operations.find(({ name }) => name === 'SIGN_IN_AGENT')!.run(new AbortController().signal);
};
