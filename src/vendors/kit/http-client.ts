import { readFileSync } from 'node:fs';
import { BrokenCircuitError, BulkheadRejectedError } from 'cockatiel';
import { Agent as ConnectionPool } from 'undici';
import { ExpectedError } from '../../domain/model/errors.ts';
import { instant } from '../../domain/model/instant.ts';
import type { VendorContext } from '../../domain/ports/vendor.ts';
import { createCircuit } from './circuit.ts';
import { begunWithin, type Deadline, NotBegun, OverDeadline, startDeadline } from './deadline.ts';
import { type Exchange, exchange } from './exchange.ts';
import type { VendorClient, VendorClientOptions, VendorRequest, VendorStream } from './http-request.ts';
import { createRetryBudget, pause, pauseBefore, readRetryAfter } from './retry.ts';
import { failedToConnect, isPassing, plainCause } from './transport-failures.ts';

/** A PEM file; one that cannot be read is a fault of the configuration. */
const certificateIn = (file: string, source: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new ExpectedError(
      'INVALID_INPUT',
      `Source ${source}: caFile ${missing ? 'names no file' : 'cannot be read'}; give the path of the CA's certificate in PEM.`,
      { cause },
    );
  }
};

const isServerError = (status: number): boolean => status === 429 || status >= 500;

