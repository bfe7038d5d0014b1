/** Holds what comes of one operation to the table. */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { ExpectedError } from '../../src/domain/model/errors.ts';
import { hangs } from '../../src/vendors/kit/testing/fault-server.ts';
import { exceptions, type Outcome, outcomes } from './outcomes.ts';
import { hastySeconds, patientSeconds, type VendorOperation } from './vendors-under-test.ts';

/** Two calls in a row, each to its deadline, on a machine that is busy. */
const maxMsOf = (timeoutSeconds: number) => 4000 * timeoutSeconds + 4000;

const expectedOf = (type: string, fault: keyof typeof outcomes, { kind }: VendorOperation): readonly Outcome[] =>
  exceptions[type]?.[fault]?.[kind] ?? outcomes[fault][kind];

/** How long a source that meets the fault should wait for an answer. */
export const timeoutSecondsOf = (fault: string): number => (hangs.some((hang) => hang === fault) ? hastySeconds : patientSeconds);

/** Runs the operation and holds what comes of it to the table. */
export const expectOutcome = (type: string, fault: keyof typeof outcomes, operation: VendorOperation): Promise<void> =>
  expectOneOf(expectedOf(type, fault, operation), `${type} ${operation.name}, ${fault}`, operation, timeoutSecondsOf(fault));

/** Runs the operation and holds what comes of it to these outcomes. */
export const expectOneOf = async (
  allowed: readonly Outcome[],
  what: string,
  operation: VendorOperation,
  timeoutSeconds = patientSeconds,
): Promise<void> => {
  const caller = new AbortController();
  const startedAt = performance.now();
  const error = await operation.run(caller.signal).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(performance.now() - startedAt < maxMsOf(timeoutSeconds), `${what} took ${Math.round(performance.now() - startedAt)} ms`);
  assert.deepEqual(getEventListeners(caller.signal, 'abort'), [], `${what} leaves a listener with its caller`);
  if (error === null)
    return assert.ok(
      allowed.some(({ code }) => code === 'OK'),
      `${what} succeeded`,
    );
  assert.ok(error instanceof ExpectedError, `${what} broke: ${(error as Error).stack}`);
  const outcome = allowed.find(({ code, says }) => code === error.code && (says?.test(error.message) ?? true));
  assert.ok(outcome, `${what}: ${error.code} ${error.message}`);
  if (outcome.notSent !== undefined) assert.equal(error.notSent, outcome.notSent, what);
  if (outcome.retryAfterSeconds !== undefined) assert.equal(error.retryAfterSeconds, outcome.retryAfterSeconds, what);
  assert.doesNotMatch(error.message, /127\.0\.0\.1|https?:|secret-|invalid\b/, `${what} tells an address or a secret`);
};

/** Returns what one operation answers when nothing is wrong: OK, or its code and message. */
export const wellOf = (operation: VendorOperation): Promise<string> =>
  operation.run(new AbortController().signal).then(
    () => 'OK',
    (error: unknown) => (error instanceof ExpectedError ? `${error.code} ${error.message}` : String(error)),
  );

/** The vendor is reached, whatever it then says. */
export const well = async (operation: VendorOperation): Promise<void> => {
  assert.doesNotMatch(await wellOf(operation), /^(VENDOR_UNAVAILABLE|VENDOR_TIMEOUT)/, operation.name);
};

/** The code alone of what one operation answers. */
export const codeOf = async (operation: VendorOperation): Promise<string> => (await wellOf(operation)).split(' ')[0]!;
