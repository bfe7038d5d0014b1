/** What the vendors' folders share: settings every source may set, and an HTTP client whose failures are already `ExpectedError`s. */
import * as z from 'zod';
import { ExpectedError } from '../../domain/model/errors.ts';
import type { VendorContext, VendorSource } from '../../domain/ports/vendor.ts';

export { createVendorClient } from './http-client.ts';
export type { VendorClient, VendorClientOptions, VendorRequest, VendorResponse, VendorStream } from './http-request.ts';

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
