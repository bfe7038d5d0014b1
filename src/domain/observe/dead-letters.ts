/** Dead letters as rows of the store, which holds text, and as the vendors' code knows them. */
import type { DeadLetter } from '../ports/vendor-context.ts';

const binary = 'base64,';

/** Text as it is; what is no text, or would be read as something else, in base64. */
export const storedLetter = ({ kind, reason, body }: DeadLetter): { reason: string; body: string } => {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  const isText = Buffer.from(text).equals(body) && !text.includes('\u0000') && !text.startsWith(binary);
  return { reason: `${kind}: ${reason}`, body: isText ? text : `${binary}${Buffer.from(body).toString('base64')}` };
};

/** The letter that a row holds, byte for byte. */
export const letterIn = ({ reason, body }: { reason: string; body: string }): DeadLetter => {
  const [, kind = '', words = reason] = /^([^:]*): (.*)$/s.exec(reason) ?? [];
  return { kind, reason: words, body: body.startsWith(binary) ? Buffer.from(body.slice(binary.length), 'base64') : Buffer.from(body) };
};
