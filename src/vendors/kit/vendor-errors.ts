/** Translates what a vendor's request fails with into errors that clients may read. */
import { BrokenCircuitError, BulkheadRejectedError } from 'cockatiel';
import { ExpectedError, type ExpectedErrorOptions } from '../../domain/model/errors.ts';
import { type Deadline, NotBegun, OverDeadline } from './deadline.ts';
import { tooLong } from './decompress.ts';
import { failedToConnect, plainCause } from './transport-failures.ts';
import type { VendorApiOptions, VendorRequest } from './vendor-request.ts';

export const createVendorErrors = (
  { source, circuit, timeoutMs }: Pick<VendorApiOptions, 'source' | 'circuit' | 'timeoutMs'>,
  maxBodyBytes: number,
) => {
  const unavailable = (request: VendorRequest, what: string, more: ExpectedErrorOptions) =>
    new ExpectedError('VENDOR_UNAVAILABLE', `${source}: ${request.operation} ${what}.`, more);

  /** Returns the error itself where it is translated already, or where the caller gave up. */
  const translate = (error: unknown, request: VendorRequest): unknown => {
    if (error instanceof ExpectedError) return error;
    if (error instanceof BrokenCircuitError) {
      const { failures, resetSeconds } = circuit;
      const what = `was not sent: the vendor failed ${failures} times in a row and is called again within ${resetSeconds} s`;
      return unavailable(request, what, { cause: error, retryAfterSeconds: resetSeconds, notSent: true });
    }
    const crowded = { cause: error, retryAfterSeconds: 1, notSent: true };
    if (error instanceof BulkheadRejectedError)
      return unavailable(request, 'was not sent: too many calls to this source are waiting', crowded);
    if (error instanceof NotBegun) {
      const what = `was not sent within ${timeoutMs / 1000} s: earlier calls to this source are still waiting`;
      return unavailable(request, what, crowded);
    }
    if (error instanceof OverDeadline) {
      const message = `${source}: ${request.operation} was not answered within ${(request.timeoutMs ?? timeoutMs) / 1000} s.`;
      return new ExpectedError('VENDOR_TIMEOUT', message, { cause: error });
    }
    if (request.signal?.aborted) return error;
    if (tooLong(error)) return unavailable(request, `was answered with more than ${maxBodyBytes} bytes`, { retryable: false });
    return unavailable(request, `failed: ${plainCause(error)}`, { cause: error, notSent: failedToConnect(error) });
  };

  return {
    unavailable,
    translate,
    /** Returns the error that ended a call: its deadline where that has passed, whatever error the socket raised. */
    failureOf: (error: unknown, request: VendorRequest, deadline: Deadline): unknown =>
      translate(deadline.signal.reason instanceof OverDeadline ? deadline.signal.reason : error, request),
  };
};
