/** What a vendor's client asks of HTTP, and what it gets. */
import type { LookupFunction } from 'node:net';
import type { SourceHealth } from '../../domain/model/entities.ts';

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
  /** It changes nothing whatever its method, and may be sent once more as a GET may. */
  onlyReads?: boolean;
  /** Below the base URL, already encoded, with its query. */
  path: string;
  /** Scheme, host and port instead of the base URL's; `path` is then the whole path. The caller has checked that it may be asked. */
  origin?: string;
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal | undefined;
  /** Instead of the source's deadline. */
  timeoutMs?: number;
  /** A long poll: neither waits for nor takes a place among the `maxConcurrency`, and is never repeated. */
  unbounded?: boolean;
  /** Answers with status 429 and 5xx are returned, not thrown; they still count as failures of the vendor. */
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
  /**
   * Throws VENDOR_TIMEOUT past the deadline, VENDOR_UNAVAILABLE for refused, reset, open circuit, status 429 and 5xx. A GET that broke off, or
   * that a busy vendor put off, is sent again within the same deadline as far as the source's budget of repeats goes; nothing else ever is.
   */
  request(request: VendorRequest): Promise<VendorResponse>;
  /** As `request`; the deadline is for the head, then for each chunk, of a stream of at least a byte a millisecond. */
  stream(request: VendorRequest): Promise<VendorStream>;
  health(): SourceHealth;
  /**
   * Takes in a failure that the transport did not see, such as a bad password or an unreadable answer; null forgets it. What is noted about
   * one thing is not forgotten because another works.
   */
  noteProblem(message: string | null, about?: string): void;
  close(): Promise<void>;
}
