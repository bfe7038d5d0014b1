/** Every vendor behind a transport that can be broken, with every operation that its source has. */

import type { Recording } from '../../src/domain/model/entities.ts';
import type { Clock } from '../../src/domain/ports/clock.ts';
import type { VendorSource } from '../../src/domain/ports/vendor.ts';
import { systemClock } from '../../src/lib/clock.ts';
import {
  createVendorContext,
  type FaultServer,
  operationsOf,
  type RecordedVendorContext,
  recordingOf,
  startFaultServer,
  type VendorOperation,
} from '../../src/vendors/kit/testing/index.ts';
import { vendorModules } from '../../src/vendors/registry.ts';
import { harnesses } from '../vendors/harnesses.ts';

export type { VendorOperation };

export interface VendorUnderTest {
  source: VendorSource;
  transport: FaultServer;
  context: RecordedVendorContext;
  operations: readonly VendorOperation[];
  /** Signing the agent out, after which most others have no session to be sent with; null where nobody signs in. */
  signOut: VendorOperation | null;
  /** Drops the sessions, as a vendor that starts anew does. */
  forget(): void;
  close(): Promise<void>;
}

export interface VendorOptions {
  settings?: Settings;
  /** The source speaks to it instead of to the transport. */
  url?: string;
  /** By how much the vendor's clock is ahead of ours. */
  aheadMs?: number;
  /** Holds what the source is to find in its store, such as a session that another source opened. */
  context?: RecordedVendorContext;
}

/** Of a source whose vendor answers, on a machine that is busy. */
export const patientSeconds = 5;
/** Of a source whose vendor hangs, which each operation waits for. */
export const hastySeconds = 0.3;

type Settings = Readonly<Record<string, unknown>>;

export const vendorTypes = vendorModules.map(({ type }) => type);

const started = (type: string, clock: Clock) => {
  const harness = harnesses[type];
  if (!harness) throw new Error(`${type} has no harness: write one in test/vendors/harnesses.ts`);
  return harness.start(clock);
};

/** A vendor behind a transport, for a server that is configured with `block`. */
export const startBehindFaults = async (type: string) => {
  const { simulator, agent, settings } = await started(type, systemClock);
  const transport = await startFaultServer(simulator.url);
  return {
    transport,
    agent,
    block: { name: type, vendor: type, ...settings(transport.url) },
    close: async () => {
      await transport.close();
      await simulator.close();
    },
  };
};

export const startVendor = async (
  type: string,
  { settings: more = {}, url, aheadMs = 0, context = createVendorContext({ clock: systemClock }) }: VendorOptions = {},
): Promise<VendorUnderTest> => {
  const pair = await started(type, { ...systemClock, now: () => systemClock.now() + aheadMs });
  const transport = await startFaultServer(pair.simulator.url);
  const module = vendorModules.find((one) => one.type === type)!;
  const name = `${type}-source`;
  const settings = module.settings.parse({
    name,
    vendor: type,
    timeoutSeconds: patientSeconds,
    circuit: { failures: 1000 },
    ...pair.settings(url ?? transport.url),
    ...more,
  });
  const source = module.create(settings, context);
  const { vendorData } = pair.recording ?? {};
  const link = (vendorData as { url?: unknown } | undefined)?.url;
  const linked = typeof link === 'string' ? { vendorData: { ...(vendorData as object), url: `${url ?? transport.url}${link}` } } : {};
  const recording = pair.recording
    ? recordingOf(name, pair.agent, systemClock.now(), { ...pair.recording, ...linked } as Partial<Recording>)
    : null;
  const { operations, signOut } = operationsOf(source, pair.agent, recording);
  const shut = async () => {
    await source.close();
    await transport.close();
    await pair.simulator.close();
  };
  let closing: Promise<void> | null = null;
  return {
    source,
    transport,
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
