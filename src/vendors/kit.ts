/** What the vendors' folders share: settings every source may set, and an HTTP client whose failures are already `ExpectedError`s. */
import { readFileSync } from 'node:fs';
import type { LookupFunction } from 'node:net';
import {
  CircuitState as BreakerState,
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  wrap,
} from 'cockatiel';
import { Agent as ConnectionPool, type Dispatcher } from 'undici';
import { z } from 'zod';
import { ExpectedError } from '../domain/errors.ts';
import { instant } from '../domain/instant.ts';
import type { SourceHealth } from '../domain/nouns.ts';
import type { VendorContext, VendorSource } from '../domain/ports.ts';
import type { CircuitState } from '../domain/words.ts';

/** One vendor: what the registry lists. */
export interface VendorModule<Settings extends { name: string } = { name: string }> {
  /** The word for it in the configuration's `vendor:`. */
  type: string;
  /** The word for it in the contract's `Vendor` enum, and what that word means. */
  vendor: string;
  description: string;
  /** Reads the source's block of the configuration; reports every fault at once. */
  settings: z.ZodType<Settings>;
  create(settings: Settings, context: VendorContext): VendorSource;
}

const seconds = () => z.number().positive().max(86_400);

/** Settings that every source takes; spread into the vendor's own `z.strictObject`. `withDefaults` fills what is absent. */
export const commonSettings = {
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9 and -, starting with a letter or digit')
    .describe('Unique; part of every id below the source.'),
  timeoutSeconds: seconds().default(10).describe('Deadline of one vendor call.'),
  confirmSeconds: seconds().default(10).describe('How long a command that can be confirmed may stay unconfirmed before a warning.'),
  maxConcurrency: z.number().int().positive().max(1000).default(16).describe('Vendor calls in flight at once.'),
  maxStalenessSeconds: z
    .number()
    .min(0)
    .max(86_400)
    .optional()
    .describe('How old live state may be before a read goes to the vendor; 0 always asks.'),
  circuit: z
    .strictObject({
      failures: z.number().int().positive().default(5).describe('Failures in a row that open the circuit.'),
      resetSeconds: seconds().default(10).describe('How long it stays open before one call is let through.'),
    })
    .prefault({})
    .describe('The circuit breaker in front of the vendor.'),
};

export interface VendorClientOptions {
  /** The source's name, for messages. */
  source: string;
  /** Scheme, host, port and path prefix. */
  baseUrl: string;
  timeoutMs: number;
  maxConcurrency: number;
  circuit: { failures: number; resetSeconds: number };
  /** A PEM file that signs the vendor's certificate. */
  caFile?: string | undefined;
  /** The largest answer that is read into memory. */
  maxBodyBytes?: number;
  /** Resolves host names instead of the system, such as to refuse private addresses. */
  lookup?: LookupFunction;
}

export interface VendorRequest {
  /** Names the call in metrics and messages, such as `GetAll`. */
  operation: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the base URL, already encoded, with its query. */
  path: string;
  /** Scheme, host and port instead of the base URL's; `path` is then the whole path. The caller has checked that it may be asked. */
  origin?: string;
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal | undefined;
  /** Instead of the source's deadline. */
  timeoutMs?: number;
  /** A long poll: neither waits for nor takes a place among the `maxConcurrency`. */
  unbounded?: boolean;
  /** Answers with a status of 500 or more are returned, not thrown; they still count as failures of the vendor. */
  acceptServerErrors?: boolean;
}

export interface VendorResponse {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The whole body, decoded as UTF-8. */
  text: string;
}

export interface VendorStream {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Must be read to its end or closed. Throws VENDOR_UNAVAILABLE or VENDOR_TIMEOUT when the vendor breaks off or stalls. */
  body: AsyncIterable<Uint8Array>;
  close(): void;
}

export interface VendorClient {
  /** Throws VENDOR_TIMEOUT past the deadline, VENDOR_UNAVAILABLE for refused, reset, open circuit, status 429 and 5xx. */
  request(request: VendorRequest): Promise<VendorResponse>;
  /** As `request`; the deadline is for the head, and then for each gap between chunks. */
  stream(request: VendorRequest): Promise<VendorStream>;
  health(): SourceHealth;
  /** Takes in a failure that the transport did not see, such as a bad password or an unreadable answer; null forgets it. */
  noteProblem(message: string | null): void;
  close(): Promise<void>;
}

const retryAfterSeconds = (value: string | string[] | undefined): number | undefined => {
  const number = Number(Array.isArray(value) ? value[0] : value);
  return Number.isFinite(number) && number >= 0 ? Math.min(number, 3600) : undefined;
};

