/** Which codes may come of each fault; null is success. */
import type { Fault } from './fault-server.ts';
import type { OperationKind } from './operations.ts';

type Code = string | null;
type Codes = Readonly<Record<OperationKind, readonly Code[]>>;

const all = (...codes: readonly Code[]): Codes => ({ read: codes, command: codes, media: codes });
/** Of a download, what is no audio is no fault of the connection. */
const orNoAudio = (...codes: readonly Code[]): Codes => ({ ...all(...codes), media: [...codes, 'MEDIA_UNAVAILABLE'] });
/** A command may be answered by its status alone. */
const unreadable: Codes = { ...orNoAudio('VENDOR_UNAVAILABLE'), command: ['VENDOR_UNAVAILABLE', null] };
const refused = ['VENDOR_REJECTED', 'NOT_FOUND', 'NOT_SIGNED_IN', 'FORBIDDEN', 'INVALID_INPUT', 'MEDIA_UNAVAILABLE'] as const;

export const faultCodes: Readonly<Record<Fault, Codes>> = {
  refused: all('VENDOR_UNAVAILABLE'),
  'reset before the answer': all('VENDOR_UNAVAILABLE'),
  'reset mid-header': all('VENDOR_UNAVAILABLE'),
  'reset mid-body': all('VENDOR_UNAVAILABLE'),
  'end mid-body': all('VENDOR_UNAVAILABLE'),
  stall: all('VENDOR_TIMEOUT'),
  'stall mid-body': all('VENDOR_TIMEOUT'),
  'trickle of a header': all('VENDOR_TIMEOUT'),
  'trickle of a body': orNoAudio('VENDOR_TIMEOUT'),
  // Where agents sign in, a read shows that they are signed out; a vendor that refuses within an answer of 200 has no such status.
  'status 401': { ...all(...refused, 'VENDOR_UNAVAILABLE'), read: [...refused, 'VENDOR_UNAVAILABLE', null] },
  'status 403': { ...all(...refused, 'VENDOR_UNAVAILABLE'), read: [...refused, 'VENDOR_UNAVAILABLE', null] },
  // The vendor's own word for "there is none" in places.
  'status 404': all(...refused, 'VENDOR_UNAVAILABLE', null),
  'status 429': orNoAudio('VENDOR_UNAVAILABLE'),
  'status 500': orNoAudio('VENDOR_UNAVAILABLE'),
  'status 502 with a web page': orNoAudio('VENDOR_UNAVAILABLE'),
  'half a JSON document': unreadable,
  'a web page': orNoAudio('VENDOR_UNAVAILABLE'),
  'wrong types': unreadable,
  'a body of 50 MB': orNoAudio('VENDOR_UNAVAILABLE', 'VENDOR_TIMEOUT'),
  'another protocol': all('VENDOR_UNAVAILABLE'),
};
