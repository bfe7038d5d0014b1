/** A vendor's source over real sockets, and its operations, each held to its deadline and to the errors that it may throw. */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import type { TestContext } from 'node:test';
import type { Recording } from '../../../domain/model/entities.ts';
import { isExpectedError } from '../../../domain/model/errors.ts';
import type { Clock } from '../../../domain/ports/clock.ts';
import type { VendorSource } from '../../../domain/ports/vendor.ts';
import type { VendorModule } from '../define-vendor.ts';
import type { RunningHarness } from './harness.ts';
import { operationsOf, recordingOf, type SourceOperations, type VendorOperation } from './operations.ts';
import { createVendorContext, type RecordedVendorContext } from './vendor-context.ts';

/** Real time, for real sockets. */
export const clock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, Math.min(ms, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  },
};

/** Of a source whose vendor answers, on a machine that is busy. */
export const patientSeconds = 5;
/** Of a source whose vendor hangs, which each operation waits for. */
export const hastySeconds = 0.5;
export const never = new AbortController().signal;

export interface UnderTest extends SourceOperations {
  source: VendorSource;
  running: RunningHarness;
  /** The harness's recording; null where it names none. */
  recording: Recording | null;
  timeoutSeconds: number;
  context: RecordedVendorContext;
  /** Texts of the settings that no message may hold. */
  secrets: readonly string[];
  /** Gets what the vendor asks for first, such as a token, so that the next request is the operation's own. */
  warm(): Promise<void>;
}

const textsIn = (value: unknown): string[] =>
  typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];

const isSecret = (text: string, agent: string): boolean =>
  text.length >= 6 && text !== agent && !/^\d{1,5}$|^[A-Z][a-z]+\/|^\*\./.test(text);

interface SourceToTest {
  module: VendorModule;
  running: RunningHarness;
  /** Where the vendor is; the simulator's own address where it is absent. */
  url?: string;
  timeoutSeconds?: number;
}

/** Starts a source, with its agent signed in. */
export const startUnderTest = async (
  t: TestContext,
  { module, running, url = running.simulator.url, timeoutSeconds = patientSeconds }: SourceToTest,
): Promise<UnderTest> => {
  const context = createVendorContext({ clock });
  const name = 'under-test';
  const block = { name, vendor: module.type, timeoutSeconds, circuit: { failures: 1000 }, ...running.settings(url) };
  const source = module.create(module.settings.parse(block), context);
  t.after(() => source.close());
  const link = (running.recording?.vendorData as { url?: unknown } | null | undefined)?.url;
  const vendorData = typeof link === 'string' ? { vendorData: { ...running.recording?.vendorData, url: `${url}${link}` } } : {};
  const fields = running.recording && { ...running.recording, ...vendorData };
  const recording = fields ? recordingOf(name, running.agent, clock.now(), fields) : null;
  const { operations, signOut } = operationsOf(source, running.agent, recording);
  const warm = async (): Promise<void> => {
    for (const first of [operations.find(({ name }) => name === 'SIGN_IN_AGENT'), operations.find(({ kind }) => kind === 'read')])
      await first?.run(never).catch(() => undefined);
  };
  await operations.find((operation) => operation.name === 'SIGN_IN_AGENT')?.run(never);
  await warm();
  const secrets = textsIn(running.settings('')).filter((text) => isSecret(text, running.agent));
  return { source, running, recording, timeoutSeconds, context, operations, signOut, secrets, warm };
};

/** Runs an operation and returns its error; null for success. Asserts its deadline, the error's brand and the contents of its message. */
export const outcome = async (
  { secrets, timeoutSeconds }: UnderTest,
  what: string,
  operation: VendorOperation,
): Promise<{ code: string; notSent: boolean } | null> => {
  const caller = new AbortController();
  const beganMs = clock.monotonicMs();
  const error = await operation.run(caller.signal).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  const tookMs = clock.monotonicMs() - beganMs;
  // Two calls in a row, each to its deadline, on a machine that is busy.
  assert.ok(tookMs < 4000 * timeoutSeconds + 3000, `${what}: ${operation.name} took ${Math.round(tookMs)} ms`);
  assert.deepEqual(getEventListeners(caller.signal, 'abort'), [], `${what}: ${operation.name} leaves a listener with its caller`);
  if (error === null) return null;
  assert.ok(isExpectedError(error), `${what}: ${operation.name} broke: ${(error as Error).stack}`);
  assert.doesNotMatch(error.message, /127\.0\.0\.1|https?:/, `${what}: ${operation.name} tells an address`);
  for (const secret of secrets) assert.ok(!error.message.includes(secret), `${what}: ${operation.name} tells a secret`);
  return error;
};
