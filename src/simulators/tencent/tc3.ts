/** The vendor's side of TC3-HMAC-SHA256: what is wrong with a request's signature, null where nothing is. */
import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const maxSkewMs = 300_000;

export interface Tc3Keys {
  secretId: string;
  secretKey: string;
}

interface SignedRequest {
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export const tc3Fault = ({ headers, body }: SignedRequest, keys: Tc3Keys, nowMs: number): string | null => {
  const given =
    /^TC3-HMAC-SHA256 Credential=([^/]+)\/(\d{4}-\d{2}-\d{2})\/(\w+)\/tc3_request, SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    );
  if (!given) return 'AuthFailure.InvalidAuthorization';
  const [, secretId, date, service, signedHeaders, signature] = given as unknown as [string, string, string, string, string, string];
  if (secretId !== keys.secretId) return 'AuthFailure.SecretIdNotFound';
  const timestamp = String(headers['x-tc-timestamp'] ?? '');
  const sentMs = Number(timestamp) * 1000;
  if (!/^\d+$/.test(timestamp) || Math.abs(nowMs - sentMs) > maxSkewMs) return 'AuthFailure.SignatureExpire';
  if (service !== 'ccc' || new Date(sentMs).toISOString().slice(0, 10) !== date) return 'AuthFailure.SignatureFailure';
  const names = signedHeaders.split(';');
  if (!names.includes('host') || !names.includes('content-type')) return 'AuthFailure.SignatureFailure';
  const lines = names.map((name) => `${name}:${String(headers[name] ?? '').trim()}\n`).join('');
  const digest = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
  const canonicalRequest = `POST\n/\n\n${lines}\n${signedHeaders}\n${digest(body)}`;
  let key: Buffer = Buffer.from(`TC3${keys.secretKey}`);
  for (const step of [date, service, 'tc3_request']) key = createHmac('sha256', key).update(step).digest();
  const expected = createHmac('sha256', key)
    .update(`TC3-HMAC-SHA256\n${timestamp}\n${date}/${service}/tc3_request\n${digest(canonicalRequest)}`)
    .digest('hex');
  return expected === signature ? null : 'AuthFailure.SignatureFailure';
};
