import * as z from 'zod';
import { commonSettings } from '../kit/index.ts';

const agentSettings = z.strictObject({
  id: z
    .union([z.string(), z.number().int()])
    .transform(String)
    .pipe(z.string().regex(/^[1-9]\d{0,5}$/, 'must be a work number of 1 to 6 digits that does not start with 0'))
    .describe('The agent id (work number).'),
  password: z.string().max(32, 'must be at most 32 characters').describe('The CTI password; may be empty on older deployments.'),
  phone: z
    .union([z.string(), z.number().int()])
    .transform(String)
    .pipe(z.string().min(1, 'must name the softphone').max(24, 'must be at most 24 characters'))
    .describe('The softphone number that the agent signs in on.'),
  name: z.string().min(1).optional().describe('Shown as Agent.name; the gateway tells none.'),
});

const fields = z.strictObject({
  ...commonSettings,
  vendor: z.literal('huawei'),
  baseUrl: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .describe('Scheme, host and port of the CC-Gateway; `/agentgateway/resource` is added unless the path ends so.'),
  caFile: z.string().min(1).optional().describe("A PEM file that signs the gateway's certificate."),
  tlsServerName: z
    .string()
    .min(1)
    .optional()
    .describe("The name in the gateway's certificate, where baseUrl names the gateway by its address."),
  tlsFingerprint: z
    .string()
    .regex(/^([0-9A-Fa-f]{2}:?){32}$/, 'must be the SHA-256 fingerprint of a certificate, 64 hex digits with or without colons')
    .optional()
    .describe("SHA-256 fingerprint of the gateway's certificate, which is then trusted whoever signed it and whatever it names."),
  events: z.enum(['poll', 'push']).default('poll').describe('How events come: one long poll an agent, or pushed to callbackUrl.'),
  callbackUrl: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .max(200, 'must be at most 200 characters')
    .optional()
    .describe('Push only: where the gateway reaches `/hooks/{source}` of this server.'),
  serviceToken: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,50}$/, 'must be 1 to 50 letters, digits, - or _')
    .optional()
    .describe('Push only: the token that each push must bring.'),
  authMode: z.enum(['static', 'dynamic']).default('dynamic').describe("The gateway's AUTHMODE: 1 is static, 2 is dynamic."),
  signInAtStart: z.boolean().default(true).describe('Whether the configured agents are signed in when the server starts.'),
  forceSignIn: z.boolean().default(false).describe('Whether a sign-in takes over a session that another client holds.'),
  attachSession: z
    .boolean()
    .default(false)
    .describe("Push only: nobody is signed in; the session that the agent's own toolbar holds, and whose pushes come here, is used."),
  signIn: z
    .strictObject({
      status: z.enum(['NOT_READY', 'READY']).default('NOT_READY').describe('READY lets calls come at once.'),
      autoAnswer: z.boolean().default(false).describe('Whether calls are answered by themselves.'),
      queues: z
        .union([z.enum(['none', 'all']), z.array(z.number().int().nonnegative()).min(1)])
        .default('none')
        .describe('The skill queues to join: none, all that are configured at the platform, or these.'),
    })
    .prefault({})
    .describe('What a sign-in makes of the agent; by default it puts nobody to work.'),
  selfRecord: z
    .boolean()
    .default(true)
    .describe('Whether the site lets agents start recordings; where it does not, there is no start and no blackout.'),
  downloadFormat: z
    .enum(['ALAW', 'WAV', 'MP3', 'VOX_8000', 'VOX_6000'])
    .default('ALAW')
    .describe("The coding of downloads without a header (the gateway's RECORD_AUDIOENCODING), whatever events say of the recording."),
  joinSkills: z.boolean().optional().describe('Overrides signIn.queues: true joins all or skillIds, false none.'),
  skillIds: z.array(z.number().int().nonnegative()).min(1).optional().describe('Skills to join instead of all that are configured.'),
  autoAnswer: z.boolean().optional().describe('Overrides signIn.autoAnswer.'),
  pollTimeoutSeconds: z.number().min(11).max(100).default(30).describe('Deadline of a long poll, which the gateway holds for 10 s.'),
  recordFormat: z
    .number()
    .int()
    .min(0)
    .max(3)
    .default(0)
    .describe('The one format of the site: 0 default, 1 24K VOX, 2 32K VOX, 3 64K A-law.'),
  maxAgentBlackoutSeconds: z.number().positive().max(86_400).default(300).describe('The longest that an agent may be blacked out.'),
  agents: z.array(agentSettings).describe('Whom this server signs in.'),
});

/** Push needs both halves of its pair, and an agent is named once; told together with what else is wrong. */
export const huaweiSettings = fields.superRefine(
  (settings, issues) => {
    const isPush = settings.events === 'push';
    for (const half of ['callbackUrl', 'serviceToken'] as const) {
      if (isPush === (settings[half] !== undefined)) continue;
      const message = isPush ? 'is needed with events: push' : 'is for events: push; set events: push or leave it out';
      issues.addIssue({ code: 'custom', path: [half], message });
    }
    if (settings.attachSession === true && !isPush) {
      issues.addIssue({
        code: 'custom',
        path: ['attachSession'],
        message: 'is for events: push, since only pushes tell the session; set events: push or leave it out',
      });
    }
    const ids = Array.isArray(settings.agents) ? settings.agents.map((agent) => agent?.id) : [];
    for (const [index, id] of ids.entries()) {
      if (id === undefined || ids.indexOf(id) === index) continue;
      issues.addIssue({ code: 'custom', path: ['agents', index, 'id'], message: 'names an agent that is listed already' });
    }
  },
  { when: ({ value }) => typeof value === 'object' && value !== null },
);

/** The skill queues that a sign-in joins; null for none. */
export const queuesOf = ({ signIn, joinSkills, skillIds }: HuaweiSettings): 'all' | readonly number[] | null => {
  if (joinSkills === false) return null;
  if (joinSkills === true || skillIds !== undefined) return skillIds ?? 'all';
  return signIn.queues === 'none' ? null : signIn.queues;
};

export type HuaweiSettings = z.infer<typeof fields>;
export type HuaweiAgent = HuaweiSettings['agents'][number];
