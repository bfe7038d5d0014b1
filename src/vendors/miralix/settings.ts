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
  version: z.preprocess(asVersion, z.enum(versions)).describe('The REST API version of the server, which the server does not report.'),
  pollSeconds: z.number().positive().max(3600).default(30).describe('Seconds between two polls.'),
  queues: z
    .array(z.number().int().nonnegative())
    .min(1)
    .optional()
    .describe('The queues whose lists of recordings are read. Default: all.'),
  trailingWindow: z
    .strictObject({
      calls: z.number().int().nonnegative().default(2000).describe('How many call ids below the highest id are read again.'),
      hours: z.number().nonnegative().default(12).describe('Calls younger than this are read again.'),
    })
    .prefault({})
    .describe('The window that each poll reads again, because a long call appears late and has a low id.'),
  agentCallsPerPoll: z
    .number()
    .int()
    .nonnegative()
    .default(50)
    .describe(
      'How many agents (call, recordings, direct calls), and lists of queues if there are more queues than agents, are read in each poll. The others follow in the next polls.',
    ),
  directRecordings: z.boolean().default(true).describe('Lists recordings of direct calls (7.2 and later).'),
  listTimeoutSeconds: z
    .number()
    .positive()
    .max(3600)
    .default(60)
    .describe('Deadline of a list of recordings. The list has no pages and can be long.'),
  encodeIdentification: z.boolean().default(true).describe('Percent-encodes `:` and `@` in identifications.'),
  caFile: z.string().min(1).optional().describe("A PEM file with the CA of the server's certificate."),
});
export type MiralixSettings = z.infer<typeof miralixSettings>;

const atLeast = (version: Version, least: Version): boolean => versions.indexOf(version) >= versions.indexOf(least);

/** Returns what a server of this version can do. */
export const abilities = (version: Version) => ({
  agentCursor: atLeast(version, '7.0'),
  licences: atLeast(version, '7.1'),
  directRecordings: atLeast(version, '7.2'),
});
