import type { ProblemCode } from './enums.ts';

/** True if a code invites the same request again, where the thrower does not say otherwise. */
const retryableCodes: ReadonlySet<ProblemCode> = new Set(['VENDOR_UNAVAILABLE', 'VENDOR_TIMEOUT']);

export interface ExpectedErrorOptions {
  retryable?: boolean | undefined;
  /** Left out where it is no code by its looks. */
  vendorCode?: string | null | undefined;
  /** Seconds after which trying again makes sense. */
  retryAfterSeconds?: number | null | undefined;
  /** True where the vendor cannot have received the request, so that it cannot have acted on it. */
  notSent?: boolean | undefined;
  /** Of the request that failed first, where its answer is replayed. */
  correlationId?: string | undefined;
  cause?: unknown;
}

/** Returns true for a short word without a number in it: a vendor may send anything as its code, and clients are shown it as it is. */
const isCode = (text: string): boolean => /^[\w.:-]{1,64}$/.test(text) && (text.match(/\d/g)?.length ?? 0) < 7;

/** Marks an expected error, also one of another copy of this module: a vendor's package may bring its own. */
const brand = Symbol.for('tapegraph.ExpectedError');

export const isExpectedError = (error: unknown): error is ExpectedError =>
  typeof error === 'object' && error !== null && (error as { [brand]?: unknown })[brand] === true;

/**
 * An expected failure, answered to clients as `Problem`. The message names the thing, the rule and the fix, and holds no secret,
 * phone number, e-mail or vendor URL. Anything else that is thrown is a bug.
 */
export class ExpectedError extends Error {
  override readonly name = 'ExpectedError';
  readonly [brand] = true;
  readonly code: ProblemCode;
  readonly retryable: boolean;
  readonly vendorCode: string | null;
  readonly retryAfterSeconds: number | null;
  readonly notSent: boolean;
  readonly correlationId: string | null;

  constructor(code: ProblemCode, message: string, options: ExpectedErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? retryableCodes.has(code);
    this.vendorCode = options.vendorCode != null && isCode(options.vendorCode) ? options.vendorCode : null;
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
    this.notSent = options.notSent ?? false;
    this.correlationId = options.correlationId ?? null;
  }

  /** Lets `instanceof` know it by its brand. */
  static override [Symbol.hasInstance](error: unknown): boolean {
    return isExpectedError(error);
  }
}

/** Throws what is no expected error: it is a bug. */
export const asExpected = (error: unknown): ExpectedError => {
  if (error instanceof ExpectedError) return error;
  throw error;
};
