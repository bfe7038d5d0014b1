import * as z from 'zod';
import { commonSettings } from '../kit/index.ts';

const agentSettings = z.strictObject({
  id: z
    .union([z.string(), z.number().int()])
    .transform(String)
    .pipe(z.string().regex(/^[1-9]\d{0,5}$/, 'must be a work number of 1 to 6 digits that does not start with 0'))
    .describe('The agent id (work number).'),
  password: z.string().max(32, 'must be at most 32 characters').describe('The CTI password; can be empty on older deployments.'),
  phone: z
    .union([z.string(), z.number().int()])
    .transform(String)
    .pipe(z.string().min(1, 'must name the softphone').max(24, 'must be at most 24 characters'))
    .describe('The softphone number with which the agent signs in.'),
  name: z.string().min(1).optional().describe('Shown as Agent.name; the gateway reports no name.'),
});

const fields = z.strictObject({
  ...commonSettings,
  vendor: z.literal('huawei'),
  baseUrl: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .describe('Scheme, host and port of the CC-Gateway; `/agentgateway/resource` is added if it is missing.'),
  caFile: z.string().min(1).optional().describe("A PEM file with the CA of the gateway's certificate."),
  tlsServerName: z.string().min(1).optional().describe("The name in the gateway's certificate, if baseUrl contains an IP address."),
  tlsFingerprint: z
    .string()
    .regex(/^([0-9A-Fa-f]{2}:?){32}$/, 'must be the SHA-256 fingerprint of a certificate, 64 hex digits with or without colons')
    .optional()
    .describe("SHA-256 fingerprint of the gateway's certificate. That certificate is trusted, independent of its issuer and its name."),
  events: z.enum(['poll', 'push']).default('poll').describe('How events arrive: one long poll for each agent, or pushes to callbackUrl.'),
  callbackUrl: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .max(200, 'must be at most 200 characters')
    .optional()
    .describe('Push only: the URL of `/hooks/{source}` on this server as the gateway sees it.'),
  serviceToken: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,50}$/, 'must be 1 to 50 letters, digits, - or _')
    .optional()
    .describe('Push only: the token that every push carries.'),
  authMode: z.enum(['static', 'dynamic']).default('dynamic').describe("The gateway's AUTHMODE: 1 is static, 2 is dynamic."),
  signInAtStart: z.boolean().default(true).describe('Signs the configured agents in when the server starts.'),
  forceSignIn: z.boolean().default(false).describe('Takes over a session of another client on sign-in.'),
  attachSession: z
    .boolean()
    .default(false)
    .describe("Push only: signs nobody in and uses the session of the agent's own toolbar, whose pushes arrive here."),
  signIn: z
    .strictObject({
      status: z.enum(['NOT_READY', 'READY']).default('NOT_READY').describe('READY accepts calls at once.'),
      autoAnswer: z.boolean().default(false).describe('Answers calls automatically.'),
      queues: z
        .union([z.enum(['none', 'all']), z.array(z.number().int().nonnegative()).min(1)])
        .default('none')
        .describe('The skill queues to join: none, all configured ones, or a list.'),
    })
    .prefault({})
    .describe('The state of an agent after a sign-in. By default no calls arrive.'),
  selfRecord: z
    .boolean()
    .default(true)
    .describe('Set it to false if the site does not let agents start recordings. Starts and blackouts are then unsupported.'),
  downloadFormat: z
    .enum(['ALAW', 'WAV', 'MP3', 'VOX_8000', 'VOX_6000'])
    .default('ALAW')
    .describe("The coding of downloads without a header (the gateway's RECORD_AUDIOENCODING). Events do not change it."),
  joinSkills: z.boolean().optional().describe('The former name of signIn.queues: true joins all queues or skillIds, false none.'),
  skillIds: z.array(z.number().int().nonnegative()).min(1).optional().describe('The former name of a list in signIn.queues.'),
  autoAnswer: z.boolean().optional().describe('The former name of signIn.autoAnswer.'),
  pollTimeoutSeconds: z.number().min(11).max(100).default(30).describe('Deadline of a long poll. The gateway holds a poll for 10 s.'),
  recordFormat: z
    .number()
    .int()
    .min(0)
    .max(3)
    .default(0)
    .describe('The recording format of the site: 0 default, 1 24K VOX, 2 32K VOX, 3 64K A-law.'),
  maxAgentBlackoutSeconds: z.number().positive().max(86_400).default(300).describe('The longest blackout.'),
  agents: z.array(agentSettings).describe('The agents that this server signs in.'),
});

/** Checks that push has both settings of its pair and that each agent is listed once. Reported together with all other errors. */
export const huaweiSettings = fields.superRefine(
  (settings, issues) => {
    const isPush = settings.events === 'push';
    for (const half of ['callbackUrl', 'serviceToken'] as const) {
      if (isPush === (settings[half] !== undefined)) continue;
      const message = isPush ? 'is needed with events: push' : 'is for events: push; set events: push or remove it';
      issues.addIssue({ code: 'custom', path: [half], message });
    }
    if (settings.attachSession === true && !isPush) {
      issues.addIssue({
        code: 'custom',
        path: ['attachSession'],
        message: 'is for events: push, because only pushes contain the session; set events: push or remove it',
      });
    }
    const { signIn, joinSkills, skillIds, autoAnswer } = settings;
    const contradictions = {
      joinSkills: joinSkills !== undefined && (signIn?.queues ?? 'none') !== 'none' ? 'signIn.queues' : null,
      skillIds:
        skillIds === undefined ? null : joinSkills === false ? 'joinSkills: false' : signIn?.queues !== 'none' ? 'signIn.queues' : null,
      autoAnswer: autoAnswer === false && signIn?.autoAnswer === true ? 'signIn.autoAnswer' : null,
    };
    for (const [former, other] of Object.entries(contradictions)) {
      if (other !== null) issues.addIssue({ code: 'custom', path: [former], message: `contradicts ${other}; remove one of them` });
    }
    const ids = Array.isArray(settings.agents) ? settings.agents.map((agent) => agent?.id) : [];
    for (const [index, id] of ids.entries()) {
      if (id === undefined || ids.indexOf(id) === index) continue;
      issues.addIssue({ code: 'custom', path: ['agents', index, 'id'], message: 'names an agent that is listed already' });
    }
  },
  { when: ({ value }) => typeof value === 'object' && value !== null },
);

/** Where it is not set: three polls that the gateway holds, and one and a half heartbeats. */
export const maxStalenessMsOf = ({ maxStalenessSeconds, events }: HuaweiSettings): number =>
  (maxStalenessSeconds ?? (events === 'push' ? 45 : 30)) * 1000;

/** The skill queues that a sign-in joins; null for none. */
export const queuesOf = ({ signIn, joinSkills, skillIds }: HuaweiSettings): 'all' | readonly number[] | null => {
  if (joinSkills === false) return null;
  if (joinSkills === true || skillIds !== undefined) return skillIds ?? 'all';
  return signIn.queues === 'none' ? null : signIn.queues;
};

export type HuaweiSettings = z.infer<typeof fields>;
export type HuaweiAgent = HuaweiSettings['agents'][number];
