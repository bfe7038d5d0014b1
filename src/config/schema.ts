/** The schema of the operator's file, with its defaults. */
import ipaddr from 'ipaddr.js';
import * as z from 'zod';
import { scopes } from '../domain/model/enums.ts';
import { defaultLimits } from '../graphql/policy/limits.ts';
import type { VendorModule } from '../vendors/kit/index.ts';

const whole = () => z.number().int().positive();
const seconds = () => z.number().positive();
/** True for a URL that paths can be added to. */
const isPlainUrl = (text: string): boolean => !URL.canParse(text) || !/[?#]|:\/\/[^/]*@/.test(text);
const isAddressOrNetwork = (text: string): boolean => ipaddr.isValid(text) || ipaddr.isValidCIDR(text);

/** A scheme, a host and perhaps a port, as browsers write it in `Origin`, where `:*` stands for every port; or `*`. */
const origin = /^(?:\*|[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#@:[\]*]+)(?::(?:\d{1,5}|\*))?)$/;
const callbackHost = /^(?:\*\.)?(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?$/;

const server = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('The address to listen on.'),
    port: z
      .number()
      .int()
      .min(0)
      .max(65_535)
      .default(4000)
      .describe('The port to listen on; 0 selects a free port, which the line "ready at URL" prints.'),
    publicUrl: z
      .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
      .refine(isPlainUrl, 'must end with its path, and have no query, fragment or user name')
      .optional()
      .describe(
        'The URL that clients use, which can have a path. Links to audio start with it. Default: the address that the server listens on.',
      ),
    trustedProxies: z
      .array(z.string().refine(isAddressOrNetwork, 'must be an IP address or a network such as 10.0.0.0/8'))
      .default([])
      .describe('Addresses and networks of proxies whose X-Forwarded-For header counts. If any is set, no request counts as local.'),
    playground: z.boolean().optional().describe('Serves the playground to browsers at /graphql. Default: only on loopback.'),
    introspection: z.boolean().optional().describe('Allows introspection of the schema. Default: only on loopback.'),
    corsOrigins: z
      .array(z.string().regex(origin, 'must be an origin without a path, such as https://crm.example.com or http://localhost:*, or *'))
      .default([])
      .describe(
        'Origins whose pages can send requests, such as https://crm.example.com, http://localhost:* for every port, or * for all. Default: none.',
      ),
    callbackHosts: z
      .array(z.string().regex(callbackHost, 'must be a host, such as router.example.com, router.example.com:4040 or *.example.com'))
      .default([])
      .describe('Hosts that may receive subscription callbacks. Default: none.'),
    trustedDocuments: z.string().optional().describe('A manifest of operations (id to text). The server executes nothing else.'),
    name: z.string().min(1).optional().describe('The name of this server among several. Default: host name and process.'),
    installation: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,50}$/, 'must be 1 to 50 letters, digits, - or _')
      .optional()
      .describe('Separates two installations on one broker. Servers that share a store have the same value.'),
  })
  .prefault({});

const limits = z
  .strictObject(
    Object.fromEntries(Object.entries(defaultLimits).map(([name, value]) => [name, whole().default(value)])) as {
      [Name in keyof typeof defaultLimits]: z.ZodDefault<z.ZodNumber>;
    },
  )
  .prefault({})
  .describe('Limits for each caller and request.');

const apiKey = z.strictObject({
  name: z.string().min(1).describe('The name that the ledger shows.'),
  keySha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'must be the SHA-256 of the key in 64 hex digits; make it with: printf %s "$KEY" | sha256sum')
    .describe('SHA-256 of the key, in hex.'),
  scopes: z.array(z.enum(scopes)).describe('The permissions of the key.'),
  sources: z.array(z.string()).optional().describe('The sources that the key can use. Default: all.'),
});

const auth = z.strictObject({
  mode: z.enum(['none', 'apiKeys', 'jwt']).describe('none grants every scope and is accepted on loopback only.'),
  apiKeys: z.array(apiKey).optional(),
  jwt: z
    .strictObject({
      issuer: z.string().min(1),
      audience: z.string().min(1),
      jwksUrl: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }),
      clockToleranceSeconds: z.number().min(0).max(300).optional(),
      scopeClaim: z.string().min(1).optional().describe('The claim that contains the scopes. Default: scope, scp and permissions.'),
      staleKeysSeconds: z
        .number()
        .min(0)
        .max(30 * 86_400)
        .optional()
        .describe('How long known keys stay valid while the issuer does not answer. Default: 86400.'),
    })
    .optional(),
});

const unreadableUrl =
  'cannot be read as user:password@host:port; special characters in a user name or password need percent-encoding: # is %23, / is %2F, ? is %3F, @ is %40, % is %25';

const isPercentEncoded = (text: string): boolean => {
  try {
    return decodeURIComponent(text) !== null;
  } catch {
    return false;
  }
};

/** Detects unencoded special characters: #, / and ? in a password end the authority before its host, and % starts an escape sequence. */
const isReadableUrl = (text: string): boolean => {
  if (/^(sqlite|memory):/.test(text)) return true;
  const url = URL.parse(text);
  if (url === null || url.hostname === '' || url.hash !== '') return false;
  return !url.pathname.includes('@') && !url.search.includes('@') && isPercentEncoded(url.username + url.password);
};

const storeUrl = z
  .string()
  .regex(/^(sqlite:(?!$|\/\/(?!\/))|postgres(ql)?:\/\/)/, {
    error: 'must be sqlite: and a path, such as sqlite:./data/tapegraph.db, or start with postgres://',
    abort: true,
  })
  .refine(isReadableUrl, unreadableUrl);

/** Tells what is wrong with the URL of a store; null where nothing is. */
export const storeUrlFault = (url: string): string | null => storeUrl.safeParse(url).error?.issues[0]?.message ?? null;

const store = z
  .strictObject({
    url: storeUrl.default('sqlite:./data/tapegraph.db').describe('sqlite:<path> or postgres://user:password@host/database.'),
    eventDays: seconds().default(7).describe('How many days the event log is kept for streams that resume.'),
    keepDays: z
      .strictObject({
        calls: seconds().optional().describe('Calls that have ended. Default: for ever.'),
        recordings: seconds().optional().describe('Recordings, without the audio that the vendor keeps. Default: for ever.'),
        events: seconds().optional().describe('The event log. Default: eventDays.'),
      })
      .prefault({})
      .describe('After how many days old rows are deleted. The ledger, blackouts and the audit trail are never deleted.'),
    eventRows: whole().default(1_000_000).describe('The maximum number of events to keep.'),
  })
  .prefault({});

const bus = z
  .strictObject({
    url: z
      .string()
      .regex(/^(memory:$|amqps?:\/\/)/, { error: 'must be memory: or start with amqp://', abort: true })
      .refine(isReadableUrl, unreadableUrl)
      .default('memory:')
      .describe('memory: for one server, amqp://user:password@host for several.'),
    exchange: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,100}$/, 'must be 1 to 100 letters, digits, dots, - or _')
      .default('tapegraph.events')
      .describe(
        "The exchange that the servers share; their queues' names start with it. Servers with another store need another exchange.",
      ),
  })
  .prefault({});

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
