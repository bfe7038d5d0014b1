/** The requests of a vendor's code, and their answers. */

import type { LookupFunction } from 'node:net';
import type * as z from 'zod';
import type { SourceHealth } from '../../domain/model/entities.ts';
import type { ExpectedError } from '../../domain/model/errors.ts';
import type { VendorContext } from '../../domain/ports/vendor-context.ts';
import type { VendorClock } from './clock-difference.ts';

/** The parts of the server that calls to a vendor use. */
export type CallContext = Pick<VendorContext, 'clock' | 'measure' | 'meter' | 'outageEnded'>;

export interface VendorApiOptions {
  /** The source's name, for messages. */
  source: string;
  /** Scheme, host, port and path prefix. */
  baseUrl: string;
  timeoutMs: number;
  /** Look-ups in flight at once. Commands have as many places of their own, and what is sent at a deadline again as many. */
  maxConcurrency: number;
  circuit: { failures: number; resetSeconds: number };
  /** Sent with every request. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** A PEM file that signs the vendor's certificate. */
  caFile?: string | undefined;
  /** The name that the vendor's certificate bears, where the address names it otherwise. */
  tlsServerName?: string | undefined;
  /** SHA-256 of the vendor's certificate, in hex: it alone is then trusted, whatever its issuer. */
  tlsFingerprint?: string | undefined;
  /** The largest answer that is read into memory, decompressed. */
  maxBodyBytes?: number | undefined;
  /** Resolves host names instead of the system, such as to refuse private addresses. */
  lookup?: LookupFunction | undefined;
  /** Words for an error status, such as `{ 401: 'refuses the secret; check sharedSecret' }`, after "the vendor". */
  statusMessages?: Readonly<Record<number, string>> | undefined;
}

/**
 * `read` changes nothing at the vendor and may be sent again; so may a `repeatable` command, which does no more when it comes twice. `command`
 * is sent once.
 */
type RequestKind = 'read' | 'repeatable' | 'command';

export interface VendorRequest {
  /** Names the call in metrics and messages, such as `GetAll`. */
  operation: string;
  /** GET where it is absent. */
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `read` for GET, `command` for the other methods where it is absent. */
  kind?: RequestKind | undefined;
  /** Sent at a deadline, such as the end of a blackout: it has places of its own, before all commands. */
  atDeadline?: boolean | undefined;
  /** Below the base URL, already encoded, with its query. */
  path: string;
  /** Scheme, host and port instead of the base URL's; `path` is then the whole path. The caller has checked that it is permitted. */
  origin?: string;
  headers?: Readonly<Record<string, string>> | undefined;
  body?: string | undefined;
  /** Sent as JSON, with its content type, instead of `body`. */
  json?: unknown;
  signal?: AbortSignal | undefined;
  /** Instead of the source's deadline. */
  timeoutMs?: number | undefined;
  /** A long poll: neither waits for nor takes a place among the `maxConcurrency`, and is never repeated. */
  unbounded?: boolean | undefined;
  /** Answers with status 429 and 5xx are returned, not thrown; they still count as failures of the vendor. */
  acceptServerErrors?: boolean | undefined;
  /** Called when it failed: true if that says nothing of the vendor as a whole, and does not count for the circuit. */
  failsAlone?: (() => boolean) | undefined;
  /** The key under which `health` keeps a failure until the same works; the operation where it is absent. */
  about?: string | undefined;
}

export interface JsonRequest extends VendorRequest {
  /** Statuses that say "there is none", such as 404 and 204: `json` then reads null through the schema. A web page never says so. */
  absent?: readonly number[] | undefined;
  /** An empty body says "there is none" too. */
  emptyIsAbsent?: boolean | undefined;
}

export interface VendorResponse {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The whole body, decompressed and decoded, without a byte order mark. */
  text: string;
  /** Equal for bodies of the same bytes. */
  digest(): string;
}

export const kindOf = ({ kind, method = 'GET' }: VendorRequest): RequestKind => kind ?? (method === 'GET' ? 'read' : 'command');

/** Returns the key under which `health` keeps a failure. */
export const aboutOf = ({ about, operation }: VendorRequest): string => about ?? operation;

export interface JsonAnswer<T> {
  value: T;
  status: number;
  headers: VendorResponse['headers'];
  /** Of status and bytes: equal where the vendor says the same. */
  digest: string;
  /** True where this vendor's last answer to the same request was of the same bytes; `value` is then the same value again. */
  unchanged: boolean;
}

export interface VendorStream {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Decompressed. Must be read to its end or closed. Throws VENDOR_UNAVAILABLE or VENDOR_TIMEOUT when the vendor breaks off or stalls. */
  body: AsyncIterable<Uint8Array>;
  close(): void;
}

export interface VendorApi {
  /**
   * The JSON of a 2xx answer, read through the schema. Error statuses are VENDOR_REJECTED with the status as vendor code, a 404 is NOT_FOUND, what
   * cannot be read VENDOR_UNAVAILABLE; each stays in `health` until the same operation works.
   */
  json<T>(schema: z.ZodType<T>, request: JsonRequest): Promise<T>;
  /** As `json`, with the digest by which equal answers are known. */
  answer<T>(schema: z.ZodType<T>, request: JsonRequest): Promise<JsonAnswer<T>>;
  /**
   * Throws VENDOR_TIMEOUT past the deadline, VENDOR_UNAVAILABLE for refused, reset, open circuit, status 429 and 5xx. A request that may be sent again and
   * broke off, or was put off by a busy vendor, is sent again within the same deadline as far as the source's budget of repeats goes.
   */
  request(request: VendorRequest): Promise<VendorResponse>;
  /** As `request`; the deadline is for the head, then for each chunk, of a stream of at least a byte a millisecond. */
  stream(request: VendorRequest): Promise<VendorStream>;
  /**
   * Makes the error of a status outside 2xx as `json` does, and notes it in `health`; `isPage` where its body is a web page, which a proxy
   * before the vendor sends.
   */
  statusError(request: JsonRequest, status: number, isPage?: boolean): ExpectedError;
  /** How far the vendor's clock is from this server's; its Date headers count already. */
  clock: VendorClock;
  /** Computes the health from requests, answers and notes; the newest failure is the one shown. */
  health(): SourceHealth;
  /**
   * Records a failure that HTTP does not show, such as an error within an answer of 200; null clears it. A note about one thing is not
   * forgotten because another works, but after a quarter of an hour.
   */
  noteProblem(message: string | null, about?: string): void;
  /** Runs `read` on an answer; the expected error that it throws is noted about the same thing until it throws none. */
  checked<T>(read: () => T, about?: string): T;
  close(): Promise<void>;
}
