import * as z from 'zod';
import { commonSettings } from '../kit/index.ts';

const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

const isPlainUrl = (text: string): boolean => {
  const url = URL.parse(text);
  return url === null || (url.username === '' && url.password === '' && url.search === '' && url.hash === '');
};

const auth = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('none') }),
    z.strictObject({ type: z.literal('basic'), username: z.string().min(1), password: z.string().min(1) }),
    z.strictObject({
      type: z.literal('headers'),
      headers: z
        .record(
          z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'must be the name of an HTTP header'),
          z
            .string()
            .min(1)
            .regex(/^[\t\x20-\x7e]+$/, 'must be printable ASCII'),
        )
        .describe('Headers to send with every call, for example for an API gateway.'),
    }),
  ])
  .default({ type: 'none' })
  .describe('The credentials configured to access the Recording API.');

const baseUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .refine(isPlainUrl, 'must hold no credentials, query or fragment; credentials belong in auth');

const block = z.strictObject({
  ...commonSettings,
  vendor: z.literal('uptivity'),
  baseUrl: baseUrl.optional().describe('Scheme, host, port and path prefix of the Recording API, without /api. Alternative: baseUrls.'),
  baseUrls: z
    .array(baseUrl)
    .min(1)
    .max(8)
    .optional()
    .describe('Several Recording API servers that share their blackouts. If one does not answer, the next is used.'),
  metadataKeys: z
    .array(z.string().regex(/^[A-Za-z][\w-]{0,49}$/, 'must be a key of the metadata, such as keepdays'))
    .default([])
    .describe('Metadata keys that can be written besides user1 to user15, such as keepdays and archiveaction.'),
  auth,
  timeZone: z
    .string()
    .refine(isTimeZone, 'must be an IANA time zone such as America/New_York')
    .describe("The time zone of the recorder's times, which have none."),
  dateOrder: z.enum(['MDY', 'DMY']).default('MDY').describe("The order of month and day in the recorder's dates."),
  pollSeconds: z.number().min(0.1).max(3600).default(2).describe('Seconds between two reads of the agents.'),
  maxAgentBlackoutSeconds: z
    .number()
    .positive()
    .max(86_400)
    .default(300)
    .describe("The longest blackout; not longer than the recorder's own maxagentblackout."),
  caFile: z.string().min(1).optional().describe("A PEM file with the CA of the recorder's certificate."),
});

/** The `uptivity` block of `sources:`. */
export const uptivitySettings = block
  .superRefine(({ baseUrl, baseUrls }, context) => {
    if ((baseUrl === undefined) === (baseUrls === undefined)) {
      context.addIssue({ code: 'custom', path: ['baseUrl'], message: 'give either baseUrl or baseUrls' });
    }
  })
  // The refinement, for the JSON Schema.
  .meta({
    oneOf: [
      { type: 'object', required: ['baseUrl'], properties: { baseUrl: { type: 'string' } } },
      { type: 'object', required: ['baseUrls'], properties: { baseUrls: { type: 'array' } } },
    ],
  });

export type UptivitySettings = z.output<typeof uptivitySettings>;
