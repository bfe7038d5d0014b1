import { createHash } from 'node:crypto';

/** A path without what changes from link to link: the base64 JSON token of `/getRecord/<key>/<token>/<file>`. */
const stablePath = (url: string): string =>
  url
    .replace(/^[a-z]+:\/\/[^/?#]*/i, '')
    .replace(/[?#].*$/s, '')
    .split('/')
    .filter((segment) => !segment.startsWith('eyJ'))
    .join('/');

/** Voicemails have no id of their own: the session and the file name them. Signatures and hosts do not count. */
export const voicemailId = (session: string, url: string): string =>
  `voicemail:${session}:${createHash('sha256').update(stablePath(url)).digest('hex').slice(0, 16)}`;
