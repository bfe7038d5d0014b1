import { createHmac } from 'node:crypto';
import { type Clock, parseJson, sameSecret, type WebhookHead, type WebhookRequest, type WebhookResponse } from '../kit/index.ts';
import type { PushAuth } from './settings.ts';

interface Credentials {
  name: string;
  secret: string;
}

const basicCredentials = (header: string | undefined): Credentials | null => {
  const encoded = /^basic\s+(\S+)\s*$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? null : { name: text.slice(0, colon), secret: text.slice(colon + 1) };
};

/** Both halves are always compared, so that the time taken discloses neither. */
const matches = (given: Credentials | null, name: string, secret: string): boolean => {
  const sameName = sameSecret(given?.name ?? '', name);
  const same = sameSecret(given?.secret ?? '', secret);
  return given !== null && sameName && same;
};

const formDecoded = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
};

/** The token carries its own expiry under a signature, so every server takes it, after a restart too, and nothing is stored. */
const tokenSigner = (source: string, auth: Extract<PushAuth, { type: 'oauth2' }>) => {
  const key = createHmac('sha256', auth.clientSecret).update(`push token of ${source} for ${auth.clientId}`).digest();
  const sign = (expiry: string) => createHmac('sha256', key).update(expiry).digest('base64url');
  return {
    issue: (expiresAtMs: number) => `${expiresAtMs}.${sign(String(expiresAtMs))}`,
    accepts: (token: string, nowMs: number) => {
      const [expiry = '', signature = ''] = token.split('.', 2);
      return sameSecret(signature, sign(expiry)) && Number(expiry) > nowMs;
    },
  };
};

const tokenAnswer = (status: number, body: object, headers: Record<string, string> = {}): WebhookResponse => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', pragma: 'no-cache', ...headers },
  body: JSON.stringify(body),
});

/** A token request's fields, from a form or, leniently, a JSON object. */
const fieldsOf = (request: WebhookRequest): Map<string, string> => {
  const text = Buffer.from(request.body).toString('utf8');
  if (text.trimStart().startsWith('{')) {
    try {
      return new Map(
        Object.entries(parseJson(text) as object).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
      );
    } catch {
      return new Map();
    }
  }
  return new Map(new URLSearchParams(text));
};

export interface PushGuard {
  /** The challenge to answer a push with that does not prove itself; null where it does. */
  challenge(request: WebhookHead): string | null;
  /** The OAuth2 token endpoint (client credentials); absent in the other modes. */
  token?(request: WebhookRequest): WebhookResponse;
}

const oauth2Guard = (source: string, auth: Extract<PushAuth, { type: 'oauth2' }>, clock: Clock): PushGuard => {
  const signer = tokenSigner(source, auth);
  return {
    challenge: (request) => {
      const token = /^bearer\s+(\S+)\s*$/i.exec(request.headers.authorization ?? '')?.[1];
      if (token === undefined) return 'Bearer';
      return signer.accepts(token, clock.now()) ? null : 'Bearer error="invalid_token"';
    },
    token: (request) => {
      const fields = fieldsOf(request);
      const basic = basicCredentials(request.headers.authorization);
      const body = fields.has('client_id') ? { name: fields.get('client_id')!, secret: fields.get('client_secret') ?? '' } : null;
      const decoded = basic && { name: formDecoded(basic.name), secret: formDecoded(basic.secret) };
      if (![basic, decoded, body].some((given) => matches(given, auth.clientId, auth.clientSecret))) {
        return tokenAnswer(401, { error: 'invalid_client' }, { 'www-authenticate': 'Basic realm="push"' });
      }
      const grant = fields.get('grant_type');
      if (grant === undefined) return tokenAnswer(400, { error: 'invalid_request', error_description: 'grant_type is missing' });
      if (grant !== 'client_credentials') return tokenAnswer(400, { error: 'unsupported_grant_type' });
      const expiresIn = Math.floor(auth.tokenSeconds);
      return tokenAnswer(200, {
        access_token: signer.issue(clock.now() + expiresIn * 1000),
        token_type: 'Bearer',
        expires_in: expiresIn,
      });
    },
  };
};

export const createPushGuard = (source: string, auth: PushAuth, clock: Clock): PushGuard => {
  if (auth.type === 'none') return { challenge: () => null };
  if (auth.type === 'oauth2') return oauth2Guard(source, auth, clock);
  return {
    challenge: (request) =>
      matches(basicCredentials(request.headers.authorization), auth.username, auth.password) ? null : 'Basic realm="push", charset="UTF-8"',
  };
};
