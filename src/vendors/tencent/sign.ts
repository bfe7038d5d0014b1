import { createHash, createHmac } from 'node:crypto';

interface Tc3Request {
  secretId: string;
  secretKey: string;
  /** The first label of the vendor's host names: `ccc` for the contact center, for any host of the endpoint. */
  service: string;
  /** Exactly as it is sent, with a port where the address names one. */
  host: string;
  contentType: string;
  body: string;
  epochSeconds: number;
}

const sha256 = (value: string): string => createHash('sha256').update(value).digest('hex');
const hmac = (key: string | Buffer, value: string): Buffer => createHmac('sha256', key).update(value).digest();

/** The `Authorization` header of a POST to `/` under TC3-HMAC-SHA256, the vendor's signature version 3. */
export const tc3Authorization = (request: Tc3Request): string => {
  const signedHeaders = 'content-type;host';
  const canonical = [
    'POST',
    '/',
    '',
    `content-type:${request.contentType}`,
    `host:${request.host}`,
    '',
    signedHeaders,
    sha256(request.body),
  ].join('\n');
  const date = new Date(request.epochSeconds * 1000).toISOString().slice(0, 10);
  const scope = `${date}/${request.service}/tc3_request`;
  const toSign = ['TC3-HMAC-SHA256', request.epochSeconds, scope, sha256(canonical)].join('\n');
  const key = hmac(hmac(hmac(`TC3${request.secretKey}`, date), request.service), 'tc3_request');
  const signature = hmac(key, toSign).toString('hex');
  return `TC3-HMAC-SHA256 Credential=${request.secretId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
};