const breakerStates: Record<BreakerState, CircuitState> = {
  [BreakerState.Closed]: 'CLOSED',
  [BreakerState.HalfOpen]: 'HALF_OPEN',
  [BreakerState.Open]: 'OPEN',
  [BreakerState.Isolated]: 'OPEN',
};

/** What a socket error may say outward: its code, never the address in its message. */
const plainCause = (error: unknown): string => {
  const code = (error as { code?: unknown } | null)?.code;
  const known: Record<string, string> = {
    ECONNREFUSED: 'the connection was refused',
    ECONNRESET: 'the connection was reset',
    UND_ERR_SOCKET: 'the connection broke',
    ENOTFOUND: 'its host name is not known',
    EAI_AGAIN: 'its host name could not be looked up',
    UND_ERR_CONNECT_TIMEOUT: 'the connection could not be made in time',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed; name its CA in caFile',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is of an unknown CA; name the CA in caFile',
    SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is of an unknown CA; name the CA in caFile',
    CERT_HAS_EXPIRED: 'its certificate has expired',
    ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  };
  return (typeof code === 'string' && known[code]) || 'the connection failed';
};

/** Whether no connection was made: then the vendor saw nothing of the request. */
const failedToConnect = (error: unknown): boolean => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && code !== 'ECONNRESET' && code !== 'UND_ERR_SOCKET' && plainCause(error) !== 'the connection failed';
};

class OverDeadline extends Error {}

