/** Translates what a vendor's request fails with into errors that clients may read. */
import { BrokenCircuitError, BulkheadRejectedError } from 'cockatiel';
import { ExpectedError, type ExpectedErrorOptions } from '../../domain/model/errors.ts';
import { type Deadline, NotBegun, OverDeadline } from './deadline.ts';
import { tooLong } from './decompress.ts';
import { failedToConnect, plainCause } from './transport-failures.ts';
import type { VendorApiOptions, VendorRequest } from './vendor-request.ts';

/** The settings of the API that messages name. */
type NamedOptions = Pick<VendorApiOptions, 'source' | 'circuit' | 'timeoutMs'> & { maxBodyBytes: number };

/** A call as messages name it. */
interface NamedCall {
  options: NamedOptions;
  request: VendorRequest;
}

export const unavailable = ({ options, request }: NamedCall, what: string, more: ExpectedErrorOptions): ExpectedError =>
  new ExpectedError('VENDOR_UNAVAILABLE', `${options.source}: ${request.operation} ${what}.`, more);

export const tooLongAnswer = (call: NamedCall): ExpectedError =>
  unavailable(call, `was answered with more than ${call.options.maxBodyBytes} bytes`, { retryable: false });

/** Returns the error itself where it is translated already, or where the caller gave up. */
export const translated = (call: NamedCall, error: unknown): unknown => {
  if (error instanceof ExpectedError) return error;
  const { options, request } = call;
  const { source, circuit, timeoutMs } = options;
  const notSent = (what: string, retryAfterSeconds: number) =>
    unavailable(call, `was not sent${what}`, { cause: error, retryAfterSeconds, notSent: true });
  if (error instanceof BrokenCircuitError) {
    const { failures, resetSeconds } = circuit;
    return notSent(`: the vendor failed ${failures} times in a row and is called again within ${resetSeconds} s`, resetSeconds);
  }
  if (error instanceof BulkheadRejectedError) return notSent(': too many calls to this source are waiting', 1);
  if (error instanceof NotBegun) return notSent(` within ${timeoutMs / 1000} s: earlier calls to this source are still waiting`, 1);
  if (error instanceof OverDeadline) {
    const message = `${source}: ${request.operation} was not answered within ${(request.timeoutMs ?? timeoutMs) / 1000} s.`;
    return new ExpectedError('VENDOR_TIMEOUT', message, { cause: error });
  }
  if (request.signal?.aborted) return error;
  if (tooLong(error)) return tooLongAnswer(call);
  return unavailable(call, `failed: ${plainCause(error)}`, { cause: error, notSent: failedToConnect(error) });
};

/** Returns the error that ended a call: its deadline where that has passed, whatever error the socket raised. */
export const failureOf = (call: NamedCall, deadline: Deadline, error: unknown): unknown =>
  translated(call, deadline.signal.reason instanceof OverDeadline ? deadline.signal.reason : error);
