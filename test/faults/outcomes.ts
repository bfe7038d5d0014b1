/** What every fault comes to, for every operation of every vendor: the one table of expected outcomes. */
import type { Fault } from '../support/fault-server.ts';
import type { Kind } from './vendors-under-test.ts';

export interface Outcome {
  /** A problem's code; OK where the operation succeeds all the same. */
  code: 'VENDOR_UNAVAILABLE' | 'VENDOR_TIMEOUT' | 'MEDIA_UNAVAILABLE' | 'OK';
  /** Whether the vendor surely saw nothing of it; false where that is not known. */
  notSent?: boolean;
  retryAfterSeconds?: number;
}

const unavailable: Outcome = { code: 'VENDOR_UNAVAILABLE' };
const late: Outcome = { code: 'VENDOR_TIMEOUT' };
const noAudio: Outcome = { code: 'MEDIA_UNAVAILABLE' };
const fine: Outcome = { code: 'OK' };

const alike = (outcome: Outcome): Record<Kind, readonly Outcome[]> => ({ read: [outcome], command: [outcome], media: [outcome] });

/** Several outcomes where each of them is right, such as for a body that is too large or too slow, whichever shows first. */
export const outcomes: Readonly<Record<Fault | 'unknown certificate' | 'no TLS' | 'unknown host', Record<Kind, readonly Outcome[]>>> = {
  refused: alike({ ...unavailable, notSent: true }),
  'reset before the answer': alike(unavailable),
  'reset mid-header': alike(unavailable),
  'reset mid-body': alike(unavailable),
  'end mid-body': alike(unavailable),
  stall: alike(late),
  'stall mid-body': alike(late),
  'trickle of a header': alike(late),
  'trickle of a body': { read: [late], command: [late], media: [late, noAudio] },
  'status 429': { ...alike({ ...unavailable, retryAfterSeconds: 7 }), media: [unavailable, noAudio] },
  'status 500': { ...alike(unavailable), media: [unavailable, noAudio] },
  'status 502 with a web page': { ...alike(unavailable), media: [unavailable, noAudio] },
  'half a JSON document': { ...alike(unavailable), media: [noAudio, unavailable] },
  'a web page': { ...alike(unavailable), media: [noAudio, unavailable] },
  'wrong types': { ...alike(unavailable), media: [noAudio, unavailable] },
  'a body of 50 MB': { read: [unavailable, late], command: [unavailable, late], media: [noAudio, unavailable, late] },
  'another protocol': alike(unavailable),
  'unknown certificate': alike({ ...unavailable, notSent: true }),
  'no TLS': alike({ ...unavailable, notSent: true }),
  'unknown host': alike({ ...unavailable, notSent: true }),
};

/** Where a vendor's document says otherwise. */
export const exceptions: Readonly<Record<string, Partial<Record<keyof typeof outcomes, Partial<Record<Kind, readonly Outcome[]>>>>>> = {
  // The Recording API's commands are answered by their status; what stands in the body says nothing.
  uptivity: { 'half a JSON document': { command: [fine] }, 'wrong types': { command: [fine] } },
};