/** A client for one source: pooled keep-alive connections, a deadline a call, a bulkhead, a circuit breaker, and honest health. */
export const createVendorClient = (options: VendorClientOptions, context: Pick<VendorContext, 'clock' | 'measure'>): VendorClient => {
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
      ...(options.caFile === undefined ? {} : { ca: readFileSync(options.caFile, 'utf8') }),
      ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
    },
  });
  const breaker = circuitBreaker(
    handleWhen((error) => error instanceof ExpectedError && (error.code === 'VENDOR_UNAVAILABLE' || error.code === 'VENDOR_TIMEOUT')),
    { halfOpenAfter: options.circuit.resetSeconds * 1000, breaker: new ConsecutiveBreaker(options.circuit.failures) },
  );
  const places = bulkhead(options.maxConcurrency, options.maxConcurrency * 64);
  const guarded = wrap(places, breaker);
  let lastContactMs: number | null = null;
  let lastError: string | null = null;
  let noted: string | null = null;
  let failing = false;

  const translate = (error: unknown, request: VendorRequest): unknown => {
    if (error instanceof ExpectedError) return error;
    const subject = `${options.source}: ${request.operation}`;
    if (error instanceof BrokenCircuitError) {
      return new ExpectedError(
        'VENDOR_UNAVAILABLE',
        `${subject} was not sent: the vendor failed ${options.circuit.failures} times in a row and is tried again within ${options.circuit.resetSeconds} s.`,
        { cause: error, retryAfterSeconds: options.circuit.resetSeconds, notSent: true },
      );
    }
    if (error instanceof BulkheadRejectedError) {
      return new ExpectedError('VENDOR_UNAVAILABLE', `${subject} was not sent: too many calls to this source are waiting already.`, {
        cause: error,
        retryAfterSeconds: 1,
        notSent: true,
      });
    }
    if (error instanceof OverDeadline) {
      return new ExpectedError(
        'VENDOR_TIMEOUT',
        `${subject} was not answered within ${(request.timeoutMs ?? options.timeoutMs) / 1000} s.`,
        { cause: error },
      );
    }
    if (request.signal?.aborted) return error;
    return new ExpectedError('VENDOR_UNAVAILABLE', `${subject} could not be asked: ${plainCause(error)}.`, {
      cause: error,
      notSent: failedToConnect(error),
    });
  };

  /** Runs `work` with a signal that the deadline and the caller both abort; `rearm` starts the deadline anew. */
  const underDeadline = (request: VendorRequest) => {
    const controller = new AbortController();
    const limit = request.timeoutMs ?? options.timeoutMs;
    const arm = () => setTimeout(() => controller.abort(new OverDeadline()), limit);
    let timer = arm();
    const follow = () => controller.abort(request.signal?.reason);
    if (request.signal?.aborted) follow();
    request.signal?.addEventListener('abort', follow, { once: true });
    return {
      controller,
      rearm: () => {
        clearTimeout(timer);
        timer = arm();
      },
      /** While the consumer is at work (a paused player may take minutes), the vendor owes nothing. */
      hold: () => clearTimeout(timer),
      done: () => {
        clearTimeout(timer);
        request.signal?.removeEventListener('abort', follow);
      },
    };
  };

  const send = async (request: VendorRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> => {
    const response = await pool.request({
      origin: request.origin ?? base.origin,
      path: request.origin === undefined ? `${prefix}${request.path}` : request.path,
      method: request.method,
      headers: request.headers ?? {},
      body: request.body ?? null,
      signal,
    });
    lastContactMs = context.clock.now();
    const refusal = response.statusCode === 429 || response.statusCode >= 500;
    if (refusal && !request.acceptServerErrors) {
      response.body.on('error', () => undefined).destroy();
      throw new ExpectedError(
        'VENDOR_UNAVAILABLE',
        `${options.source}: ${request.operation} was answered with HTTP ${response.statusCode}.`,
        {
          vendorCode: String(response.statusCode),
          ...(retryAfterSeconds(response.headers['retry-after']) === undefined
            ? {}
            : { retryAfterSeconds: retryAfterSeconds(response.headers['retry-after'])! }),
        },
      );
    }
    return response;
  };

  const run = async <T>(request: VendorRequest, work: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    try {
      const answer = await (request.unbounded ? breaker : guarded).execute(async () => {
        try {
          return await work();
        } catch (error) {
          throw translate(error, request);
        }
      });
      failing = false;
      lastError = null;
      context.measure(request.operation, 'OK', performance.now() - startedAt);
      return answer;
    } catch (caught) {
      const error = translate(caught, request);
      if (error instanceof ExpectedError) {
        if (!(caught instanceof BrokenCircuitError)) lastError = error.message;
        failing = true;
        context.measure(request.operation, error.code, performance.now() - startedAt);
      }
      throw error;
    }
  };

  const readText = async (response: Dispatcher.ResponseData, request: VendorRequest): Promise<string> => {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of response.body) {
      length += (chunk as Buffer).length;
      if (length > maxBodyBytes) {
        throw new ExpectedError(
          'VENDOR_UNAVAILABLE',
          `${options.source}: the answer to ${request.operation} is larger than ${maxBodyBytes} bytes.`,
          { retryable: false },
        );
      }
      chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks).toString('utf8');
  };

  return {
    request: (request) =>
      run(request, async () => {
        const deadline = underDeadline(request);
        try {
          const response = await send(request, deadline.controller.signal);
          return { status: response.statusCode, headers: response.headers, text: await readText(response, request) };
        } catch (error) {
          throw deadline.controller.signal.reason instanceof OverDeadline ? deadline.controller.signal.reason : error;
        } finally {
          deadline.done();
        }
      }),
    stream: (request) =>
      run(request, async () => {
        const deadline = underDeadline(request);
        try {
          const response = await send(request, deadline.controller.signal);
          const body = async function* () {
            try {
              for await (const chunk of response.body) {
                deadline.hold();
                yield chunk as Uint8Array;
                deadline.rearm();
              }
            } catch (error) {
              throw translate(
                deadline.controller.signal.reason instanceof OverDeadline ? deadline.controller.signal.reason : error,
                request,
              );
            } finally {
              deadline.done();
            }
          };
          const close = () => {
            deadline.done();
            response.body.on('error', () => undefined).destroy();
          };
          return { status: response.statusCode, headers: response.headers, body: body(), close };
        } catch (error) {
          deadline.done();
          throw deadline.controller.signal.reason instanceof OverDeadline ? deadline.controller.signal.reason : error;
        }
      }),
    health: () => {
      const circuit = breakerStates[breaker.state];
      const down = circuit === 'OPEN' || (failing && lastContactMs === null);
      return {
        status: down ? 'DOWN' : failing || noted !== null || circuit === 'HALF_OPEN' ? 'DEGRADED' : 'UP',
        lastContactAt: lastContactMs === null ? null : instant(lastContactMs),
        lastError: noted ?? lastError,
        circuit,
      };
    },
    noteProblem: (message) => {
      noted = message;
    },
    close: () => pool.destroy(),
  };
};

/** Reads a vendor's JSON through a schema of the fields that are used; an unreadable answer is VENDOR_UNAVAILABLE. */
export const readJson = <T>(schema: z.ZodType<T>, text: string, source: string, operation: string): T => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ExpectedError(
      'VENDOR_UNAVAILABLE',
      `${source}: the answer to ${operation} is not JSON${/^\s*</.test(text) ? ' but a web page' : ''}.`,
      { cause },
    );
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const where = result.error.issues[0];
  throw new ExpectedError(
    'VENDOR_UNAVAILABLE',
    `${source}: the answer to ${operation} is not of the documented shape (at ${where?.path.join('.') || 'its root'}).`,
    { cause: result.error },
  );
};
