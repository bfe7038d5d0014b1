import type { Clock } from '../../domain/ports/clock.ts';
import type { Log } from '../../domain/ports/log.ts';
import { type ApiKey, createApiKeyAuthentication } from './api-keys.ts';
import type { Authenticate } from './authenticate.ts';
import type { JwtSettings } from './jwt.ts';
import { createNoAuthentication } from './none.ts';

export type { ApiKey } from './api-keys.ts';

/** The configuration's `auth:` block. */
type AuthSettings = { mode: 'none' } | { mode: 'apiKeys'; apiKeys: readonly ApiKey[] } | { mode: 'jwt'; jwt: JwtSettings };

interface Authentication {
  authenticate: Authenticate;
  /** Takes new API keys without a restart; absent in the other modes. */
  replaceKeys?(keys: readonly ApiKey[]): void;
}

export const createAuthenticate = async (settings: AuthSettings, deps: { clock: Clock; log: Log }): Promise<Authentication> => {
  if (settings.mode === 'none') return { authenticate: createNoAuthentication() };
  if (settings.mode === 'jwt') return { authenticate: (await import('./jwt.ts')).createJwtAuthentication(settings.jwt, deps) };
  const authenticate = createApiKeyAuthentication(settings.apiKeys);
  return { authenticate, replaceKeys: authenticate.replaceKeys };
};
