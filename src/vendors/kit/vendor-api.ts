import { hash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { BrokenCircuitError } from 'cockatiel';
import { Agent as ConnectionPool, type Dispatcher } from 'undici';
import { ExpectedError } from '../../domain/model/errors.ts';
import type { VendorContext } from '../../domain/ports/vendor.ts';
import { currentLane, type Lane } from '../../lib/lane.ts';
import { createCircuit } from './circuit.ts';
import { createVendorClock } from './clock-difference.ts';
import { connectorOf } from './connector.ts';
import { begunWithin, type Deadline, OverDeadline, startDeadline } from './deadline.ts';
import { decompressed } from './decompress.ts';
import { createHealthNotes } from './health.ts';
import { decodeText } from './json.ts';
import { createJsonAnswers } from './json-answers.ts';
import { createOutageWatch } from './outage.ts';
import { createRetryBudget, pauseBefore, readRetryAfter } from './retry.ts';
import { timedBody } from './timed-body.ts';
import { isPassing } from './transport-failures.ts';
import { createVendorErrors } from './vendor-errors.ts';
import { kindOf, type VendorApi, type VendorApiOptions, type VendorRequest, type VendorStream } from './vendor-request.ts';

const isServerError = (status: number): boolean => status === 429 || status >= 500;

/** Carries a failure past the circuit breaker, which does not count it. */
class FailedAlone extends Error {
  constructor(readonly failure: unknown) {
    super();
  }
}

const laneOf = (request: VendorRequest): Lane =>
  request.atDeadline ? 'deadline' : (currentLane() ?? (kindOf(request) === 'read' ? 'read' : 'command'));

/** One source's HTTP: pooled keep-alive connections, a deadline a call, a bulkhead, a circuit breaker, retry by kind, and honest health. */
export const createVendorApi = (
  options: VendorApiOptions,
  context: Pick<VendorContext, 'clock' | 'measure' | 'meter' | 'outageEnded'>,
): VendorApi => {
  const { source } = options;
  const { meter } = context;
  const base = new URL(options.baseUrl);
  const prefix = base.pathname.replace(/\/$/, '');
  const maxBodyBytes = options.maxBodyBytes ?? 16 * 1024 * 1024;
  const pool = new ConnectionPool({
    connections: null,
    keepAliveTimeout: 20_000,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: connectorOf(options),
  });
  const circuit = createCircuit(options.maxConcurrency, options.circuit);
  const budget = createRetryBudget();
  const notes = createHealthNotes(source, context.clock);
  const clock = createVendorClock(context.clock);
  const outages = createOutageWatch(context.clock, context.outageEnded);

  const { unavailable, failureOf, translate } = createVendorErrors(options, maxBodyBytes);
  const limitOf = (request: VendorRequest): number => request.timeoutMs ?? options.timeoutMs;

  const send = async (request: VendorRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> => {
    const { method = 'GET', json } = request;
    const origin = request.origin ?? base.origin;
    const path = request.origin === undefined ? `${prefix}${request.path}` : request.path;
    const headers = {
      ...options.headers,
      ...(json === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
      ...request.headers,
    };
    const body = json === undefined ? (request.body ?? null) : JSON.stringify(json);
    const answer = await pool.request({ origin, path, method, headers, body, signal }).catch((error: unknown) => {
      if (!signal.aborted) outages.failed(null);
      throw error;
    });
    // The reader gets the error; a body that is closed unread is no failure.
    answer.body.on('error', () => undefined);
    notes.contact();
    if (request.origin === undefined) {
      clock.noteDate([answer.headers.date].flat()[0]);
      if (answer.statusCode < 500) outages.answered(request.operation);
      else if (kindOf(request) === 'read') outages.failed(request.operation);
    }
    if (!isServerError(answer.statusCode) || request.acceptServerErrors) return answer;
    answer.body.destroy();
    // A time in Retry-After is of the vendor's clock, as its Date is.
    const sentMs = Date.parse(String(answer.headers.date));
    const retryAfterSeconds = readRetryAfter(answer.headers['retry-after'], Number.isNaN(sentMs) ? context.clock.now() : sentMs);
    throw unavailable(request, `was answered with HTTP ${answer.statusCode}`, {
      vendorCode: String(answer.statusCode),
      retryAfterSeconds,
    });
  };

  /**
   * One call: what passes is repeated, as far as the kind, the deadline, the budget and a closed circuit allow. cockatiel's retry knows neither a
   * budget nor Retry-After nor a deadline that moves with a stream, and would take more code than this loop.
   */
  const call = async <T>(request: VendorRequest, deadline: Deadline, attempt: () => Promise<T>): Promise<T> => {
    const repeatable = kindOf(request) !== 'command' && !request.unbounded && circuit.state === 'CLOSED';
    let earlier: unknown;
    budget.earn();
    for (let made = 1; ; made += 1) {
      try {
        return await attempt();
      } catch (caught) {
        const error = failureOf(caught, request, deadline);
        const pauseMs = repeatable && isPassing(error) ? pauseBefore(made, deadline.leftMs(), error.retryAfterSeconds) : null;
        // Where a repeat is cut short, the error before it says more than the deadline.
        if (pauseMs === null || !budget.spend()) throw deadline.signal.reason instanceof OverDeadline ? (earlier ?? error) : error;
        earlier = error;
        meter?.repeated(request.operation);
        await wait(pauseMs, undefined, { signal: deadline.signal }).catch(() => undefined);
      }
    }
  };

  /**
   * `work` answers under the deadline that it is handed, and ends it: a stream does when it is over. A failure stays in the health until `read`, an
   * operation, works; where it is absent, until anything does.
   */
  const run = async <T extends { status: number }>(
    request: VendorRequest,
    read: string | undefined,
    work: (deadline: Deadline) => Promise<T>,
  ): Promise<T> => {
    const startedAt = performance.now();
    let waits = true;
    meter?.waiting(1);
    const begin = async (): Promise<T> => {
      waits = false;
      meter?.waiting(-1);
      meter?.inFlight(1);
      const deadline = startDeadline(limitOf(request), request.signal);
      try {
        return await call(request, deadline, () => work(deadline));
      } catch (error) {
        deadline.done();
        throw request.failsAlone?.() ? new FailedAlone(error) : error;
      } finally {
        meter?.inFlight(-1);
      }
    };
    const execute = <R>(task: () => Promise<R>) => (request.unbounded ? circuit.executePoll(task) : circuit.execute(laneOf(request), task));
    const begun = () => begunWithin(options.timeoutMs, request.signal, execute<T>, begin);
    try {
      const answer = await (meter ? meter.span(request.operation, begun) : begun());
      const failing = isServerError(answer.status);
      notes.outcome(failing ? `${source}: ${request.operation} was answered with HTTP ${answer.status}.` : null, read);
      context.measure(request.operation, failing ? 'VENDOR_UNAVAILABLE' : 'OK', performance.now() - startedAt);
      return answer;
    } catch (caught) {
      const error = translate(caught instanceof FailedAlone ? caught.failure : caught, request);
      if (error instanceof ExpectedError) {
        // A call that an open circuit kept back is no new failure.
        if (!(caught instanceof BrokenCircuitError)) notes.outcome(error.message, read);
        context.measure(request.operation, error.code, performance.now() - startedAt);
      }
      throw error;
    } finally {
      if (waits) meter?.waiting(-1);
    }
  };

  const readAll = async (body: AsyncIterable<Uint8Array>, request: VendorRequest): Promise<Buffer> => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of body) {
      length += chunk.length;
      if (length > maxBodyBytes) throw unavailable(request, `was answered with more than ${maxBodyBytes} bytes`, { retryable: false });
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  };

  const failedIn = (request: VendorRequest, deadline: Deadline) => (caught: unknown) => {
    const error = failureOf(caught, request, deadline);
    if (error instanceof ExpectedError) notes.outcome(error.message);
    return error;
  };

  const request: VendorApi['request'] = (vendorRequest) =>
    run(vendorRequest, kindOf(vendorRequest) === 'read' ? vendorRequest.operation : undefined, async (deadline) => {
      const { statusCode: status, headers, body } = await send(vendorRequest, deadline.signal);
      const bytes = await readAll(decompressed(body, headers, maxBodyBytes), vendorRequest);
      deadline.done();
      const text = decodeText(bytes, String(headers['content-type'] ?? ''));
      return { status, headers, text, digest: () => hash('sha256', bytes, 'base64') };
    });

  const stream: VendorApi['stream'] = (vendorRequest) =>
    run(vendorRequest, undefined, async (deadline): Promise<VendorStream> => {
      const { statusCode: status, headers, body } = await send(vendorRequest, deadline.signal);
      return {
        status,
        headers,
        body: timedBody(decompressed(body, headers, null), deadline, failedIn(vendorRequest, deadline)),
        close: () => {
          deadline.done();
          body.destroy();
        },
      };
    });

  const noteProblem: VendorApi['noteProblem'] = (message, about = '') => notes.note(message, about);
  const { statusError, answer } = createJsonAnswers(options, notes, request);

  return {
    statusError,
    json: async (schema, jsonRequest) => (await answer(schema, jsonRequest)).value,
    answer,
    request,
    stream,
    clock,
    health: () => notes.health(circuit.state, clock.differenceMs()),
    noteProblem,
    checked: (read, about) => {
      try {
        const value = read();
        noteProblem(null, about);
        return value;
      } catch (error) {
        if (error instanceof ExpectedError) noteProblem(error.message, about);
        throw error;
      }
    },
    close: () => pool.destroy(),
  };
};
