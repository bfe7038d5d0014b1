/** The block `auth:`. */
import * as z from 'zod';
import { scopes } from '../domain/model/enums.ts';

const apiKey = z.strictObject({
  name: z.string().min(1).describe('The name that the ledger shows.'),
  keySha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'must be the SHA-256 of the key in 64 hex digits; make it with: printf %s "$KEY" | sha256sum')
    .describe('SHA-256 of the key, in hex.'),
  scopes: z.array(z.enum(scopes)).describe('The permissions of the key.'),
  sources: z.array(z.string()).optional().describe('The sources that the key can use. Default: all.'),
});

export const auth = z.strictObject({
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
