/** The schema of the operator's file, with its defaults. */
import * as z from 'zod';
import { defaultLimits } from '../graphql/policy/limits.ts';
import type { VendorModule } from '../vendors/kit/index.ts';
import { auth } from './auth-schema.ts';
import { server } from './server-schema.ts';
import { bus, store } from './store-schema.ts';

const seconds = () => z.number().positive();

const limits = z
  .strictObject(
    Object.fromEntries(Object.entries(defaultLimits).map(([name, value]) => [name, z.number().int().positive().default(value)])) as {
      [Name in keyof typeof defaultLimits]: z.ZodDefault<z.ZodNumber>;
    },
  )
  .prefault({})
  .describe('Limits for each caller and request.');

const media = z
  .strictObject({
    linkSeconds: seconds().default(300).describe('How long a link to audio is valid.'),
    signingKey: z
      .string()
      .min(16, 'must be at least 16 characters, such as 32 random bytes in hex')
      .optional()
      .describe('Signs links to audio. Default: a new key at each start.'),
    previousSigningKey: z.string().min(16).optional().describe('Also accepted, so that the key can be changed without breaking links.'),
  })
  .prefault({});

const control = z
  .strictObject({
    clockSkewSeconds: z.number().min(0).default(30).describe('How far in the past the times of a blackout may be.'),
    idempotencyHours: seconds().default(24).describe('How long a repeated request receives the first answer.'),
  })
  .prefault({});

const logging = z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({});

const tracing = z
  .strictObject({
    otlpEndpoint: z
      .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
      .optional()
      .describe(
        'The OpenTelemetry collector (OTLP over HTTP), such as http://127.0.0.1:4318. Default: OTEL_EXPORTER_OTLP_ENDPOINT; without either, no traces are sent.',
      ),
    serviceName: z.string().min(1).optional().describe('The name that the collector shows. Default: OTEL_SERVICE_NAME, else tapegraph.'),
    sampleRatio: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('The share of requests that are traced, if their caller has not decided. Default: OTEL_TRACES_SAMPLER, else all.'),
  })
  .prefault({});

/** Everything except the blocks of the sources, which their vendors read. */
export const outline = z.strictObject({
  server,
  limits,
  auth: auth.optional(),
  store,
  bus,
  media,
  control,
  log: logging,
  tracing,
  plugins: z
    .array(z.string().min(1))
    .default([])
    .describe('Packages, or paths relative to this file, that add vendors, such as "@acme/tapegraph-genesys".'),
  sources: z.array(z.unknown()).min(1, 'must list at least one source'),
});
export type Outline = z.output<typeof outline>;

/** The JSON Schema of the file, for editors. */
export const configurationJsonSchema = (modules: readonly VendorModule[]): object => {
  const options = { io: 'input', target: 'draft-2020-12', unrepresentable: 'any' } as const;
  const whole = z.toJSONSchema(outline, options) as { properties: Record<string, object> };
  const blocks = modules.map((module) => {
    const block = z.toJSONSchema(module.settings, options) as { $schema?: string; description?: string };
    delete block.$schema;
    return { ...block, description: module.title };
  });
  return {
    ...whole,
    $id: 'tapegraph.schema.json',
    title: 'Tapegraph configuration',
    properties: { ...whole.properties, sources: { type: 'array', minItems: 1, items: { anyOf: blocks } } },
  };
};
