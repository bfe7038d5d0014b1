/** Translates what a vendor's request fails with into errors that clients may read. */
import { BrokenCircuitError, BulkheadRejectedError } from 'cockatiel';
import { ExpectedError, type ExpectedErrorOptions } from '../../domain/model/errors.ts';
import { type Deadline, NotBegun, OverDeadline } from './deadline.ts';
import { tooLong } from './decompress.ts';
import { failedToConnect, plainCause } from './transport-failures.ts';
import type { VendorApiOptions, VendorRequest } from './vendor-request.ts';

/** The settings of the API that messages name. */
type NamedOptions = Pick<VendorApiOptions, 'source' | 'circuit' | 'timeoutMs'> & { maxBodyBytes: number };

export const unavailable = (
  { source }: Pick<VendorApiOptions, 'source'>,
  { operation }: VendorRequest,
  what: string,
  more: ExpectedErrorOptions,
): ExpectedError => new ExpectedError('VENDOR_UNAVAILABLE', `${source}: ${operation} ${what}.`, more);

export const tooLongAnswer = (options: NamedOptions, request: VendorRequest): ExpectedError =>
  unavailable(options, request, `was answered with more than ${options.maxBodyBytes} bytes`, { retryable: false });

/** Returns the error itself where it is translated already, or where the caller gave up. */
export const translated = (options: NamedOptions, request: VendorRequest, error: unknown): unknown => {
  if (error instanceof ExpectedError) return error;
  const { source, circuit, timeoutMs } = options;
  const notSent = (what: string, retryAfterSeconds: number) =>
    unavailable(options, request, `was not sent${what}`, { cause: error, retryAfterSeconds, notSent: true });
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
  if (tooLong(error)) return tooLongAnswer(options, request);
  return unavailable(options, request, `failed: ${plainCause(error)}`, { cause: error, notSent: failedToConnect(error) });
};

/** Returns the error that ended a call: its deadline where that has passed, whatever error the socket raised. */
export const failureOf = (options: NamedOptions, request: VendorRequest, deadline: Deadline, error: unknown): unknown =>
  translated(options, request, deadline.signal.reason instanceof OverDeadline ? deadline.signal.reason : error);
