import * as z from 'zod';
import type { VendorApiOptions } from './vendor-request.ts';

const seconds = () => z.number().positive().max(86_400);

/** Settings that every source takes; spread into the vendor's own `z.strictObject`. */
export const commonSettings = {
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9 and -, starting with a letter or digit')
    .describe('Unique, and part of every id of the source.'),
  timeoutSeconds: seconds().default(10).describe('Deadline of one vendor call with its retries.'),
  confirmSeconds: seconds().default(10).describe('How long a command may remain unconfirmed before a warning.'),
  maxConcurrency: z
    .number()
    .int()
    .positive()
    .max(1000)
    .default(16)
    .describe('Reads in flight at once. Commands, and requests that are sent at a deadline, have as many places of their own.'),
  maxStalenessSeconds: z
    .number()
    .min(0)
    .max(86_400)
    .optional()
    .describe('How old live state may be before a read calls the vendor; 0 calls the vendor for every read.'),
  circuit: z
    .strictObject({
      failures: z.number().int().positive().default(5).describe('Failures in a row that open the circuit.'),
      resetSeconds: seconds().default(10).describe('How long the circuit stays open before one call is let through.'),
    })
    .prefault({})
    .describe('The circuit breaker in front of the vendor.'),
};

/** `commonSettings`, read. */
export interface CommonSettings {
  name: string;
  timeoutSeconds: number;
  confirmSeconds: number;
  maxConcurrency: number;
  maxStalenessSeconds?: number | undefined;
  circuit: { failures: number; resetSeconds: number };
}

/** The common settings that `createVendorApi` takes. */
export const apiOptions = (settings: Omit<CommonSettings, 'confirmSeconds'>): Omit<VendorApiOptions, 'baseUrl'> => {
  const { name: source, timeoutSeconds, maxConcurrency, circuit } = settings;
  return { source, timeoutMs: timeoutSeconds * 1000, maxConcurrency, circuit };
};
