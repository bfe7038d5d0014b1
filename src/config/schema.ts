/** The operator's file: what may stand in it, and what holds where it says nothing. */
import ipaddr from 'ipaddr.js';
import * as z from 'zod';
import { scopes } from '../domain/model/enums.ts';
import { defaultLimits } from '../graphql/policy/limits.ts';
import type { VendorModule } from '../vendors/kit/index.ts';

const whole = () => z.number().int().positive();
const seconds = () => z.number().positive();
const isAddressOrNetwork = (text: string): boolean => ipaddr.isValid(text) || ipaddr.isValidCIDR(text);

const server = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('The address to listen on.'),
    port: z.number().int().min(0).max(65_535).default(4000).describe('0 picks a free one; the line that says "ready" prints it.'),
    publicUrl: z
      .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
      .optional()
      .describe(
        'The outside address, which may have a path: what signed links start with, and an origin that is ours; where the server listens when absent.',
      ),
    trustedProxies: z
      .array(z.string().refine(isAddressOrNetwork, 'must be an IP address or a network such as 10.0.0.0/8'))
      .default([])
      .describe('Addresses and networks of proxies whose X-Forwarded-For counts; with any of them no request counts as local.'),
    playground: z.boolean().optional().describe('Whether browsers get the playground at /graphql; on by default on loopback only.'),
    introspection: z.boolean().optional().describe('Whether the schema can be read; on by default on loopback only.'),
    corsOrigins: z
      .array(z.string().min(1))
      .default([])
      .describe('Origins whose pages may call, such as https://crm.example.com, or http://localhost:* for any port; none by default.'),
    callbackHosts: z
      .array(z.string().min(1))
      .default([])
      .describe('Hosts at which gateways may be called back for subscriptions; none by default.'),
    trustedDocuments: z.string().optional().describe('A manifest of operations (id to text): nothing else is executed.'),
    name: z.string().min(1).optional().describe('This server among several; the host name and process when absent.'),
    installation: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,50}$/, 'must be 1 to 50 letters, digits, - or _')
      .optional()
      .describe('Keeps two installations on one broker apart: the servers that share a store have the same one.'),
  })
  .prefault({});

const limits = z
  .strictObject(
    Object.fromEntries(Object.entries(defaultLimits).map(([name, value]) => [name, whole().default(value)])) as {
      [Name in keyof typeof defaultLimits]: z.ZodDefault<z.ZodNumber>;
    },
  )
  .prefault({})
  .describe('What a caller may ask for at once.');

const apiKey = z.strictObject({
  name: z.string().min(1).describe('What the ledger writes.'),
  keySha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'must be the SHA-256 of the key in 64 hex digits; make it with: printf %s "$KEY" | sha256sum')
    .describe('SHA-256 of the key, in hex.'),
  scopes: z.array(z.enum(scopes)).describe('What its holder may do.'),
  sources: z.array(z.string()).optional().describe('The sources within reach; all when absent.'),
});

const auth = z.strictObject({
  mode: z.enum(['none', 'apiKeys', 'jwt']).describe('none is for loopback only, and means every scope.'),
  apiKeys: z.array(apiKey).optional(),
  jwt: z
    .strictObject({
      issuer: z.string().min(1),
      audience: z.string().min(1),
      jwksUrl: z.url(),
      clockToleranceSeconds: z.number().min(0).max(300).optional(),
      scopeClaim: z
        .string()
        .min(1)
        .optional()
        .describe('The claim that holds the scopes; scope, scp and permissions are read when absent.'),
      staleKeysSeconds: z
        .number()
        .min(0)
        .max(30 * 86_400)
        .optional()
        .describe('How long known keys stay good while the issuer cannot be reached; 86400 when absent.'),
    })
    .optional(),
});

const unreadableUrl =
  'cannot be read; in a user name or password write special characters percent-encoded, such as # as %23, / as %2F, ? as %3F, @ as %40 and % as %25';

const isPercentEncoded = (text: string): boolean => {
  try {
    return decodeURIComponent(text) !== null;
  } catch {
    return false;
  }
};

/** A password that holds one of #, / and ? ends the address before its host, and one that holds a % stands for something else. */
const isReadableUrl = (text: string): boolean => {
  if (/^(sqlite|memory):/.test(text)) return true;
  const url = URL.parse(text);
  if (url === null || url.hostname === '' || url.hash !== '') return false;
  return !url.pathname.includes('@') && !url.search.includes('@') && isPercentEncoded(url.username + url.password);
};

const store = z
  .strictObject({
    url: z
      .string()
      .regex(/^(sqlite:|postgres(ql)?:\/\/)/, 'must start with sqlite: or postgres://')
      .refine(isReadableUrl, unreadableUrl)
      .default('sqlite:./data/tapegraph.db')
      .describe('sqlite:<path> or postgres://user:password@host/database.'),
    eventDays: seconds().default(7).describe('How long the event log is kept, for streams that resume.'),
    keepDays: z
      .strictObject({
        calls: seconds().optional().describe('Calls that are over; for ever when absent.'),
        recordings: seconds().optional().describe('Recordings, not the audio that the vendor keeps; for ever when absent.'),
        events: seconds().optional().describe('The event log; eventDays when absent.'),
      })
      .prefault({})
      .describe('How many days what is over is kept. The ledger, blackouts and the audit trail are kept for ever.'),
    eventRows: whole().default(1_000_000).describe('How many events are kept at most.'),
  })
  .prefault({});

const bus = z
  .strictObject({
    url: z
      .string()
      .regex(/^(memory:|amqps?:\/\/)/, 'must be memory: or start with amqp://')
      .refine(isReadableUrl, unreadableUrl)
      .default('memory:')
      .describe('memory: for one server, amqp://user:password@host for several.'),
    exchange: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,100}$/, 'must be 1 to 100 letters, digits, dots, - or _')
      .default('tapegraph.events')
      .describe("The exchange that the servers share, and the start of their queues' names; servers of another store need another."),
  })
  .prefault({});

const media = z
  .strictObject({
    linkSeconds: seconds().default(300).describe('How long a link to audio is good.'),
    signingKey: z
      .string()
      .min(16, 'must be at least 16 characters, such as 32 random bytes in hex')
      .optional()
      .describe('Signs links; made anew at each start when absent.'),
    previousSigningKey: z.string().min(16).optional().describe('Still taken, so that the key can be changed without breaking links.'),
  })
  .prefault({});

const control = z
  .strictObject({
    clockSkewSeconds: z.number().min(0).default(30).describe("How far in the past a blackout's times may lie."),
    idempotencyHours: seconds().default(24).describe('How long a repeated request gets its first answer.'),
  })
  .prefault({});

const logging = z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({});

const tracing = z
  .strictObject({
    otlpEndpoint: z
      .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
      .optional()
      .describe(
        'Where traces are sent by OTLP over HTTP, such as http://127.0.0.1:4318; OTEL_EXPORTER_OTLP_ENDPOINT when absent, and no traces where that is unset too.',
      ),
    serviceName: z
      .string()
      .min(1)
      .optional()
      .describe('What the collector shows this server as; OTEL_SERVICE_NAME, else tapegraph, when absent.'),
    sampleRatio: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('The share of requests that are traced, unless their caller has decided; OTEL_TRACES_SAMPLER, else all, when absent.'),
  })
  .prefault({});

/** Everything but the sources, whose blocks their vendors read. */
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
    .describe('Packages, or paths from this file, that bring more vendors, such as "@acme/tapegraph-genesys".'),
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
