/** What tells recordings apart: the vendor's page says SessionId, EndpointUser and RecordId; a RecordId alone is a time in seconds. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Recording, VendorState } from '../kit/index.ts';

/** An agent's external id: the e-mail, which the vendor spells in any case. */
export const agentIdOf = (mail: string): string => mail.trim().toLowerCase();

export interface RecordingIdentity {
  /** The external id of a track. `endpoint` stands in it as a keyed digest, since it may be a customer's number. */
  track(session: string, recordId: string, endpoint: string | null): string;
  /** That of a voicemail, which has no id of its own: the session and the file name it. Signatures and hosts do not count. */
  voicemail(session: string, url: string): string;
}

/** An e-mail without case; a number without what may or may not stand before it: `0086`, `+86`, and the trunk's zero. */
export const normalisedEndpoint = (endpoint: string | null): string => {
  const text = (endpoint ?? '').normalize('NFKC').trim().toLowerCase();
  if (text.includes('@')) return text;
  const digits = text.replace(/\D/g, '');
  if (digits === '') return text;
  const international = digits.replace(/^00/, '');
  return (international.length >= 12 ? international.replace(/^86/, '') : international).replace(/^0+/, '');
};

export const sameEndpoint = (left: string | null, right: string | null): boolean =>
  left !== null && right !== null && normalisedEndpoint(left) === normalisedEndpoint(right);

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

export const createIdentity = (key: string): RecordingIdentity => ({
  track: (session, recordId, endpoint) => {
    const digest = createHmac('sha256', key).update(normalisedEndpoint(endpoint)).digest('base64url').slice(0, 22);
    return `${session}/${recordId}/${digest}`;
  },
  voicemail: (session, url) => `voicemail:${session}:${createHash('sha256').update(stablePart(url)).digest('hex').slice(0, 16)}`,
});

const keyName = 'endpointKey';

/** The identity under the source's own key, which is made once and kept in the store, for all servers and restarts. */
export const openIdentity = (state: VendorState): (() => Promise<RecordingIdentity>) => {
  let opening: Promise<RecordingIdentity> | null = null;
  const open = async (): Promise<RecordingIdentity> => {
    let key = '';
    await state.update(keyName, (stored) => {
      key = typeof stored === 'string' ? stored : randomBytes(32).toString('hex');
      return key;
    });
    return createIdentity(key);
  };
  return () => {
    opening ??= open().catch((error: unknown) => {
      opening = null;
      throw error;
    });
    return opening;
  };
};

/**
 * The row of a recording that earlier versions stored under its RecordId alone, or with its agent's e-mail as the vendor spelled it; null where it
 * is as this version would store it.
 */
export const currentRow = (recording: Recording, identity: RecordingIdentity): Recording | null => {
  const { externalId, call, endpoint } = recording;
  const agent = recording.agent === null ? null : agentIdOf(recording.agent);
  const hasOwnId = recording.kind === 'VOICEMAIL' || call === null || externalId.startsWith(`${call}/`);
  if (hasOwnId) return agent === recording.agent ? null : { ...recording, agent };
  const track = identity.track(call, externalId, endpoint ?? agent);
  return { ...recording, agent, externalId: track, vendorId: externalId, formerId: externalId };
};