/** A client for one source: pooled keep-alive connections, a deadline a call, a bulkhead, a circuit breaker, and honest health. */
export const createVendorClient = (
  options: VendorClientOptions,
  context: Pick<VendorContext, 'clock' | 'measure' | 'meter'>,
): VendorClient => {
  const { meter } = context;
  const base = new URL(options.baseUrl);
  const prefix = base.pathname.replace(/\/$/, '');
  const maxBodyBytes = options.maxBodyBytes ?? 16 * 1024 * 1024;
  const pool = new ConnectionPool({
    connections: null,
    keepAliveTimeout: 20_000,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: {
      timeout: options.timeoutMs,
      ...(options.caFile === undefined ? {} : { ca: certificateIn(options.caFile, options.source) }),
      ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
    },
  });
  const circuit = createCircuit(options.maxConcurrency, options.circuit);
  const budget = createRetryBudget();
  let lastContactMs: number | null = null;
  let lastError: string | null = null;
  const noted = new Map<string, string>();
  let failing = false;

  const limitOf = (request: VendorRequest): number => request.timeoutMs ?? options.timeoutMs;

  const unavailable = (request: VendorRequest, what: string, more: ConstructorParameters<typeof ExpectedError>[2]) =>
    new ExpectedError('VENDOR_UNAVAILABLE', `${options.source}: ${request.operation} ${what}.`, more);

  const translate = (error: unknown, request: VendorRequest): unknown => {
    if (error instanceof ExpectedError) return error;
    if (error instanceof BrokenCircuitError) {
      const { failures, resetSeconds } = options.circuit;
      return unavailable(
        request,
        `was not sent: the vendor failed ${failures} times in a row and is tried again within ${resetSeconds} s`,
        {
          cause: error,
          retryAfterSeconds: resetSeconds,
          notSent: true,
        },
      );
    }
    const crowded = { cause: error, retryAfterSeconds: 1, notSent: true };
    if (error instanceof BulkheadRejectedError)
      return unavailable(request, 'was not sent: too many calls to this source are waiting already', crowded);
    if (error instanceof NotBegun) {
      return unavailable(
        request,
        `was not sent within ${options.timeoutMs / 1000} s: earlier calls to this source are still waiting`,
        crowded,
      );
    }
    if (error instanceof OverDeadline) {
      const message = `${options.source}: ${request.operation} was not answered within ${limitOf(request) / 1000} s.`;
      return new ExpectedError('VENDOR_TIMEOUT', message, { cause: error });
    }
    if (request.signal?.aborted) return error;
    return unavailable(request, `could not be asked: ${plainCause(error)}`, { cause: error, notSent: failedToConnect(error) });
  };

  const send = async (request: VendorRequest, signal: AbortSignal): Promise<Exchange> => {
    const { method, headers = {}, body = null } = request;
    const origin = request.origin ?? base.origin;
    const path = request.origin === undefined ? `${prefix}${request.path}` : request.path;
    const answer = await exchange(pool, { origin, path, method, headers, body }, signal);
    lastContactMs = context.clock.now();
    if (!isServerError(answer.status) || request.acceptServerErrors) return answer;
    answer.close();
    // A moment is one of the vendor's clock, which its Date tells.
    const sentMs = Date.parse(String(answer.headers.date));
    const retryAfterSeconds = readRetryAfter(answer.headers['retry-after'], Number.isNaN(sentMs) ? lastContactMs : sentMs);
    throw unavailable(request, `was answered with HTTP ${answer.status}`, {
      vendorCode: String(answer.status),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    });
  };

  /** One call: what passes is repeated, as far as the deadline, the budget and a closed circuit allow. */
  const call = async <T>(request: VendorRequest, deadline: Deadline, attempt: () => Promise<T>): Promise<T> => {
    const repeatable = (request.method === 'GET' || request.onlyReads === true) && !request.unbounded && circuit.state === 'CLOSED';
    let earlier: unknown;
    budget.earn();
    for (let made = 1; ; made += 1) {
      try {
        return await attempt();
      } catch (caught) {
        const error = translate(deadline.signal.reason instanceof OverDeadline ? deadline.signal.reason : caught, request);
        const pauseMs = repeatable && isPassing(error) ? pauseBefore(made, deadline.leftMs(), error.retryAfterSeconds) : null;
        // Of a repeat that is cut short, what went wrong before tells more than that the time is up.
        if (pauseMs === null || !budget.spend()) throw deadline.signal.reason instanceof OverDeadline ? (earlier ?? error) : error;
        earlier = error;
        meter?.repeated(request.operation);
        await pause(pauseMs, deadline.signal).catch(() => undefined);
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
    const execute = request.unbounded ? circuit.executePoll : circuit.execute;
    const ask = () => begunWithin(options.timeoutMs, request.signal, execute<T>, begin);
    try {
      const answer = await (meter ? meter.span(request.operation, ask) : ask());
      failing = isServerError(answer.status);
      lastError = failing ? `${options.source}: ${request.operation} was answered with HTTP ${answer.status}.` : null;
      context.measure(request.operation, failing ? 'VENDOR_UNAVAILABLE' : 'OK', performance.now() - startedAt);
      return answer;
    } catch (caught) {
      const error = translate(caught, request);
      if (error instanceof ExpectedError) {
        if (!(caught instanceof BrokenCircuitError)) lastError = error.message;
        failing = true;
        context.measure(request.operation, error.code, performance.now() - startedAt);
      }
      throw error;
    } finally {
      if (waits) meter?.waiting(-1);
    }
  };

  const readText = async (body: Exchange['body'], request: VendorRequest): Promise<string> => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of body) {
      length += chunk.length;
      if (length > maxBodyBytes) throw unavailable(request, `was answered with more than ${maxBodyBytes} bytes`, { retryable: false });
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  };

  /** The deadline is held while the reader is at work on a chunk, and runs while it waits for the next. */
  const timed = (body: Exchange['body'], request: VendorRequest, deadline: Deadline): AsyncIterableIterator<Uint8Array> => {
    let taken = 0;
    const chunks: AsyncIterableIterator<Uint8Array> = {
      next: async () => {
        if (taken > 0) deadline.rearm(taken);
        try {
          const step = await body.next();
          if (step.done) deadline.done();
          else deadline.hold();
          taken = step.value?.length ?? 0;
          return step;
        } catch (error) {
          deadline.done();
          throw translate(deadline.signal.reason instanceof OverDeadline ? deadline.signal.reason : error, request);
        }
      },
      return: () => {
        deadline.done();
        return body.return!();
      },
      [Symbol.asyncIterator]: () => chunks,
    };
    return chunks;
  };

  return {
    request: (request) =>
      run(request, async (deadline) => {
        const { status, headers, body } = await send(request, deadline.signal);
        const text = await readText(body, request);
        deadline.done();
        return { status, headers, text };
      }),
    stream: (request) =>
      run(request, async (deadline): Promise<VendorStream> => {
        const { status, headers, body, close } = await send(request, deadline.signal);
        return {
          status,
          headers,
          body: timed(body, request, deadline),
          close: () => {
            deadline.done();
            close();
          },
        };
      }),
    health: () => {
      const down = circuit.state === 'OPEN' || (failing && lastContactMs === null);
      return {
        status: down ? 'DOWN' : failing || noted.size > 0 || circuit.state === 'HALF_OPEN' ? 'DEGRADED' : 'UP',
        lastContactAt: lastContactMs === null ? null : instant(lastContactMs),
        lastError: [...noted.values()][0] ?? lastError,
        circuit: circuit.state,
      };
    },
    noteProblem: (message, about = '') => {
      if (message === null) noted.delete(about);
      else noted.set(about, message);
    },
    close: () => pool.destroy(),
  };
};
