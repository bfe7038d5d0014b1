import { hash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { BrokenCircuitError, BulkheadRejectedError } from 'cockatiel';
import { Agent as ConnectionPool, type Dispatcher } from 'undici';
import type * as z from 'zod';
import { ExpectedError } from '../../domain/model/errors.ts';
import type { VendorContext } from '../../domain/ports/vendor.ts';
import { currentLane, type Lane } from '../../lib/lane.ts';
import { createCircuit } from './circuit.ts';
import { createVendorClock } from './clock-difference.ts';
import { connectorOf } from './connector.ts';
import { begunWithin, type Deadline, NotBegun, OverDeadline, startDeadline } from './deadline.ts';
import { decompressed, tooLong } from './decompress.ts';
import { createHealthNotes } from './health.ts';
import { decodeText, readJson } from './json.ts';
import { createOutageWatch } from './outage.ts';
import { createRetryBudget, pauseBefore, readRetryAfter } from './retry.ts';
import { failedToConnect, isPassing, plainCause } from './transport-failures.ts';
import type {
  JsonAnswer,
  JsonRequest,
  RequestKind,
  VendorApi,
  VendorApiOptions,
  VendorRequest,
  VendorResponse,
  VendorStream,
} from './vendor-request.ts';

const isServerError = (status: number): boolean => status === 429 || status >= 500;

const kindOf = ({ kind, method = 'GET' }: VendorRequest): RequestKind => kind ?? (method === 'GET' ? 'read' : 'command');

const laneOf = (request: VendorRequest): Lane =>
  request.atDeadline ? 'deadline' : (currentLane() ?? (kindOf(request) === 'read' ? 'read' : 'command'));

/** The most answers that are kept to compare the next ones with. */
const maxAnswers = 500;

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
  const answers = new Map<string, { digest: string; schema: unknown; value: unknown }>();

  const limitOf = (request: VendorRequest): number => request.timeoutMs ?? options.timeoutMs;

  const unavailable = (request: VendorRequest, what: string, more: ConstructorParameters<typeof ExpectedError>[2]) =>
    new ExpectedError('VENDOR_UNAVAILABLE', `${source}: ${request.operation} ${what}.`, more);

  const translate = (error: unknown, request: VendorRequest): unknown => {
    if (error instanceof ExpectedError) return error;
    if (error instanceof BrokenCircuitError) {
      const { failures, resetSeconds } = options.circuit;
      const what = `was not sent: the vendor failed ${failures} times in a row and is called again within ${resetSeconds} s`;
      return unavailable(request, what, { cause: error, retryAfterSeconds: resetSeconds, notSent: true });
    }
    const crowded = { cause: error, retryAfterSeconds: 1, notSent: true };
    if (error instanceof BulkheadRejectedError)
      return unavailable(request, 'was not sent: too many calls to this source are waiting', crowded);
    if (error instanceof NotBegun) {
      const what = `was not sent within ${options.timeoutMs / 1000} s: earlier calls to this source are still waiting`;
      return unavailable(request, what, crowded);
    }
    if (error instanceof OverDeadline) {
      const message = `${source}: ${request.operation} was not answered within ${limitOf(request) / 1000} s.`;
      return new ExpectedError('VENDOR_TIMEOUT', message, { cause: error });
    }
    if (request.signal?.aborted) return error;
    if (tooLong(error)) return unavailable(request, `was answered with more than ${maxBodyBytes} bytes`, { retryable: false });
    return unavailable(request, `failed: ${plainCause(error)}`, { cause: error, notSent: failedToConnect(error) });
  };

  /** Returns the error that ended a call: its deadline where that has passed, whatever error the socket raised. */
  const failureOf = (error: unknown, request: VendorRequest, deadline: Deadline): unknown =>
    translate(deadline.signal.reason instanceof OverDeadline ? deadline.signal.reason : error, request);

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

  /** `work` answers under the deadline that it is handed, and ends it: a stream does when it is over. */
  const run = async <T extends { status: number }>(request: VendorRequest, work: (deadline: Deadline) => Promise<T>): Promise<T> => {
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
        throw error;
      } finally {
        meter?.inFlight(-1);
      }
    };
    const execute = <R>(task: () => Promise<R>) => (request.unbounded ? circuit.executePoll(task) : circuit.execute(laneOf(request), task));
    const begun = () => begunWithin(options.timeoutMs, request.signal, execute<T>, begin);
    try {
      const answer = await (meter ? meter.span(request.operation, begun) : begun());
      const failing = isServerError(answer.status);
      notes.outcome(failing ? `${source}: ${request.operation} was answered with HTTP ${answer.status}.` : null);
      context.measure(request.operation, failing ? 'VENDOR_UNAVAILABLE' : 'OK', performance.now() - startedAt);
      return answer;
    } catch (caught) {
      const error = translate(caught, request);
      if (error instanceof ExpectedError) {
        // A call that an open circuit kept back is no new failure.
        if (!(caught instanceof BrokenCircuitError)) notes.outcome(error.message);
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

  /** The deadline is held while the reader is at work on a chunk, and runs while it waits for the next. */
  const timed = (body: AsyncIterable<Uint8Array>, request: VendorRequest, deadline: Deadline): AsyncIterableIterator<Uint8Array> => {
    const given = body[Symbol.asyncIterator]();
    let taken = 0;
    let failure: { error: unknown } | null = null;
    const chunks: AsyncIterableIterator<Uint8Array> = {
      next: async () => {
        // A generator ends after it has thrown; a part is never presented as the whole.
        if (failure) throw failure.error;
        if (taken > 0) deadline.rearm(taken);
        try {
          const step = await given.next();
          if (step.done) deadline.done();
          else deadline.hold();
          taken = step.done ? 0 : step.value.length;
          return step;
        } catch (error) {
          deadline.done();
          failure = { error: failureOf(error, request, deadline) };
          if (failure.error instanceof ExpectedError) notes.outcome(failure.error.message);
          throw failure.error;
        }
      },
      return: async () => {
        deadline.done();
        await given.return?.();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]: () => chunks,
    };
    return chunks;
  };

  const request: VendorApi['request'] = (vendorRequest) =>
    run(vendorRequest, async (deadline) => {
      const { statusCode: status, headers, body } = await send(vendorRequest, deadline.signal);
      const bytes = await readAll(decompressed(body, headers, maxBodyBytes), vendorRequest);
      deadline.done();
      const text = decodeText(bytes, String(headers['content-type'] ?? ''));
      return { status, headers, text, digest: () => hash('sha256', bytes, 'base64') };
    });

  const stream: VendorApi['stream'] = (vendorRequest) =>
    run(vendorRequest, async (deadline): Promise<VendorStream> => {
      const { statusCode: status, headers, body } = await send(vendorRequest, deadline.signal);
      return {
        status,
        headers,
        body: timed(decompressed(body, headers, null), vendorRequest, deadline),
        close: () => {
          deadline.done();
          body.destroy();
        },
      };
    });

  const aboutOf = ({ about, operation }: JsonRequest): string => about ?? operation;

  /** Makes the error of a status outside 2xx. */
  const statusError: VendorApi['statusError'] = (jsonRequest, status, isPage = false) => {
    const { operation } = jsonRequest;
    const words = isPage ? undefined : options.statusMessages?.[status];
    const credentials = status === 401 || status === 403;
    const how = `${credentials ? 'refused' : 'answered'} with ${isPage ? 'a web page, ' : ''}HTTP ${status}`;
    const message = words
      ? `${source}: the vendor ${words} (HTTP ${status}, ${operation}).`
      : `${source}: ${operation} was ${how}; check the source's ${credentials ? 'credentials' : 'address and settings'}.`;
    notes.note(message, aboutOf(jsonRequest));
    return new ExpectedError(status === 404 && !isPage ? 'NOT_FOUND' : 'VENDOR_REJECTED', message, { vendorCode: String(status) });
  };

  const isWebPage = (headers: VendorResponse['headers'], text: string): boolean =>
    /^text\/html\b/i.test([headers['content-type']].flat()[0] ?? '') || /^\s*</.test(text);

  const readAnswer = <T>(schema: z.ZodType<T>, jsonRequest: JsonRequest, isAbsent: boolean, text: string, digest: string): [T, boolean] => {
    const shown = isAbsent ? 'null' : text;
    if (kindOf(jsonRequest) !== 'read') return [readJson(schema, shown, source, jsonRequest.operation), false];
    const key = `${jsonRequest.method ?? 'GET'} ${jsonRequest.path} ${jsonRequest.body ?? ''}${jsonRequest.json === undefined ? '' : JSON.stringify(jsonRequest.json)}`;
    const known = answers.get(key);
    const unchanged = known !== undefined && known.digest === digest && known.schema === schema;
    const value = unchanged ? (known.value as T) : readJson(schema, shown, source, jsonRequest.operation);
    answers.delete(key);
    answers.set(key, { digest, schema, value });
    for (const oldest of answers.keys()) if (answers.size > maxAnswers) answers.delete(oldest);
    return [value, unchanged];
  };

  const answer = async <T>(schema: z.ZodType<T>, jsonRequest: JsonRequest): Promise<JsonAnswer<T>> => {
    const { status, headers, text, digest } = await request({
      ...jsonRequest,
      headers: { accept: 'application/json', ...jsonRequest.headers },
    });
    try {
      const isAbsent =
        (jsonRequest.absent?.includes(status) ?? false) || (jsonRequest.emptyIsAbsent === true && status < 300 && text.trim() === '');
      const isRefused = status < 200 || status >= 300;
      const isPage = isRefused && isWebPage(headers, text);
      if (isRefused && (!isAbsent || isPage)) throw statusError(jsonRequest, status, isPage);
      const whole = `${status} ${digest()}`;
      const [value, unchanged] = readAnswer(schema, jsonRequest, isAbsent, text, whole);
      notes.note(null, aboutOf(jsonRequest));
      return { value, status, headers, digest: whole, unchanged };
    } catch (error) {
      if (error instanceof ExpectedError) notes.note(error.message, aboutOf(jsonRequest));
      throw error;
    }
  };

  return {
    statusError,
    json: async (schema, jsonRequest) => (await answer(schema, jsonRequest)).value,
    answer,
    request,
    stream,
    clock,
    health: () => notes.health(circuit.state, clock.differenceMs()),
    noteProblem: (message, about = '') => notes.note(message, about),
    close: () => pool.destroy(),
  };
};
