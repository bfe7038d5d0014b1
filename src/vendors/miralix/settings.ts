import * as z from 'zod';
import { commonSettings } from '../kit/index.ts';

export const versions = ['6.1', '6.5', '7.0', '7.1', '7.2', '7.3', '8.0'] as const;
export type Version = (typeof versions)[number];

/** YAML reads an unquoted 7.0 as the number 7. */
const asVersion = (value: unknown): unknown => (typeof value === 'number' ? value.toFixed(1) : value);

/** Hosted accounts are numbers, which YAML does not read as text. */
const asText = (value: unknown): unknown => (Number.isSafeInteger(value) ? String(value) : value);

export const miralixSettings = z.strictObject({
  ...commonSettings,
  vendor: z.literal('miralix'),
  baseUrl: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .describe('Scheme, host and port of the OfficeTeam server; `/mot/{account}` is added.'),
  account: z.preprocess(asText, z.string().min(1)).describe('The Miralix account, the path segment after `/mot/`.'),
  sharedSecret: z.string().min(1).describe('The shared secret of the Office Team profile.'),
  version: z.preprocess(asVersion, z.enum(versions)).describe('The REST API version of the server; it cannot be asked for.'),
  pollSeconds: z.number().positive().max(3600).default(30).describe('Pause between two polls.'),
  queues: z
    .array(z.number().int().nonnegative())
    .min(1)
    .optional()
    .describe('The queues to read, instead of asking the vendor for all of them.'),
  trailingWindow: z
    .strictObject({
      calls: z.number().int().nonnegative().default(2000).describe('How many call ids below the highest are read again.'),
      hours: z.number().nonnegative().default(12).describe('Calls younger than this are read again, whatever their id.'),
    })
    .prefault({})
    .describe('What is read again at each poll, since a long call appears late under a low id.'),
  agentCallsPerPoll: z
    .number()
    .int()
    .nonnegative()
    .default(50)
    .describe(
      'How many agents are asked about one by one in a poll, for their call, their recordings and their direct calls; the rest wait their turn.',
    ),
  directRecordings: z.boolean().default(true).describe('Whether recordings of direct calls are listed (7.2 and later).'),
  listTimeoutSeconds: z
    .number()
    .positive()
    .max(3600)
    .default(60)
    .describe('Deadline of a list of recordings, which has no pages and may be long.'),
  encodeIdentification: z.boolean().default(true).describe('Whether `:` and `@` in an identification are percent-encoded.'),
  caFile: z.string().min(1).optional().describe("A PEM file that signs the server's certificate."),
});
export type MiralixSettings = z.infer<typeof miralixSettings>;

const atLeast = (version: Version, least: Version): boolean => versions.indexOf(version) >= versions.indexOf(least);

/** What a server of this version can do. */
export const abilities = (version: Version) => ({
  agentCursor: atLeast(version, '7.0'),
  licences: atLeast(version, '7.1'),
  directRecordings: atLeast(version, '7.2'),
});
