/** Identifies recordings by SessionId, EndpointUser and RecordId, as the vendor's page says; a RecordId alone is a time in seconds. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Recording, VendorState } from '../kit/index.ts';

/** An agent's external id: the e-mail, which the vendor spells in any case. */
export const agentIdOf = (mail: string): string => mail.trim().toLowerCase();

export interface RecordingIdentity {
  /** The external id of a track. `endpoint` is in it as a keyed digest, since it may be a customer's number. */
  track(session: string, recordId: string, endpoint: string | null): string;
  /** That of a voicemail, which has no id of its own: the session and the file name it. Signatures and hosts do not count. */
  voicemail(session: string, url: string): string;
}

/** Returns true if an endpoint is a phone number and nothing else. */
export const isNumber = (endpoint: string): boolean => /\d/.test(endpoint) && /^\+?[\d\s().\-/]+$/.test(endpoint.normalize('NFKC').trim());

/** Returns true if an endpoint is an agent's e-mail; an address with a scheme, such as `sip:`, may be a customer's. */
export const isMail = (endpoint: string): boolean => /^[^\s:@]+@[^\s:@]+$/.test(endpoint.normalize('NFKC').trim());

/**
 * A number without what may or may not stand before it: `0086`, `+86`, `86` and the trunk's zero, however short it is; anything else, such as an
 * e-mail or a name, without case.
 */
const normalisedEndpoint = (endpoint: string | null): string => {
  const text = (endpoint ?? '').normalize('NFKC').trim().toLowerCase();
  if (!isNumber(text)) return text;
  const digits = text.replaceAll(/\D/g, '');
  // The last digit stays, whatever stands before it.
  return digits.slice(0, -1).replace(/^(?:0|86)+/, '') + digits.slice(-1);
};

export const sameEndpoint = (left: string | null, right: string | null): boolean =>
  left !== null && right !== null && normalisedEndpoint(left) === normalisedEndpoint(right);

/**
 * Returns the part of a link that stays the same from link to link: the file's name. A name that says little (`1.mp3`) is distinguished by its folders, except
 * under `/getRecord/<key>/<token>/`, which change with every link.
 */
const stablePart = (url: string): string => {
  const path = url.replace(/^[a-z]+:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
  const file = path.slice(path.lastIndexOf('/') + 1);
  const distinctive = /^[\w-]{10,}\.\w+$/.test(file) && /\d/.test(file);
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
    const key = await state.update(keyName, (stored) => (typeof stored === 'string' ? stored : randomBytes(32).toString('hex')));
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

/** The id that an agent of earlier versions has now; null where a SIP address was taken for one. */
export const currentAgentId = (externalId: string): string | null => (/^(?:sips?|tel):/i.test(externalId) ? null : agentIdOf(externalId));

/**
 * The row of a recording that earlier versions stored under its RecordId alone, with an endpoint read otherwise, or with its agent's e-mail as the
 * vendor spelled it; null where it is as this version would store it. Of two endpoints that were read as one, the last is known.
 */
export const currentRow = (recording: Recording, identity: RecordingIdentity): Recording | null => {
  const { externalId, call, endpoint, vendorId } = recording;
  const agent = recording.agent === null ? null : currentAgentId(recording.agent);
  const side = { agent, ...(recording.agent !== null && agent === null ? { party: 'UNKNOWN' as const } : {}) };
  const hasOwnId = call !== null && externalId.startsWith(`${call}/`);
  const recordId = hasOwnId ? (vendorId ?? null) : externalId;
  if (
    recording.kind === 'VOICEMAIL' ||
    call === null ||
    recordId === null ||
    externalId === identity.track(call, recordId, endpoint ?? agent)
  ) {
    return agent === recording.agent ? null : { ...recording, ...side };
  }
  const track = identity.track(call, recordId, endpoint ?? agent);
  return { ...recording, ...side, externalId: track, vendorId: recordId, formerId: externalId };
};
