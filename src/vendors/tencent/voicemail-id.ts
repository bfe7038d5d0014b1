import { createHash } from 'node:crypto';

/**
 * What stays the same from link to link: the file's name. A name that says little (`1.mp3`) is told apart by its folders, except
 * under `/getRecord/<key>/<token>/`, which change with every link.
 */
const stablePart = (url: string): string => {
  const path = url.replace(/^[a-z]+:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
  const file = path.slice(path.lastIndexOf('/') + 1);
  const distinctive = /^(?=.*\d)[\w-]{10,}\.\w+$/.test(file);
  return distinctive || path.includes('/getRecord/') ? file : path;
};

/** Voicemails have no id of their own: the session and the file name them. Signatures and hosts do not count. */
export const voicemailId = (session: string, url: string): string =>
  `voicemail:${session}:${createHash('sha256').update(stablePart(url)).digest('hex').slice(0, 16)}`;
