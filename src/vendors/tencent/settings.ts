import * as z from 'zod';
import { commonSettings } from '../kit/index.ts';

/** A number that may come out of the environment, hence as text. */
const wholeNumber = () =>
  z.union([
    z.number().int().positive(),
    z
      .string()
      .regex(/^[1-9]\d{0,14}$/, 'must be a whole number')
      .transform(Number),
  ]);
const seconds = (max: number) => z.number().positive().max(max);
const secret = () => z.string().min(1, 'must not be empty');

const pushAuth = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }),
  z.strictObject({ type: z.literal('basic'), username: secret(), password: secret() }),
  z.strictObject({
    type: z.literal('oauth2'),
    clientId: secret(),
    clientSecret: secret(),
    tokenSeconds: seconds(86_400).default(7200).describe('How long a token that we give out is good.'),
  }),
]);
export type PushAuth = z.output<typeof pushAuth>;

const mediaHost = z
  .string()
  .regex(
    /^(\*\.)?(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:\d{1,5})?$/i,
    'must be a host name or address such as *.myqcloud.com or media.example.com:8443, without a scheme or path',
  );

export const settings = z
  .strictObject({
    ...commonSettings,
    vendor: z.literal('tencent').optional(),
    sdkAppId: wholeNumber().describe('The application (instance) id that the console shows.'),
    push: z
      .strictObject({ auth: pushAuth.describe('How Tencent proves itself when it pushes; as set in its console.') })
      .optional()
      .describe('Receives data pushes at POST /hooks/{name}.'),
    allowAnonymousPush: z
      .boolean()
      .default(false)
      .describe('Lets push.auth none stand on a server that others can reach: anyone who finds the address can then post recordings.'),
    api: z
      .strictObject({
        endpoint: z
          .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
          .default('https://ccc.tencentcloudapi.com')
          .describe('https://ccc.tencentcloudapi.com, or https://ccc.intl.tencentcloudapi.com for an international account.'),
        secretId: secret(),
        secretKey: secret(),
        region: z.string().min(1).optional(),
        pollSeconds: seconds(3600).default(5).describe('How often agents and live calls are read.'),
        reconcileSeconds: seconds(86_400).default(300).describe('How often call records are read, to find pushes that never came.'),
        overlapSeconds: seconds(7_000_000)
          .default(14_400)
          .describe('How far back each reconciliation reads; longer than the longest call, since records are found by their start.'),
      })
      .optional()
      .describe('Reads agents, live calls and call records; without it only pushes are known.'),
    keepMonths: z
      .number()
      .int()
      .positive()
      .max(1200)
      .default(3)
      .describe('How many months the vendor keeps a recording that has no CustomRecordURL.'),
    mediaHosts: z
      .array(mediaHost)
      .min(1)
      .default(['*.myqcloud.com', '*.tencentcos.cn', '*.qcloud.com'])
      .describe('Where recordings may be fetched from.'),
  })
  .refine((value) => value.push !== undefined || value.api !== undefined, {
    path: ['push'],
    error: 'api is missing too: give push, api or both',
  });

export type TencentSettings = z.output<typeof settings>;
export type ApiSettings = NonNullable<TencentSettings['api']>;
