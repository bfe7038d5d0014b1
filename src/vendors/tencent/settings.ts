import * as z from 'zod';
import { commonSettings } from '../kit/index.ts';

/** Accepts a number, and text from the environment that contains one. */
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
    tokenSeconds: seconds(86_400).default(7200).describe('How long a token is valid.'),
  }),
]);
export type PushAuth = z.output<typeof pushAuth>;

const mediaHost = z
  .string()
  .regex(
    /^(\*\.)?(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:\d{1,5})?$/i,
    'must be a host name or address such as *.myqcloud.com or media.example.com:8443, without a scheme or path',
  );

export const tencentSettings = z
  .strictObject({
    ...commonSettings,
    vendor: z.literal('tencent').optional(),
    sdkAppId: wholeNumber().describe('The application (instance) id, as the console shows it.'),
    push: z
      .strictObject({ auth: pushAuth.describe('How Tencent authenticates when it pushes, as set in its console.') })
      .optional()
      .describe('Receives data pushes at POST /hooks/{name}.'),
    allowAnonymousPush: z
      .boolean()
      .default(false)
      .describe('Permits push.auth none on a server that others can reach. Anyone who finds the address can then post recordings.'),
    api: z
      .strictObject({
        endpoint: z
          .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
          .default('https://ccc.tencentcloudapi.com')
          .describe('https://ccc.tencentcloudapi.com, or https://ccc.intl.tencentcloudapi.com for an international account.'),
        secretId: secret(),
        secretKey: secret(),
        region: z.string().min(1).optional(),
        pollSeconds: seconds(3600).default(5).describe('Seconds between two reads of agents and live calls.'),
        reconcileSeconds: seconds(86_400)
          .default(300)
          .describe('Seconds between two reads of call records, which find pushes that never arrived.'),
        overlapSeconds: seconds(7_000_000)
          .default(14_400)
          .describe(
            'How far back each read of call records goes. Make it longer than the longest call, because records are found by their start.',
          ),
      })
      .optional()
      .describe('Reads agents, live calls and call records. Without it, only pushes are known.'),
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
      .describe('The hosts from which audio is fetched.'),
  })
  .refine((value) => value.push !== undefined || value.api !== undefined, {
    path: ['push'],
    error: 'api is missing too: give push, api or both',
  });

export type TencentSettings = z.output<typeof tencentSettings>;
/** The settings of a source that reads the API. */
export type PullingSettings = TencentSettings & { api: NonNullable<TencentSettings['api']> };
