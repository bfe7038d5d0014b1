/** Lists the outcome of every fault, for every operation of every vendor: the one table of expected outcomes. */
import type { Fault, RejectingStatus } from '../../src/vendors/kit/testing/fault-server.ts';
import type { OperationKind as Kind } from '../../src/vendors/kit/testing/index.ts';

export interface Outcome {
  /** A problem's code; OK where the operation succeeds all the same. */
  code: 'VENDOR_UNAVAILABLE' | 'VENDOR_TIMEOUT' | 'VENDOR_REJECTED' | 'MEDIA_UNAVAILABLE' | 'OK';
  /** True where the vendor surely received nothing; false where that is not known. */
  notSent?: boolean;
  retryAfterSeconds?: number;
  /** Matches the problem's message. */
  says?: RegExp;
}

type Condition =
  | Exclude<Fault, RejectingStatus>
  | 'unknown certificate'
  | 'expired certificate'
  | 'certificate of another host'
  | 'no TLS'
  | 'unknown host'
  | 'a restart while it answers'
  | 'stale connections';

const unavailable: Outcome = { code: 'VENDOR_UNAVAILABLE' };
const late: Outcome = { code: 'VENDOR_TIMEOUT' };
const noAudio: Outcome = { code: 'MEDIA_UNAVAILABLE' };
const fine: Outcome = { code: 'OK' };

const alike = (outcome: Outcome): Record<Kind, readonly Outcome[]> => ({ read: [outcome], command: [outcome], media: [outcome] });

/** Several outcomes where each of them is right, such as for a body that is too large or too slow, whichever shows first. */
export const outcomes: Readonly<Record<Condition, Record<Kind, readonly Outcome[]>>> = {
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
  'unknown certificate': alike({ ...unavailable, notSent: true, says: /its certificate is (self-signed|of an unknown CA)/ }),
  'expired certificate': alike({ ...unavailable, notSent: true, says: /its certificate has expired/ }),
  'certificate of another host': alike({ ...unavailable, notSent: true, says: /its certificate is for another host/ }),
  'no TLS': alike({ ...unavailable, notSent: true, says: /does not speak TLS/ }),
  'unknown host': alike({ ...unavailable, notSent: true, says: /its host name/ }),
  'a restart while it answers': { read: [unavailable], command: [{ ...unavailable, notSent: false }], media: [unavailable] },
  // A read is sent again at once; the outcome of a command is unknown.
  'stale connections': { read: [fine], command: [fine, { ...unavailable, notSent: false }], media: [fine] },
};

/** Where a vendor's document says otherwise. */
export const exceptions: Readonly<Record<string, Partial<Record<keyof typeof outcomes, Partial<Record<Kind, readonly Outcome[]>>>>>> = {
  // The Recording API's commands are answered by their status; what stands in the body says nothing.
  uptivity: { 'half a JSON document': { command: [fine] }, 'wrong types': { command: [fine] } },
  // A sign-in looks first; where even that could not be repeated, nothing was commanded.
  huawei: {
    'a restart while it answers': {
      command: [
        { ...unavailable, notSent: true, says: /getAgentStatus/ },
        { ...unavailable, notSent: false },
      ],
    },
  },
};

const signedTooFarOff: Outcome = { code: 'VENDOR_REJECTED', notSent: false, says: /correct the clock of this machine/ };

/** Lists the outcomes that clocks hours apart may have; every other operation answers as ever. */
export const clocksApart: Readonly<Record<string, Partial<Record<Kind, readonly Outcome[]>>>> = {
  // Signatures are good for five minutes. The first answer tells how far the clocks differ; what is signed after it is signed by the vendor's.
  tencent: { read: [signedTooFarOff, fine], media: [signedTooFarOff, fine, noAudio] },
};
