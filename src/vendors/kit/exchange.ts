/** One request to a vendor and its answer, over pooled keep-alive connections. */
import type { Agent as ConnectionPool, Dispatcher } from 'undici';
import type { Circuit } from './circuit.ts';
import type { VendorClock } from './clock-difference.ts';
import type { HealthNotes } from './health.ts';
import type { OutageWatch } from './outage.ts';
import { type RetryBudget, readRetryAfter } from './retry.ts';
import { failedToConnect } from './transport-failures.ts';
import { tooLongAnswer, unavailable } from './vendor-errors.ts';
import { type CallContext, kindOf, type VendorApiOptions, type VendorRequest } from './vendor-request.ts';

/** The state that the calls of one source share. */
export interface ApiContext {
  options: VendorApiOptions & { maxBodyBytes: number };
  context: CallContext;
  base: URL;
  pool: ConnectionPool;
  circuit: Circuit;
  budget: RetryBudget;
  notes: HealthNotes;
  clock: VendorClock;
  outages: OutageWatch;
}

/** One call: its request, and what it shares with the others of its source. */
export interface VendorCall extends ApiContext {
  request: VendorRequest;
}

export const isServerError = (status: number): boolean => status === 429 || status >= 500;

const requestOptions = ({ options, base, request }: VendorCall) => {
  const { method = 'GET', json, origin } = request;
  const contentType = json === undefined ? undefined : { 'content-type': 'application/json; charset=utf-8' };
  return {
    origin: origin ?? base.origin,
    path: origin === undefined ? `${base.pathname.replace(/\/$/, '')}${request.path}` : request.path,
    method,
    headers: { ...options.headers, ...contentType, ...request.headers },
    body: json === undefined ? (request.body ?? null) : JSON.stringify(json),
  };
};

/** Takes in what an answer of the vendor's own address says of its clock, and of its being there. */
const noteAnswer = ({ clock, outages, request }: VendorCall, { statusCode, headers }: Dispatcher.ResponseData): void => {
  if (request.origin !== undefined) return;
  clock.noteDate([headers.date].flat()[0]);
  if (statusCode < 500) outages.answered(request.operation);
  else if (kindOf(request) === 'read') outages.failed(request.operation);
};

/** Throws VENDOR_UNAVAILABLE for a server error that the request does not take. */
export const exchange = async (call: VendorCall, signal: AbortSignal): Promise<Dispatcher.ResponseData> => {
  const { request, context, pool, outages, notes } = call;
  const beganMs = context.clock.monotonicMs();
  const answer = await pool.request({ ...requestOptions(call), signal }).catch((error: unknown) => {
    if (!signal.aborted && request.origin === undefined) {
      if (failedToConnect(error)) outages.unreached(beganMs);
      else outages.failed(null);
    }
    throw error;
  });
  // The reader gets the error; a body that is closed unread is no failure.
  answer.body.on('error', () => undefined);
  notes.contact();
  noteAnswer(call, answer);
  if (!isServerError(answer.statusCode) || request.acceptServerErrors) return answer;
  answer.body.destroy();
  // A time in Retry-After is of the vendor's clock, as its Date is.
  const sentMs = Date.parse(String(answer.headers.date));
  const retryAfterSeconds = readRetryAfter(answer.headers['retry-after'], Number.isNaN(sentMs) ? context.clock.now() : sentMs);
  const vendorCode = String(answer.statusCode);
  throw unavailable(call, `was answered with HTTP ${vendorCode}`, { vendorCode, retryAfterSeconds });
};

/** Throws VENDOR_UNAVAILABLE for a body that is too long. */
export const readWhole = async (call: VendorCall, body: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > call.options.maxBodyBytes) throw tooLongAnswer(call);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};
