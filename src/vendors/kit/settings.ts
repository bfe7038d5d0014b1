import * as z from 'zod';

const seconds = () => z.number().positive().max(86_400);

/** Settings that every source takes; spread into the vendor's own `z.strictObject`. */
export const commonSettings = {
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9 and -, starting with a letter or digit')
    .describe('Unique; part of every id below the source.'),
  timeoutSeconds: seconds().default(10).describe('Deadline of one vendor call.'),
  confirmSeconds: seconds().default(10).describe('How long a command that can be confirmed may stay unconfirmed before a warning.'),
  maxConcurrency: z
    .number()
    .int()
    .positive()
    .max(1000)
    .default(16)
    .describe('Look-ups in flight at once; commands, and what is sent at a deadline, have as many places of their own.'),
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

/** `commonSettings`, read. */
export interface CommonSettings {
  name: string;
  timeoutSeconds: number;
  confirmSeconds: number;
  maxConcurrency: number;
  maxStalenessSeconds?: number | undefined;
  circuit: { failures: number; resetSeconds: number };
}
